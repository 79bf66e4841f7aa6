"""Data sources: one class in one file of this folder each."""

from workbench.engine.datasets.base import Dataset, DataSource

__all__ = ["DataSource", "Dataset"]
