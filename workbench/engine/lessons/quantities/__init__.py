"""Quantities that lessons measure: one class a quantity, found like the members of the catalog."""

from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

__all__ = ["Measuring", "Quantity", "Stage"]
