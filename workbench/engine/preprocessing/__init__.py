"""Preprocessing: one class in one file of this folder each."""

from workbench.engine.preprocessing.base import Preprocessing, Standardizer

__all__ = ["Preprocessing", "Standardizer"]
