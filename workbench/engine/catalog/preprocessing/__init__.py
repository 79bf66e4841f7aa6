"""Preprocessing: one class in one file of this folder each."""

from workbench.engine.catalog.preprocessing.base import Preprocessing, Standardizer

__all__ = ["Preprocessing", "Standardizer"]
