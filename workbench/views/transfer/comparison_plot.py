"""The arms of a comparison as curves: validation accuracy against epochs, faint for a draw, strong for the mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from workbench.engine.core.text import for_file, grouped
from workbench.engine.experiments.transfer_comparison import ARMS, TITLES, Arm, WorthPoint
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.widgets.qt_workarounds import adopt_plot

#: Each arm has its own colour and its own dash.
_COLOURS: Final[dict[Arm, str]] = {
    "scratch": "mean",
    "random_frozen": "gap",
    "head_only": "train",
    "chosen": "val",
}
_DASHES: Final[dict[Arm, Qt.PenStyle]] = {
    "scratch": Qt.PenStyle.DotLine,
    "random_frozen": Qt.PenStyle.DashDotLine,
    "head_only": Qt.PenStyle.DashLine,
    "chosen": Qt.PenStyle.SolidLine,
}
#: Labels at the ends of the curves keep this share of the height between them.
_APART: Final = 0.075


class ComparisonPlot(pg.PlotWidget):
    """``show_points`` draws the accuracies for one number of examples per class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        plot = pg.PlotItem(enableMenu=False)
        super().__init__(parent, plotItem=plot)
        plot.hideButtons()
        adopt_plot(plot, self)
        plot.setMouseEnabled(False, False)
        self._colours, self._scale = LIGHT, 1.0
        self._points: list[WorthPoint] = []
        self._shots = 0
        self._items: list[Any] = []
        self._draw()

    def set_colours(self, colours: PlotColours, scale: float) -> None:
        """Light or dark, and the size for the lecture hall."""
        self._colours, self._scale = colours, scale
        self._draw()

    def show_points(self, points: Sequence[WorthPoint], shots: int) -> None:
        """The evaluations with ``shots`` examples per class."""
        self._points = [point for point in points if point.shots == shots]
        self._shots = shots
        self.setAccessibleName(f"Validation accuracy with {shots} examples per class")
        self._draw()

    @property
    def labels(self) -> list[str]:
        """The labels at the ends of the curves."""
        return [item.toPlainText() for item in self._items if isinstance(item, pg.TextItem)]

    def _draw(self) -> None:
        colours, font = self._colours, QApplication.font()
        self.setBackground(colours.background)
        for name, words in (("bottom", "epoch"), ("left", "validation accuracy, %")):
            axis = self.getAxis(name)
            axis.setPen(colours.muted)
            axis.setTextPen(colours.muted)
            axis.setStyle(tickFont=font, hideOverlappingLabels=False)  # the first and the last tick too
            axis.setLabel(words, color=colours.muted, **{"font-size": f"{for_file(font.pointSizeF(), 6)}pt"})
        for item in self._items:
            self.removeItem(item)
        self._items = []
        ends = [end for arm in ARMS if (end := self._draw_arm(arm)) is not None]
        last = max((point.epochs_done for point in self._points), default=1)
        low = min((100 * point.val for point in self._points), default=0.0)
        low = max(0.0, low - 5.0)
        self.setRange(xRange=(0, last * 1.32), yRange=(low, 102.0), padding=0.0)
        self._label(ends, last, 102.0 - low)

    def _draw_arm(self, arm: Arm) -> tuple[Arm, float, float] | None:
        """Draw one arm; returns it with the end of its mean curve."""
        draws: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for point in self._points:
            if point.arm == arm:
                draws[point.draw].append((point.epochs_done, 100 * point.val))
        if not draws:
            return None
        colour = getattr(self._colours, _COLOURS[arm])
        faint = pg.mkColor(colour)
        faint.setAlphaF(self._colours.faint)
        for curve in draws.values() if len(draws) > 1 else ():
            self._curve(curve, pg.mkPen(faint, width=self._scale))
        mean = _mean(list(draws.values()))
        self._curve(mean, pg.mkPen(colour, width=2 * self._scale, style=_DASHES[arm]))
        return arm, *mean[-1]

    def _curve(self, points: Sequence[tuple[int, float]], pen: Any) -> None:
        xy = np.array(points, dtype=float)
        item = pg.PlotDataItem(xy[:, 0], xy[:, 1], pen=pen)
        self.addItem(item)
        self._items.append(item)

    def _label(self, ends: list[tuple[Arm, float, float]], last: int, height: float) -> None:
        """Names and last values, pushed apart where the curves end close together."""
        y = float("inf")
        for arm, _x, value in sorted(ends, key=lambda end: -end[2]):
            y = min(value, y - _APART * height * self._scale)
            colour = self._colours.text_of(_COLOURS[arm])
            item = pg.TextItem(f"{TITLES[arm]} {grouped(value, 1)}", color=colour, anchor=(0, 0.5))
            item.setFont(QApplication.font())
            item.setPos(last * 1.01, y)
            self.addItem(item)
            self._items.append(item)


def _mean(curves: list[list[tuple[int, float]]]) -> list[tuple[int, float]]:
    """The mean over the draws at the epochs that all of them have; of one that has just begun nothing is used yet."""
    longest = max(len(curve) for curve in curves)
    whole = [dict(curve) for curve in curves if len(curve) == longest]
    return [(epoch, sum(curve[epoch] for curve in whole) / len(whole)) for epoch in sorted(whole[0])]
