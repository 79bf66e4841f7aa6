"""Saved weights, in the background: found, described, evaluated."""
