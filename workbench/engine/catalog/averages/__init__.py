"""Averages of the weights: one class in one file of this folder each."""

from workbench.engine.catalog.averages.base import Average

__all__ = ["Average"]
