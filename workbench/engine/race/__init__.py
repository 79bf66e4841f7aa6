"""Races: settings trained from the same weights on the same batches, one step of each in turn, as separate runs."""
