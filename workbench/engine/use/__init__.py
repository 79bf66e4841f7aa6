"""A trained network in use: what it predicts of pictures, from files, from memory and for a table."""
