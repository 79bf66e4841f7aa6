"""Activations: one class in one file of this folder each."""

from workbench.engine.catalog.activations.base import Activation

__all__ = ["Activation"]
