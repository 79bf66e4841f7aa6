"""The lessons' page: a scene of the lecture on its stage, its controls, and the number that is measured of it."""
