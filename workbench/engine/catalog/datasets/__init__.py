"""Data sources: one class in one file of this folder each."""

from workbench.engine.catalog.datasets.base import Dataset, DataSource

__all__ = ["DataSource", "Dataset"]
