"""Regularizers: one class in one file of this folder each."""

from workbench.engine.catalog.regularizers.base import Regularizer

__all__ = ["Regularizer"]
