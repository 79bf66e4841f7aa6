"""Ensembles: one class in one file of this folder each."""

from workbench.engine.ensembles.base import Ensemble

__all__ = ["Ensemble"]
