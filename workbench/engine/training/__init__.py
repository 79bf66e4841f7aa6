"""The parts of a run that the loop in train.py calls."""
