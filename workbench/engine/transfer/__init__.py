"""A trained network used again: its blocks, what is frozen of them, the proof, cached features, plan, comparison."""
