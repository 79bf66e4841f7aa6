"""The dialog that evaluates saved weights, and its parts."""
