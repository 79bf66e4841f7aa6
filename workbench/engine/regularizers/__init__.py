"""Regularizers: one class in one file of this folder each."""

from workbench.engine.regularizers.base import Place, Regularizer

__all__ = ["Place", "Regularizer"]
