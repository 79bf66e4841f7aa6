"""The plot area of a subplot and its three axes."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtWidgets import QGraphicsGridLayout, QGraphicsItem, QSizePolicy

_BEHIND = QGraphicsItem.GraphicsItemFlag.ItemNegativeZStacksBehindParent


class PlotArea(pg.GraphicsWidget):
    """What ``pg.PlotItem`` is without its form of fifty widgets, its title, button and fourth axis, which nobody sees.

    They took more than half of the time in which a plot is made, and the window makes six before it is shown.
    """

    def __init__(self, box: pg.ViewBox, left: pg.AxisItem, bottom: pg.AxisItem, right: pg.AxisItem) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._box, self._axes = box, (left, bottom, right)
        self._grid = QGraphicsGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self.setLayout(self._grid)
        self._grid.addItem(box, 0, 1)
        for axis, row, column in zip(self._axes, (0, 1, 0), (0, 1, 2), strict=True):
            axis.linkToView(box)
            self._grid.addItem(axis, row, column)
            axis.setZValue(0.5)  # above the images of curves
            axis.setFlag(_BEHIND)
        self._grid.setRowStretchFactor(0, 100)
        self._grid.setColumnStretchFactor(1, 100)

    def settle(self) -> None:
        """Lay out the axes now; Qt would do it later."""
        self._grid.activate()

    def take_apart(self) -> None:
        """Remove all from the scene: if Qt cleared the scene itself, PySide would delete widgets twice."""
        for axis in self._axes:
            axis.close()
        self.scene().removeItem(self._box)
