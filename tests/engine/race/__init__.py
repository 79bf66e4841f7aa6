"""Races of real networks."""
