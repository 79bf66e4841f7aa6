"""Maps over a picture, and what else is seen inside a network."""
