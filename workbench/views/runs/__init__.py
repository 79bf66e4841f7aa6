"""The page of all runs: their table, an opened run, and their comparison."""
