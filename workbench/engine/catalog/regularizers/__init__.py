"""Regularizers: one class in one file of this folder each."""

from workbench.engine.catalog.regularizers.base import Place, Regularizer

__all__ = ["Place", "Regularizer"]
