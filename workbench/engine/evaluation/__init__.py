"""Evaluation of saved weights: of files and of finished runs, one by one and as the average of their predictions."""
