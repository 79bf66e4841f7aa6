"""Optimizers of the catalog on surfaces with two coordinates: their paths, and what is measured on them."""
