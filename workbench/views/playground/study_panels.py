"""Fair rates, random restarts, and how rare minima are: each with its drawing."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QPushButton, QSlider

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.playground.studies import DRAWS
from workbench.engine.catalog.surfaces import Surface
from workbench.engine.core.text import grouped, short
from workbench.engine.playground.random_matrices import KNOWN, MOST_DIMENSIONS
from workbench.engine.playground.spec import racer_names
from workbench.views.playground.chart import Chart, scaled
from workbench.views.playground.racer_style import is_dark, racer_style
from workbench.views.playground.study_panel import StudyPanel
from workbench.views.widgets.basics import Words, plain_tip
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

_RATES_HELP: Final = (
    "Race each optimizer at 28 learning rates on this surface from this start, and take the one that arrives with the "
    "fewest updates. A fair comparison gives each its best rate."
)
_RESTARTS_HELP: Final = "Race from 50 random points and see in which minimum each ball ends."
_MINIMA_HELP: Final = (
    "At a point without slope the second derivatives decide: only if they bend up in every direction is it a minimum. "
    "With random symmetric matrices that is rare in many dimensions: most such points are saddles."
)


#: Heights of minima that have bars of their own.
_MOST_HEIGHTS: Final = 6


class RatesChart(Chart):
    """Updates until a racer arrives, against its rate; the best one is marked."""

    def __init__(self) -> None:
        words = "One curve for each racer. A rate at which it does not arrive within the race has no point."
        super().__init__("Updates until it arrives, by learning rate", words)
        self.x_scale = self.y_scale = "log"
        self.bands: tuple[Any, ...] = ()

    def show_bands(self, bands: tuple[Any, ...], most: int) -> None:
        """The RateBands of all racers; ``most`` updates has a race."""
        self.bands, self._most = bands, most
        if bands:
            rates = np.log10(bands[0].rates)
            self.x_range = float(rates[0]), float(rates[-1])
            fewest = min(float(np.nanmin(band.updates)) for band in bands)
            self.y_range = math.log10(max(1.0, min(fewest, 0.5 * most))) - 0.2, math.log10(max(most, 2)) + 0.1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_frame(painter, numbers=bool(self.bands))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, band in enumerate(self.bands):
            self._paint_band(painter, number, band)
        if not self.bands:
            self.paint_words(painter, "The curves appear here when the rates are found.")
        painter.end()

    def _paint_band(self, painter: QPainter, number: int, band: Any) -> None:
        style = racer_style(number, is_dark(self.palette()))
        arrived = np.where(band.updates <= self._most, np.maximum(band.updates, 1.0), np.nan)
        x, y = self.xs(np.log10(band.rates)), self.ys(scaled(arrived, "log"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(style.pen(2.0))
        painter.drawPath(pg.arrayToQPath(x, y, connect="finite"))
        best = int(np.argmin(band.updates))
        if np.isfinite(arrived[best]):
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Base), 1.5))
            painter.setBrush(QColor(style.colour))
            painter.drawEllipse(QPointF(x[best], y[best]), rhythm(self, 1.2), rhythm(self, 1.2))


class RatesPanel(StudyPanel):
    """Finds the best rate of each racer, draws all that were tried, and gives the best ones to the racers."""

    def __init__(self, desk: PlaygroundDesk) -> None:
        super().__init__(
            desk.studies.rates, "F&ind fair rates", _RATES_HELP, lambda: desk.studies.find_rates(desk.spec)
        )
        self._desk = desk
        self.chart = RatesChart()
        self.take = QPushButton("Use the &best rates", self.side)
        self.take.setToolTip(plain_tip("Give every racer its best rate; one change that can be undone."))
        self.take.clicked.connect(self._on_take)
        self.side.box.insertWidget(1, self.take)
        self.study.answered.connect(self._on_answered)
        self.put(self.chart)

    def found(self) -> str:
        """The best rate of each racer."""
        bands = self.study.value or ()
        names = racer_names([band.optimizer.title for band in bands])
        return "\n".join(
            f"{name}: {short(band.best, 2)}, {grouped(band.fewest)} updates"
            if band.fewest <= self._desk.spec.updates
            else f"{name}: arrives at none of the rates"
            for name, band in zip(names, bands, strict=True)
        )

    def show_found(self) -> None:
        if hasattr(self, "chart"):
            self.chart.show_bands(tuple(self.study.value or ()), self._desk.spec.updates)
            self.take.setVisible(bool(self.study.value))

    @Slot(object)
    def _on_answered(self, _bands: object) -> None:
        self._on_take()

    @Slot()
    def _on_take(self) -> None:
        self._desk.take_best_rates()
        self._desk.cursor.go(self._desk.cursor.end)


class EndsChart(Chart):
    """How many balls of each racer end in each minimum."""

    def __init__(self) -> None:
        words = (
            "Each group of bars is a height of minima above the lowest one; then balls that end elsewhere or are lost."
        )
        super().__init__("Balls by the height of their minimum", words)
        self.groups: list[tuple[str, list[int]]] = []

    def show_groups(self, groups: list[tuple[str, list[int]]]) -> None:
        """A label, and a count for each racer."""
        self.groups = groups
        self.y_range = 0.0, max((max(counts) for _l, counts in groups), default=1) * 1.1
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.x_range = (0.0, 0.0001)  # the groups have labels instead of numbers
        self.paint_frame(painter, numbers=bool(self.groups))
        area, metrics = self.area(), self.fontMetrics()
        below = QRectF(area.left(), area.bottom() + 1, area.width(), metrics.height())
        painter.fillRect(below, self.palette().color(QPalette.ColorRole.Base))
        wide = area.width() / max(1, len(self.groups))
        for place, (label, counts) in enumerate(self.groups):
            left = area.left() + place * wide
            bar = min(0.85 * wide / len(counts), rhythm(self, 5))
            first = left + (wide - bar * len(counts)) / 2
            for number, count in enumerate(counts):
                colour = QColor(racer_style(number, is_dark(self.palette())).colour)
                top = float(self.ys(np.array(float(count))))
                painter.fillRect(QRectF(first + number * bar, top, 0.85 * bar, area.bottom() - top), colour)
            painter.setPen(self.palette().color(MUTED))
            words = metrics.elidedText(label, Qt.TextElideMode.ElideRight, int(wide))
            painter.drawText(
                QRectF(left, area.bottom() + 1, wide, metrics.height()), Qt.AlignmentFlag.AlignCenter, words
            )
        if not self.groups:
            self.paint_words(painter, "The counts appear here when the balls have come to rest.")
        painter.end()


class RestartsPanel(StudyPanel):
    """Races from random points; the picture marks the ends."""

    ends_changed = Signal(object)  #: (racers, N, 2), or None

    def __init__(self, desk: PlaygroundDesk) -> None:
        super().__init__(
            desk.studies.restarts,
            "Roll 50 &balls",
            _RESTARTS_HELP,
            lambda: desk.studies.restart_at_random(desk.spec),
        )
        self._desk = desk
        self.chart = EndsChart()
        self.put(self.chart)

    def found(self) -> str:
        """How many balls reach the lowest minimum."""
        found = self.study.value
        if found is None:
            return ""
        names = racer_names([racer.title for racer in self._desk.spec.racers])
        total = found.minimum.shape[1]
        lines = [f"{name}: {int((row == 0).sum())} of {total}" for name, row in zip(names, found.minimum, strict=True)]
        known = bool(self._desk.spec.surface.minima())
        return "\n".join(["In the lowest minimum:", *lines]) if known else "This surface has no known minimum."

    def show_found(self) -> None:
        if not hasattr(self, "chart"):
            return
        found = self.study.value
        self.chart.show_groups(_groups(found.minimum, self._desk.spec.surface) if found is not None else [])
        self.ends_changed.emit(found.ends if found is not None else None)


def _groups(minimum: Any, surface: Surface) -> list[tuple[str, list[int]]]:
    """The heights of minima with the most balls, the lowest first, then elsewhere and lost where there are any.

    ``minimum`` (racers, N) has the number of the minimum where each ball ends; -1: elsewhere, -2: lost.
    """
    heights = [float(surface.value(np.array(x), np.array(y))) for x, y in surface.minima()]
    labels = [short(max(0.0, height - min(heights)), 2) for height in heights]
    of_balls = np.array([*labels, "lost", "elsewhere"])[minimum]
    balls = Counter(str(each) for each in of_balls.ravel())
    most = {label for label, _ in [each for each in balls.most_common() if each[0] in labels][:_MOST_HEIGHTS]}
    lowest_first = [label for _, label in sorted(zip(heights, labels, strict=True))]
    shown = [*dict.fromkeys(label for label in lowest_first if label in most), "elsewhere", "lost"]
    groups = [(label, [int((row == label).sum()) for row in of_balls]) for label in shown if balls[label]]
    others = [int((~np.isin(row, shown)).sum()) for row in of_balls]
    return [*groups, ("others", others)] if any(others) else groups


class MinimaChart(Chart):
    """The share of random symmetric matrices that are minima: drawn from the lecture, and measured."""

    def __init__(self) -> None:
        super().__init__("Share of minima, by dimensions", _MINIMA_HELP)
        self.y_scale = "log"
        self.x_range, self.y_range = (0.5, MOST_DIMENSIONS + 0.5), (-5.0, 0.2)
        self.shares: tuple[float, ...] = ()

    def show_shares(self, shares: tuple[float, ...]) -> None:
        """Measured shares in 1, 2, … dimensions."""
        self.shares = shares
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_frame(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        known = np.array(KNOWN)
        x = self.xs(np.arange(1.0, len(known) + 1))
        painter.setPen(QPen(self.palette().color(MUTED), 1.5, Qt.PenStyle.DashLine))
        painter.drawPath(pg.arrayToQPath(x, self.ys(np.log10(known))))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(ACCENT))
        size = rhythm(self, 1.2)
        for dimension, share in enumerate(self.shares, 1):
            if share > 0:
                at = float(self.xs(np.array(float(dimension)))), float(self.ys(np.array(math.log10(share))))
                painter.drawEllipse(QPointF(*at), size, size)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Base), 1))
        for place, height in zip(x, self.ys(np.log10(known)), strict=True):
            painter.drawLine(QLineF(place - size / 2, height, place + size / 2, height))
        painter.end()


class MinimaPanel(StudyPanel):
    """A slider for the number of dimensions."""

    def __init__(self, desk: PlaygroundDesk) -> None:
        super().__init__(desk.studies.minima, "&Draw matrices", _MINIMA_HELP, lambda: self._measure())
        self._desk = desk
        self.chart = MinimaChart()
        self.label = Words(parent=self.side, wrap=False)
        self.slider = QSlider(Qt.Orientation.Horizontal, self.side)
        self.slider.setRange(1, MOST_DIMENSIONS)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName("Dimensions")
        self.slider.valueChanged.connect(self._on_slid)
        self.side.box.insertWidget(0, self.label)
        self.side.box.insertWidget(1, self.slider)
        self.slider.setValue(4)
        self.put(self.chart)

    def found(self) -> str:
        """The measured share in the chosen number of dimensions, beside the known one."""
        shares, at = self.study.value or (), self.slider.value()
        if len(shares) < at:
            return ""
        count = round(shares[at - 1] * DRAWS)
        words = f"{grouped(count)} of {grouped(DRAWS)} random matrices are minima: {short(shares[at - 1], 3)}."
        return words + (f" The lecture says {KNOWN[at - 1]}." if at <= len(KNOWN) else "")

    def show_found(self) -> None:
        if hasattr(self, "chart"):
            self.chart.show_shares(tuple(self.study.value or ()))
            self.label.setText(f"Dimensions: {self.slider.value()}")

    @Slot(int)
    def _on_slid(self, _dimensions: int) -> None:
        if self.study.value:
            self._measure()
        self.refresh()

    def _measure(self) -> None:
        self._desk.studies.measure_minima(self.slider.value())
