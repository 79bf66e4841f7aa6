"""Models: one class in one file of this folder each."""

from workbench.engine.catalog.models.base import Model, initialize

__all__ = ["Model", "initialize"]
