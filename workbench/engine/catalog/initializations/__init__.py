"""Weight initializations: one class in one file of this folder each."""

from workbench.engine.catalog.initializations.base import Initialization

__all__ = ["Initialization"]
