"""Races: several settings from the same weights on the same batches, a step each in turn, each a run of its own."""
