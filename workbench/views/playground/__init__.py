"""The page on which optimizers race on surfaces: its picture, its settings, its numbers."""
