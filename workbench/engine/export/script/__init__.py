"""A training run as a script of its own: the functions that ran, taken out of this program with all that they need."""
