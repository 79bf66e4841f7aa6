"""One panel of a scene's picture: curves over a pair of axes, with their names at their ends, or below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import short
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.picture import Line, Panel
from workbench.views.lessons.curve_names import NamedEnd, in_lines, spread
from workbench.views.playground.chart import Chart, Scale, scaled
from workbench.views.playground.frame import Array
from workbench.views.playground.racer_style import is_dark, racer_style
from workbench.views.plots.run_styles import draw_mark, run_style
from workbench.views.widgets.theme import MUTED, good_colour, rhythm

#: Names of curves take at most this share of the width, and where each has only one line, this.
_NAMES, _MOST_NAMES = 0.34, 0.45
#: The least height of the curves, in lines of text, where their names are below them, and where axes have captions.
_LEAST, _CAPTIONED = 3.0, 4.0
#: The least height of a panel, in quarters of a line.
LOWEST: Final = 26
#: A log axis shows at most this many powers of ten.
_DECADES: Final = 12.0
#: Curves with so few points show each of them.
_FEW: Final = 24
#: Blocks of a longer curve for each pixel; of each the least and the greatest value are drawn.
_DENSE: Final = 0.5
#: Points of a curve that are drawn as one path.
_PIECE: Final = 32
#: Indices of the curves without a run's style: the compared one, and the drawn one.
_COMPARED: Final = -1
_BY_HAND: Final = -2
_BESIDE: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_WRAPPED: Final = int(_BESIDE) | int(Qt.TextFlag.TextWordWrap)


class Curves(Chart):
    """Draws a panel. ``band`` is where the measured quantity is expected, if the vertical axis is that."""

    def __init__(self, panel: Panel, band: Band | None, parent: QWidget | None = None) -> None:
        super().__init__(panel.title, "", parent)
        self.show_panel(panel, band)

    def show_panel(self, panel: Panel, band: Band | None) -> None:
        """Draw another panel."""
        self.panel, self.band = panel, band if panel.is_measured else None
        self._area = None
        self.title, self.help_text = panel.title, f"{panel.y_label} against {panel.x_label}."
        self.x_scale, self.y_scale = _scale(panel.log_x), _scale(panel.log_y)
        ends = [end for end in (self.band.low, self.band.high) if end is not None] if self.band is not None else []
        self.x_range = _range([line.x for line in panel.lines], self.x_scale, 0.0)
        self.y_range = _range([*(line.y for line in panel.lines), np.array(ends)], self.y_scale, 0.06)
        self.setAccessibleName(panel.title)
        self.setAccessibleDescription("; ".join(_told(line) for line in panel.lines))
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 34), rhythm(self, LOWEST))

    def _fitted(self) -> QRectF:
        """Where curves are drawn: between the captions of the axes; names beside, or below."""
        high = self.fontMetrics().height()
        whole = super()._fitted()
        captions, rows = self._captions(), self._rows_below()
        top, below = 0.4 + captions[0], captions[1] + rows
        beside = 0.0 if rows else self._room_of_names() + rhythm(self, 2)
        wide = max(1.0, self.width() - rhythm(self, 1) - beside - whole.left())
        return QRectF(whole.left(), whole.top() + top * high, wide, max(1.0, whole.height() - (top + below) * high))

    @property
    def _is_labelled(self) -> bool:
        """Whether the vertical axis needs a caption; a title that says it is enough."""
        return self.panel.y_label.lower() not in self.panel.title.lower()

    def _captions(self) -> tuple[int, int]:
        """The lines of captions above and below the curves: none where they would leave too little of them."""
        above = int(self._is_labelled)
        needed = (0.4 + above + 1 + _CAPTIONED) * self.fontMetrics().height()
        return (above, 1) if super()._fitted().height() >= needed else (0, 0)

    def _room_beside(self) -> float:
        """The height that names beside the curves have."""
        return super()._fitted().height() - (0.4 + sum(self._captions())) * self.fontMetrics().height()

    def _room_of_names(self) -> float:
        """As much as the longest name takes, or less where the names have room in several lines."""
        widest = max((self.fontMetrics().horizontalAdvance(line.name) for line in self.panel.lines), default=0)
        room = min(widest + rhythm(self, 1), _NAMES * self.width())
        return room if self._fit(room) else min(widest + rhythm(self, 1), _MOST_NAMES * self.width())

    def _fit(self, room: float) -> bool:
        """Whether all names have room beside the curves, wrapped to this width."""
        return sum(self._high(line.name, room) for line in self.panel.lines if line.name) <= self._room_beside()

    def _rows_below(self) -> int:
        """The lines that the names take below the curves; 0 where they are beside them, or leave too little there."""
        places = [] if self._fit(self._room_of_names()) else self._places_below()
        rows = places[-1][0] + 1 if places else 0
        return rows if self._room_beside() >= (rows + _LEAST) * self.fontMetrics().height() else 0

    def _places_below(self) -> list[tuple[int, float]]:
        beyond = self._sample() + rhythm(self, 3)
        widths = [self.fontMetrics().horizontalAdvance(line.name) + beyond for _, line in self._listed()]
        return in_lines(widths, self.width() - rhythm(self, 1))

    def _sample(self) -> float:
        """The length of a piece of a curve before its name."""
        return rhythm(self, 7)

    def _high(self, name: str, room: float) -> float:
        return QFontMetricsF(self.font()).boundingRect(QRectF(0, 0, room, 1e4), _WRAPPED, name).height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_frame(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_captions(painter)
        self._paint_band(painter)
        painter.save()
        painter.setClipRect(self.area().adjusted(0, -2, 3, 2))
        for number, line in self._styled():
            self._paint_line(painter, line, number)
        painter.restore()
        if self._rows_below():
            self._paint_names_below(painter)
        else:
            self._paint_names(painter)
        painter.end()

    def _styled(self) -> Iterator[tuple[int, Line]]:
        """The curves for comparison first, then those that were measured, with the number of their style; then what
        somebody has drawn.
        """
        yield from ((_COMPARED, line) for line in self.panel.lines if line.style == "dashed")
        measured = [line for line in self.panel.lines if line.style not in ("dashed", "drawn")]
        yield from reversed(list(enumerate(measured)))
        yield from ((_BY_HAND, line) for line in self.panel.lines if line.style == "drawn")

    def _paint_captions(self, painter: QPainter) -> None:
        area, high = self.area(), self.fontMetrics().height()
        above, under = self._captions()
        painter.setPen(self.palette().color(MUTED))
        if above:
            top = QRectF(rhythm(self, 1), high, self.width(), high)
            painter.drawText(top, _BESIDE, self.panel.y_label)
        if not under:
            return
        most = self.width() - rhythm(self, 2)
        words = self.fontMetrics().elidedText(self.panel.x_label, Qt.TextElideMode.ElideRight, most)
        wide = self.fontMetrics().horizontalAdvance(words) + 1
        left = min(max(area.center().x() - wide / 2, rhythm(self, 1)), self.width() - wide)  # moved, and not cut
        painter.drawText(QRectF(left, area.bottom() + high, wide, high), _BESIDE, words)

    def _paint_band(self, painter: QPainter) -> None:
        if self.band is None:
            return
        area = self.area()
        ends = [scaled(np.array(each), self.y_scale) for each in (self.band.low, self.band.high) if each is not None]
        bottom = float(self.ys(ends[0])) if self.band.low is not None else area.bottom()
        top = float(self.ys(ends[-1])) if self.band.high is not None else area.top()
        colour = QColor(good_colour(self.palette()))
        colour.setAlphaF(0.22)
        painter.fillRect(QRectF(area.left(), top, area.width(), bottom - top).intersected(area), colour)

    def _paint_line(self, painter: QPainter, line: Line, number: int) -> None:
        x, y = self._pixels(line)
        if line.style != "dots":
            self._paint_path(painter, x, y, number)
        if number >= 0 and (line.style == "dots" or len(x) <= _FEW):
            for a, b in zip(x, y, strict=True):
                if np.isfinite(a) and np.isfinite(b):
                    self._paint_mark(painter, QPointF(float(a), float(b)), number)

    def _paint_path(self, painter: QPainter, x: Array, y: Array, number: int) -> None:
        """In pieces, whose dashes go on: a path of thousands of points takes Qt many times as long as its pieces."""
        painter.setBrush(Qt.BrushStyle.NoBrush)  # marks leave theirs, and a path with a brush is filled
        along = np.concatenate([[0.0], np.nancumsum(np.hypot(np.diff(x), np.diff(y)))])
        for begin in range(0, len(x) - 1, _PIECE):
            painter.setPen(self._pen(number, along[begin]))
            end = begin + _PIECE + 2  # one segment over the next piece, or a seam would be seen
            painter.drawPath(pg.arrayToQPath(x[begin:end], y[begin:end], connect="finite"))

    def _width(self) -> float:
        return 2.2 * max(1.0, self.fontMetrics().height() / 16)

    def _pen(self, number: int, offset: float = 0.0) -> QPen:
        """The pen of a curve; its dashes begin ``offset`` pixels before."""
        if number >= 0:
            return racer_style(number, is_dark(self.palette())).pen(self._width(), offset)
        if number == _BY_HAND:
            return QPen(self._colour(number), 1.5 * self._width(), c=Qt.PenCapStyle.RoundCap)
        pen = QPen(self._colour(number), 0.7 * self._width(), Qt.PenStyle.DashLine)
        pen.setDashOffset(offset / pen.widthF())
        return pen

    def _paint_mark(self, painter: QPainter, at: QPointF, number: int) -> None:
        draw_mark(painter, run_style(number).mark, at, 1.6 * self._width(), self._colour(number))

    def _pixels(self, line: Line) -> tuple[Array, Array]:
        x, y = scaled(line.x, self.x_scale), scaled(line.y, self.y_scale)
        blocks = max(1, int(_DENSE * self.area().width()))
        x, y = thinned(x, y, blocks) if line.style != "dots" else (x, y)
        return self.xs(x), self.ys(y)

    def _colour(self, number: int) -> QColor:
        if number < 0:
            return self.palette().color(MUTED if number == _COMPARED else QPalette.ColorRole.Text)
        return QColor(racer_style(number, is_dark(self.palette())).colour)

    # --- The names ----------------------------------------------------------------------------------------------

    def _paint_names(self, painter: QPainter) -> None:
        area, room = self.area(), self._room_of_names()
        named = sorted(self._named(room, area.height()), key=lambda each: each.at)
        for each, top in zip(named, spread(named, area.top(), area.bottom()), strict=True):
            painter.setPen(each.colour)
            painter.drawText(QRectF(area.right() + rhythm(self, 1.5), top, room, each.high), _WRAPPED, each.name)

    def _listed(self) -> list[tuple[int, Line]]:
        """The curves that have a name, in the order of their panel, with the number of their style."""
        numbers = {id(line): number for number, line in self._styled()}
        return [(numbers[id(line)], line) for line in self.panel.lines if line.name]

    def _paint_names_below(self, painter: QPainter) -> None:
        high, sample = self.fontMetrics().height(), self._sample()
        top = self.area().bottom() + (1 + self._captions()[1]) * high
        for (number, line), (row, left) in zip(self._listed(), self._places_below(), strict=True):
            x, y = rhythm(self, 1) + left, top + (row + 0.5) * high
            if line.style != "dots":
                painter.setPen(self._pen(number))
                painter.drawLine(QLineF(x, y, x + sample, y))
            if number >= 0 and (line.style == "dots" or len(line.x) <= _FEW):
                self._paint_mark(painter, QPointF(x + sample / 2, y), number)
            painter.setPen(self._colour(number))
            room = QRectF(x + sample + rhythm(self, 1), y - high / 2, self.width() - x - sample - rhythm(self, 1), high)
            name = self.fontMetrics().elidedText(line.name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, _BESIDE, name)

    def _named(self, room: float, height: float) -> list[NamedEnd]:
        """Names that have room one below the other: whole, else cut to a line each, else those of measured curves; of
        these as many as have room.
        """
        ends = [(number, line.name, end) for number, line in self._styled() if (end := _last(line.y)) is not None]
        whole = [self._name(name, number, end, room) for number, name, end in ends if name]
        if sum(each.high for each in whole) <= height:
            return whole
        cut = self.fontMetrics().elidedText
        lines = [(number, cut(name, Qt.TextElideMode.ElideRight, int(room)), end) for number, name, end in ends if name]
        if len(lines) * self.fontMetrics().height() > height:
            lines = [each for each in lines if each[0] >= 0][-max(1, int(height / self.fontMetrics().height())) :]
        return [self._name(name, number, end, room) for number, name, end in lines]

    def _name(self, name: str, number: int, end: float, room: float) -> NamedEnd:
        at = float(self.ys(scaled(np.array(end), self.y_scale)))
        return NamedEnd(name, self._colour(number), at, self._high(name, room))


def thinned(x: Array, y: Array, blocks: int) -> tuple[Array, Array]:
    """At most two points for each of ``blocks``: the least and the greatest of its values, in their order."""
    size = -(-len(x) // blocks)
    if size <= 2:
        return x, y
    begins = np.arange(0, len(x), size)
    padded = np.full((len(begins), size), np.nan)
    padded.ravel()[: len(y)] = y
    ends = np.stack(
        [np.where(np.isnan(padded), np.inf, padded).argmin(1), np.where(np.isnan(padded), -np.inf, padded).argmax(1)], 1
    )
    kept = np.unique((begins[:, None] + ends)[np.isfinite(padded).any(1)])
    return x[kept], y[kept]


def _scale(log: bool) -> Scale:
    return "log" if log else "linear"


def _range(values: Sequence[Array], scale: Scale, room: float) -> tuple[float, float]:
    """The least and the greatest finite place, with a share of ``room`` on either side."""
    places = [scaled(each, scale) for each in values]
    finite = [each for each in (place[np.isfinite(place)] for place in places) if len(each)]
    if not finite:
        return 0.0, 1.0
    low, high = min(float(each.min()) for each in finite), max(float(each.max()) for each in finite)
    if scale == "log":
        low = max(low, high - _DECADES)
    more = room * (high - low) or (0.0 if high > low else 0.5)
    return low - more, high + more


def _last(y: Array) -> float | None:
    finite = y[np.isfinite(y)]
    return float(finite[-1]) if len(finite) else None


def _told(line: Line) -> str:
    end = _last(line.y)
    return f"{line.name} ends at {short(end, 3)}" if end is not None else line.name
