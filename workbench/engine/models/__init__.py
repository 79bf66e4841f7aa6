"""Models: one class in one file of this folder each."""

from workbench.engine.models.base import LayersAfter, Model, initialize

__all__ = ["LayersAfter", "Model", "initialize"]
