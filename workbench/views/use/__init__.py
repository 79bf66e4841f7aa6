"""The page of use: pictures for a trained network, and how good it is on labelled data."""
