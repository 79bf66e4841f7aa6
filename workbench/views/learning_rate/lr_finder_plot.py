"""The plot of loss against learning rate, with the suggestions as lines; a click chooses a rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import power_of_ten, short
from workbench.engine.experiments.lr_finder import Proposal, Tried
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.widgets.qt_workarounds import adopt_plot

#: A click within this many pixels of a suggestion chooses the suggestion.
NEAR = 8.0
#: Vertical distance of labels as a fraction of the height, so that labels of near suggestions do not overlap.
LABELS_APART = 0.06
#: Space for the labels above the curve, as a fraction of its height.
LABELS_ROOM = 0.42
_PENS = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


class LrFinderPlot(pg.PlotWidget):
    """Emits ``chosen`` with the rate that was clicked."""

    chosen = Signal(float)
    pointed = Signal(object)  #: the rate under the mouse, None outside the curve

    def __init__(self, parent: QWidget | None = None) -> None:
        bottom = pg.AxisItem("bottom")
        plot = pg.PlotItem(axisItems={"bottom": bottom}, enableMenu=False)
        super().__init__(parent, plotItem=plot)
        bottom.setLogMode(x=True)
        # Of an axis made by a class of its own pyqtgraph leaves parts behind when the plot is closed.
        bottom.logTickStrings = _powers
        bottom.enableAutoSIPrefix(False)
        plot.hideButtons()
        adopt_plot(plot, self)
        plot.setMouseEnabled(False, False)
        self.setAccessibleName("Loss against learning rate")
        self._colours, self._scale = LIGHT, 1.0
        self._points: list[Tried] = []
        self._proposals: tuple[Proposal, ...] = ()
        self._present: float | None = None
        self._raw, self._smooth = pg.PlotDataItem(), pg.PlotDataItem()
        self._lines: list[pg.InfiniteLine] = []
        plot.addItem(self._raw)
        plot.addItem(self._smooth)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self._draw()

    # --- What is shown

    def set_colours(self, colours: PlotColours, scale: float) -> None:
        """Set colours and a factor for pens."""
        self._colours, self._scale = colours, scale
        self._draw()

    def show_points(self, points: Sequence[Tried]) -> None:
        """Show the points of the sweep so far."""
        self._points = list(points)
        self._draw_curves()

    def show_proposals(self, proposals: tuple[Proposal, ...]) -> None:
        """Show the suggestions as lines with their names."""
        self._proposals = proposals
        self._draw_lines()

    def show_present(self, rate: float | None) -> None:
        """Show the present learning rate."""
        self._present = rate
        self._draw_lines()

    @property
    def labels(self) -> list[str]:
        """The labels of the lines."""
        return [line.label.format for line in self._lines]

    # --- Drawing

    def _draw(self) -> None:
        colours = self._colours
        self.setBackground(colours.background)
        for name, words in (("bottom", "learning rate"), ("left", "loss of the batch")):
            axis = self.getAxis(name)
            axis.setPen(colours.muted)
            axis.setTextPen(colours.muted)
            axis.setStyle(tickFont=self.font(), hideOverlappingLabels=False)  # the first and the last tick too
            axis.setLabel(words, color=colours.muted, **{"font-size": f"{short(self.font().pointSizeF())}pt"})
        self._draw_curves()
        self._draw_lines()

    def _draw_curves(self) -> None:
        points = self._points
        x = np.log10([each.rate for each in points]) if points else np.empty(0)
        smooth = np.array([each.smoothed for each in points])
        faint = pg.mkColor(self._colours.train)
        faint.setAlphaF(self._colours.faint)
        self._raw.setData(x, np.array([each.loss for each in points]), pen=pg.mkPen(faint, width=self._scale))
        self._smooth.setData(x, smooth, pen=pg.mkPen(self._colours.train, width=2 * self._scale))
        if len(points) > 1:
            # A single batch far above the others would flatten the curve; it may leave the plot.
            room = 0.08 * (smooth.max() - smooth.min()) or 0.1
            top = smooth.max() + LABELS_ROOM * (smooth.max() - smooth.min()) + room
            low = min(smooth.min(), min(each.loss for each in points))
            self.setRange(xRange=(x[0], x[-1]), yRange=(low - room, top), padding=0.02)

    def _draw_lines(self) -> None:
        for line in self._lines:
            self.removeItem(line)
        self._lines = []
        if not self._points:
            return
        shown = sorted(self._proposals, key=lambda each: each.rate)
        for number, each in enumerate(shown):
            pen = pg.mkPen(self._colours.val, width=1.5 * self._scale, style=_PENS[number % len(_PENS)])
            self._add_line(each.rate, f"{each.name} {short(each.rate, 2)}", pen, self._colours.val_text, number)
        if self._present is not None and self._points[0].rate <= self._present <= self._points[-1].rate:
            pen = pg.mkPen(self._colours.muted, width=self._scale)
            self._add_line(self._present, f"now {short(self._present, 3)}", pen, self._colours.muted, len(shown))

    def _add_line(self, rate: float, words: str, pen: Any, colour: str, number: int) -> None:
        options = {"position": 0.97 - LABELS_APART * number, "color": colour, "fill": self._colours.background}
        line = pg.InfiniteLine(math.log10(rate), angle=90, pen=pen, label=words, labelOpts=options)
        line.label.setFont(self.font())
        line.label.setAnchor((0, 0.5))
        self.addItem(line)
        self._lines.append(line)

    # --- The mouse

    def rate_at(self, place: QPointF) -> float | None:
        """The rate at a position in the scene: that of a suggestion if one is near; None outside the curve."""
        if not self._points or not self.getViewBox().sceneBoundingRect().contains(place):
            return None
        box = self.getViewBox()
        for each in self._proposals:
            x = box.mapViewToScene(QPointF(math.log10(each.rate), 0.0)).x()
            if abs(x - place.x()) <= NEAR * self._scale:
                return each.rate
        rate = float(10.0 ** box.mapSceneToView(place).x())
        return rate if self._points[0].rate <= rate <= self._points[-1].rate else None

    @Slot(object)
    def _on_clicked(self, event: Any) -> None:
        rate = self.rate_at(event.scenePos()) if event.button() == Qt.MouseButton.LeftButton else None
        if rate is not None:
            self.chosen.emit(rate)

    @Slot(object)
    def _on_moved(self, place: QPointF) -> None:
        self.pointed.emit(self.rate_at(place))


def _powers(values: Sequence[float], scale: float, spacing: float) -> list[str]:
    """``10⁻⁴``, ``2·10⁻⁴``: the same notation for all ticks. ``values`` are log10."""
    return [power_of_ten(10.0**value * scale) for value in values]
