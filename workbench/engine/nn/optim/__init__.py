"""Torch optimizers for rules that torch has in another form or not at all. Imported by ``torch_class`` only."""
