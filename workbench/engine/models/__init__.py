"""Models: one class in one file of this folder each."""

from workbench.engine.models.base import Model, initialize

__all__ = ["Model", "initialize"]
