"""Sanity checks of settings before a long run: one check one file."""
