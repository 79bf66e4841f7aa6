"""Work on top of runs: learning-rate finder, averaged runs, measured weight files, transfer comparison."""
