"""Layers, losses and optimizers that torch lacks or has in another form."""
