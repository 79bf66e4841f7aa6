"""Activations: one class in one file of this folder each."""

from workbench.engine.activations.base import Activation

__all__ = ["Activation"]
