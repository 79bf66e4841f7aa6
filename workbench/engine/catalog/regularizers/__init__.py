"""Regularizers: one class in one file of this folder each."""

from workbench.engine.catalog.regularizers.base import LayerKind, Regularizer

__all__ = ["LayerKind", "Regularizer"]
