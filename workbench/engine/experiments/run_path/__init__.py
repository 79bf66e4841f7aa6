"""The path of a run through the space of its weights: its own two main directions, and the loss around it."""
