"""A run on one page: what it reached, its curves, its settings, its data."""
