"""One strip: a number of every racer's path against the updates, with the cursor."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.bridge.playground.requests import Laid
from workbench.engine.core.text import short
from workbench.engine.playground.strips import Strip
from workbench.views.playground.chart import Chart, Scale, scaled
from workbench.views.playground.frame import Array
from workbench.views.playground.line import Line, thinned
from workbench.views.playground.racer_style import RacerStyle, is_dark, racer_style

#: What lies behind the cursor is drawn this strong.
_TO_COME: Final = 0.22
#: A log axis shows at most this many powers of ten below its top.
_DECADES: Final = 12.0
#: A strip is drawn anew after this many times what drawing it took, so that a long race does not hold up the window.
_SHARE: Final = 12
_AXES: Final = ("x", "y")
_Values = Mapping[int, Array | None]


class StripView(Chart):
    """Draws a ``strip`` of all racers; of two coordinates the vertical one is dotted.

    The curves are drawn once into a picture; while balls are played only the cursor moves over it.
    """

    def __init__(self, strip: Strip, parent: QWidget | None = None) -> None:
        has_axes = strip.name in ("step", "velocity", "rate")
        more = " The vertical coordinate is dotted." if has_axes else ""
        super().__init__(strip.title, strip.help + more, parent)
        self.strip = strip
        self.y_scale = strip.scale
        self._paths: Laid | None = None
        self._at, self._chosen = 0, 0
        self._pictures: tuple[QPixmap, QPixmap] | None = None
        self._end, self._cost, self._drawn_at = 1.0, 0.0, 0.0
        self._drawing: Iterator[None] | None = None
        self._is_new = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._renew)
        self._values: _Values = {}

    def show_paths(self, paths: Laid | None, end: int, chosen: int) -> None:
        """Other paths, another length of the race, or another racer in front."""
        self._paths, self._chosen = paths, chosen
        self._end = float(max(end, 1))
        self._is_new = True
        if not self._later.isActive():
            self._renew_soon()

    def _renew_soon(self) -> None:
        rest = self._drawn_at + _SHARE * self._cost - time.monotonic()
        self._later.start(max(0, math.ceil(1e3 * rest)))

    def show_cursor(self, at: int) -> None:
        """Another update is shown."""
        if at != self._at:
            self._at = at
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Few calls of Qt, each of which waits for Python while the race computes beside it."""
        if self._pictures is None:
            self._draw_anew()
        assert self._pictures is not None
        past, to_come = self._pictures
        painter = QPainter(self)
        line = round(float(self.xs(np.array(min(self._at, self.x_range[1])))))
        ratio = past.devicePixelRatio()
        before = QRectF(0, 0, line * ratio, self.height() * ratio)
        painter.drawPixmap(QPointF(0, 0), to_come)
        painter.drawPixmap(QPointF(0, 0), past, before)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawLine(QLineF(line, self.area().top(), line, self.area().bottom()))
        painter.end()

    def _words(self) -> str:
        """What is said in place of curves."""
        if self._paths is None:
            return "Curves appear with the first updates."
        trails = self._paths.trails
        if self._chosen < len(trails) and self._values.get(self._chosen) is None:
            return f"{trails[self._chosen].optimizer.title} has none."
        return ""

    def values_at(self, at: int) -> str:
        """What the chosen racer has at an update, in words."""
        values = self._values.get(self._chosen)
        if values is None or not len(values):
            return ""
        numbers = [short(float(each), 3) for each in np.atleast_1d(values[min(at, len(values) - 1)])]
        return ", ".join(f"{a} {n}" for a, n in zip(_AXES, numbers, strict=True)) if len(numbers) == 2 else numbers[0]

    @Slot()
    def _renew(self) -> None:
        """Draw what has come since, a piece in each turn of the window; the more it takes, the later the next time."""
        if self._drawing is None:
            self._drawing, self._cost, self._is_new = self._drawn(), 0.0, False
        begin = time.monotonic()
        goes_on = next(self._drawing, self) is None
        self._drawn_at = time.monotonic()
        self._cost += self._drawn_at - begin
        if goes_on:
            self._later.start(0)
        else:
            self._drawing = None
            self.update()
            if self._is_new:  # paths have come while it was drawn
                self._renew_soon()

    def _draw_anew(self) -> None:
        """Draw all at once."""
        self._drawing = None
        for _ in self._drawn():
            pass

    def _drawn(self) -> Iterator[None]:
        """Draw the strip as it is left of the cursor, and faint as it is right of it; yields after each piece."""
        self.x_range = (0.0, self._end)
        trails = self._paths.trails if self._paths is not None else ()
        values, lines = dict[int, Array | None](), dict[int, list[Line]]()
        for number, trail in enumerate(trails):
            of_racer = values[number] = self.strip.values(trail, 0)
            if of_racer is not None:
                lines[number] = self._lines(of_racer)
                yield
        self._values = values
        self.y_range = _range([line.y for each in lines.values() for line in each], self.y_scale)
        curves = self._blank()
        for number in sorted(lines, key=lambda each: each == self._chosen):
            self._draw(curves, lines[number], racer_style(number, is_dark(self.palette())), number == self._chosen)
            yield
        frame = self._frame()
        self._pictures = _over(frame, curves, 1.0), _over(frame, curves, _TO_COME)

    def _lines(self, values: Array) -> list[Line]:
        """The line of each coordinate, with two points for each pixel at most."""
        first = 0 if self.strip.begins_before else 1
        columns = values[:, None] if values.ndim == 1 else values
        pixels = max(1, int(self.area().width()))
        lines = [thinned(columns[:, axis], pixels) for axis in range(columns.shape[1])]
        return [Line(line.x + first, scaled(line.y, self.y_scale)) for line in lines]

    def _blank(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _frame(self) -> QPixmap:
        pixmap = self._blank()
        painter = QPainter(pixmap)
        self.paint_frame(painter)
        self.paint_words(painter, self._words())
        painter.end()
        return pixmap

    def _draw(self, curves: QPixmap, lines: list[Line], style: RacerStyle, is_chosen: bool) -> None:
        painter = QPainter(curves)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.area())
        width = (2.4 if is_chosen else 1.5) * max(1.0, self.fontMetrics().height() / 16)
        for axis, line in enumerate(lines):
            pen = style.pen(width)
            if axis:
                pen.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.drawPath(pg.arrayToQPath(self.xs(line.x), self.ys(line.y), connect="finite"))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._forget()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._forget()
            self.update()

    def _forget(self) -> None:
        self._pictures = self._drawing = None


def _over(frame: QPixmap, curves: QPixmap, strength: float) -> QPixmap:
    pixmap = frame.copy()
    painter = QPainter(pixmap)
    painter.setOpacity(strength)
    painter.drawPixmap(0, 0, curves)
    painter.end()
    return pixmap


def _range(shown: Sequence[Array], scale: Scale) -> tuple[float, float]:
    """The least and greatest place that is finite, with some room; of a log axis only the upper powers of ten."""
    finite = [each for each in (part[np.isfinite(part)] for part in shown) if len(each)]
    if not finite:
        return 0.0, 1.0
    low, high = min(float(each.min()) for each in finite), max(float(each.max()) for each in finite)
    if scale == "log":
        low = max(low, high - _DECADES)
    room = 0.06 * (high - low) or 0.5
    return low - room, high + room
