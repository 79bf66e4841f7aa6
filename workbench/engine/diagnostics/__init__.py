"""Diagnostics of a network in training: layers, single weights, one forward pass, decision regions."""
