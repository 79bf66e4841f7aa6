"""The two plots of the gradient noise against the batch size, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import grouped, short
from workbench.engine.experiments.gradient_noise import NoiseAtSize
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.widgets.qt_workarounds import adopt_plot

_LINE: Final = "slope −1/2"


class _SizePlot(pg.PlotWidget):
    """Draws every draw as a faint point and ``middle`` of each size as a curve; x is log10 of the batch size."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        plot = pg.PlotItem(enableMenu=False)
        super().__init__(parent, plotItem=plot)
        plot.hideButtons()
        adopt_plot(plot, self)
        plot.setMouseEnabled(False, False)
        self.setAccessibleName(name)
        self._colours, self._scale = LIGHT, 1.0
        self._sizes: Sequence[NoiseAtSize] = ()
        self.draws, self.curve, self.line = pg.ScatterPlotItem(), pg.PlotDataItem(), pg.PlotDataItem()
        for item in (self.draws, self.line, self.curve):
            plot.addItem(item)
        self._draw()

    def set_colours(self, colours: PlotColours, scale: float) -> None:
        """Set colours and a factor for pens."""
        self._colours, self._scale = colours, scale
        self._draw()

    def show_sizes(self, sizes: Sequence[NoiseAtSize]) -> None:
        """Show what is measured so far."""
        if list(sizes) != list(self._sizes):
            self._sizes = tuple(sizes)
            self._draw()

    def _draw(self) -> None:
        colours = self._colours
        self.setBackground(colours.background)
        for name in ("bottom", "left"):
            axis = self.getAxis(name)
            axis.setPen(colours.muted)
            axis.setTextPen(colours.muted)
            axis.setStyle(tickFont=self.font())
            axis.enableAutoSIPrefix(False)
        size = f"{short(self.font().pointSizeF())}pt"
        self.getAxis("bottom").setLabel("batch size", color=colours.muted, **{"font-size": size})
        ticks = [(np.log10(each.size), grouped(each.size)) for each in self._sizes]
        self.getAxis("bottom").setTicks([ticks[::2], ticks[1::2]] if len(ticks) > 7 else [ticks])
        self._draw_values()

    def _draw_values(self) -> None:
        faint = pg.mkColor(self._colours.train)
        faint.setAlphaF(self._colours.faint)
        points = [(np.log10(each.size), y) for each in self._sizes for y in self._each(each) if np.isfinite(y)]
        self.draws.setData(pos=points, pen=None, brush=faint, size=4 * self._scale)
        x = np.array([np.log10(each.size) for each in self._sizes])
        y = np.array([self._middle(each) for each in self._sizes])
        self.curve.setData(x, y, pen=pg.mkPen(self._colours.train, width=2 * self._scale))
        if len(points):
            low, high = self._limits(np.array([y for _, y in points]))
            self.setRange(xRange=(0.0, max(x[-1], 0.3)), yRange=(low, high), padding=0.04)

    def _each(self, at: NoiseAtSize) -> Sequence[float]:
        raise NotImplementedError

    def _middle(self, at: NoiseAtSize) -> float:
        raise NotImplementedError

    def _limits(self, values: np.ndarray) -> tuple[float, float]:
        raise NotImplementedError


class NoisePlot(_SizePlot):
    """Relative noise on a logarithmic axis, with a line of slope −1/2."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._unit: float | None = None
        self.label = pg.TextItem(_LINE, anchor=(1, 1))
        super().__init__("Relative noise against batch size", parent)
        self.plotItem.addItem(self.label)

    def show_unit(self, unit: float | None) -> None:
        """Draw unit / √B as a line; None: none."""
        if unit != self._unit:
            self._unit = unit
            self._draw()

    def _draw_values(self) -> None:
        super()._draw_values()
        pen = pg.mkPen(self._colours.val, width=1.5 * self._scale, style=Qt.PenStyle.DashLine)
        if self._unit is None or not self._unit > 0 or not self._sizes:
            self.line.setData([], [])
            self.label.setText("")
            return
        end = np.log10(self._sizes[-1].size)
        start = np.log10(self._unit)
        self.line.setData([0.0, end], [start, start - end / 2], pen=pen)
        self.label.setText(_LINE, self._colours.val_text)
        self.label.setFont(self.font())
        self.label.setPos(end, start - end / 2 + 0.1)
        low, high = (f(y for each in self._sizes for y in self._each(each)) for f in (min, max))
        marks = [(k, short(10.0**k)) for k in range(int(np.floor(low)), int(np.ceil(high)) + 1)]
        between = [(k + np.log10(m), short(m * 10.0**k)) for k, _ in marks for m in (2, 5)]
        self.getAxis("left").setTicks([marks + between])

    def _each(self, at: NoiseAtSize) -> Sequence[float]:
        return [float(np.log10(noise)) if noise > 0 else -9.0 for noise in at.noises]

    def _middle(self, at: NoiseAtSize) -> float:
        return float(np.log10(at.noise)) if at.noise > 0 else -9.0

    def _limits(self, values: np.ndarray) -> tuple[float, float]:
        return float(values.min()), float(values.max())


class CosinePlot(_SizePlot):
    """The cosine, up to 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Cosine against batch size", parent)

    def _each(self, at: NoiseAtSize) -> Sequence[float]:
        return at.cosines

    def _middle(self, at: NoiseAtSize) -> float:
        return at.cosine

    def _limits(self, values: np.ndarray) -> tuple[float, float]:
        return min(0.0, float(values.min())), 1.0
