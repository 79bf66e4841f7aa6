"""Several processes, one run: the processes, what they tell each other, and their gradients added up."""
