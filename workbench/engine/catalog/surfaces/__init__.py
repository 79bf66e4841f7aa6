"""Surfaces with two coordinates for the playground: one class in one file of this folder each."""

from workbench.engine.catalog.surfaces.base import Array, Surface, View

__all__ = ["Array", "Surface", "View"]
