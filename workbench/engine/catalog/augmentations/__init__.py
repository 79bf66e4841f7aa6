"""Augmentations: one class in one file of this folder each."""

from workbench.engine.catalog.augmentations.base import Augmentation, Mixing

__all__ = ["Augmentation", "Mixing"]
