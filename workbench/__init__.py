"""Training Workbench: watch and steer a real neural network while it learns."""

__version__ = "0.1.0"
