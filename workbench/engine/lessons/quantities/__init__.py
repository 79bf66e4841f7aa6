"""Quantities that lessons measure: one class a quantity, found like the members of the catalog."""

from workbench.engine.lessons.quantities.base import Measuring, NamedSpec, Quantity, Stage

__all__ = ["Measuring", "NamedSpec", "Quantity", "Stage"]
