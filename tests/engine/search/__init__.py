"""Searches of small networks."""
