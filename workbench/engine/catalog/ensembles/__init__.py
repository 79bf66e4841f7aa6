"""Ensembles: one class in one file of this folder each."""

from workbench.engine.catalog.ensembles.base import Ensemble

__all__ = ["Ensemble"]
