"""The parts of a subplot that change only at the end of an epoch: grid, filled gap, measured curves, ★, annotations.

They are painted into images, which are shown in every frame. For SVG and PDF the same functions paint directly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.plots.dense_lines import DENSE, fill_dense, paint_dense
from workbench.views.plots.epoch_line import EpochLine
from workbench.views.plots.run_styles import draw_mark
from workbench.views.plots.series import Style
from workbench.views.plots.viewport import Floats, Viewport

#: Lengths of dashes and gaps, in pen widths.
_DASHES: Final[Mapping[Style, list[float]]] = {
    "dashed": [4.0, 2.5],
    "dotted": [1.2, 1.6],
    "dash_dot": [6.0, 2.0, 1.2, 2.0],
    "long_dash": [10.0, 2.5],
}


#: A run that is compared shows its shape at this many points.
_MARKS: Final = 7


@dataclass(slots=True)
class StaticContent:
    """Everything in a subplot that does not change between two epochs. Positions are in data units."""

    lines: list[EpochLine] = field(default_factory=list)
    filled: tuple[EpochLine, EpochLine] | None = None
    across: list[float] = field(default_factory=list)
    down: list[float] = field(default_factory=list)
    zero_line: bool = False
    edits: list[float] = field(default_factory=list)
    diverged: float | None = None
    diverged_words: str = ""
    message: str = ""
    below: str = ""
    colours: PlotColours = LIGHT
    scale: float = 1.0
    font: QFont = field(default_factory=QFont)


def paint_back(painter: QPainter, viewport: Viewport, content: StaticContent, first: float = 0.0) -> None:
    """Paint what is behind the per-step curves. Content left of pixel ``first`` may be left out."""
    painter.fillRect(QRectF(0, 0, viewport.width, viewport.height), QColor(content.colours.background))
    _paint_grid(painter, viewport, content)
    if content.filled is not None:
        _paint_filling(painter, viewport, content, first)
    for line in content.lines:
        if line.band is not None:
            _paint_band(painter, viewport, content, line)
    for line in content.lines:
        if line.ghost:
            _paint_line(painter, viewport, content, line, first)
            _paint_run_marks(painter, viewport, content, line)


def paint_front(painter: QPainter, viewport: Viewport, content: StaticContent, first: float = 0.0) -> None:
    """Paint what is in front of the per-step curves; ``first`` as in ``paint_back``."""
    _paint_marks(painter, viewport, content)
    for line in content.lines:
        if not line.ghost:
            _paint_line(painter, viewport, content, line, first)
    for line in content.lines:
        _paint_start(painter, viewport, content, line)
        _paint_star(painter, viewport, content, line)
    if content.below:
        _paint_below(painter, viewport, content)
    if content.message:
        _paint_message(painter, viewport, content)


def star(centre: QPointF, size: float) -> QPolygonF:
    """A five-pointed star."""
    corners = QPolygonF()
    for k in range(10):
        radius = size if k % 2 == 0 else size * 0.42
        angle = math.pi * (k / 5 - 0.5)
        corners.append(centre + QPointF(radius * math.cos(angle), radius * math.sin(angle)))
    return corners


def _paint_grid(painter: QPainter, viewport: Viewport, content: StaticContent) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(content.colours.grid), 1))
    for x in viewport.x(content.down).tolist() if content.down else ():
        painter.drawLine(QPointF(round(x), 0), QPointF(round(x), viewport.height))
    rows = (viewport.top - np.asarray(content.across)) * (viewport.height / (viewport.top - viewport.bottom))
    for y in rows.tolist():
        painter.drawLine(QPointF(0, round(y)), QPointF(viewport.width, round(y)))
    if content.zero_line and viewport.bottom < 0 < viewport.top:
        y = round(float(viewport.y(0.0)))
        painter.setPen(QPen(QColor(content.colours.muted), 1))
        painter.drawLine(QPointF(0, y), QPointF(viewport.width, y))


def _paint_filling(painter: QPainter, viewport: Viewport, content: StaticContent, first: float) -> None:
    assert content.filled is not None
    one, other = content.filled
    colour = QColor(content.colours.val)
    colour.setAlphaF(content.colours.fill)
    x, upper, lower = viewport.x(one.x), viewport.y(one.y), viewport.y(other.y)
    if len(x) > viewport.width * DENSE:
        fill_dense(painter, viewport, colour, x, upper, lower, first)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    start = _start(x, first)
    x, upper, lower = x[start:], upper[start:], lower[start:]
    for run in _runs(np.isfinite(upper) & np.isfinite(lower)):
        around = np.concatenate([x[run], x[run][::-1]]), np.concatenate([upper[run], lower[run][::-1]])
        painter.drawPolygon(arrayToQPolygonF(*around))


def _paint_band(painter: QPainter, viewport: Viewport, content: StaticContent, line: EpochLine) -> None:
    """Where the runs lie whose mean the line is."""
    assert line.band is not None
    x, lower, upper = viewport.x(line.x), viewport.y(line.band[0]), viewport.y(line.band[1])
    colour = QColor(line.colour)
    colour.setAlphaF(content.colours.fill)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for run in _runs(np.isfinite(upper) & np.isfinite(lower)):
        around = np.concatenate([x[run], x[run][::-1]]), np.concatenate([upper[run], lower[run][::-1]])
        painter.drawPolygon(arrayToQPolygonF(*around))


def _paint_run_marks(painter: QPainter, viewport: Viewport, content: StaticContent, line: EpochLine) -> None:
    """The run's shape at a few points of its line, so that runs can be told apart without their colours."""
    if line.mark is None:
        return
    x, y = viewport.x(line.x), viewport.y(line.y)
    there = np.flatnonzero(np.isfinite(y) & (x >= 0) & (x <= viewport.width))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for at in there[np.linspace(0, len(there) - 1, min(len(there), _MARKS)).round().astype(int)].tolist():
        draw_mark(painter, line.mark, QPointF(x[at], y[at]), 3.6 * math.sqrt(content.scale), QColor(line.colour))


def _paint_line(painter: QPainter, viewport: Viewport, content: StaticContent, line: EpochLine, first: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    thin = line.ghost and line.mark is None
    pen = QPen(QColor(line.colour), (1.0 if thin else 1.6) * content.scale)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if line.style in _DASHES:
        pen.setDashPattern(_DASHES[line.style])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, y = viewport.x(line.x), viewport.y(line.y)
    if len(x) > viewport.width * DENSE:
        paint_dense(painter, viewport, line, x, y, first)
        return
    start = _start(x, first)
    for run in _runs(np.isfinite(y)):
        if run.stop <= start:
            continue
        begin = max(start, run.start)
        if line.style in _DASHES:  # as if the line had been drawn from its beginning
            left_out = slice(run.start, begin + 1)
            pen.setDashOffset(float(np.hypot(np.diff(x[left_out]), np.diff(y[left_out])).sum()) / pen.widthF())
            painter.setPen(pen)
        painter.drawPolyline(arrayToQPolygonF(x[begin : run.stop], y[begin : run.stop]))
    if not line.ghost and len(x) * 10 < viewport.width:
        begin = max(start, int(line.hollow))
        _paint_dots(painter, x[begin:], y[begin:], line.colour, 1.9 * content.scale)


def _paint_dots(painter: QPainter, x: Floats, y: Floats, colour: str, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if math.isfinite(b):
            painter.drawEllipse(QPointF(a, b), radius, radius)


def _paint_start(painter: QPainter, viewport: Viewport, content: StaticContent, line: EpochLine) -> None:
    """A ring: the start is measured on fewer examples, and is never the best."""
    if not line.hollow or line.ghost:
        return
    x, y = float(viewport.x(line.x[0])), float(viewport.y(line.y[0]))
    if not math.isfinite(y) or not 0 <= x <= viewport.width:
        return
    radius = 3.2 * math.sqrt(content.scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(line.colour), 1.4 * content.scale))
    painter.setBrush(QColor(content.colours.background))
    painter.drawEllipse(QPointF(max(x, radius + 1), y), radius, radius)


def _paint_star(painter: QPainter, viewport: Viewport, content: StaticContent, line: EpochLine) -> None:
    if line.star is None:
        return
    x, y = float(viewport.x(line.x[line.star])), float(viewport.y(line.y[line.star]))
    if not math.isfinite(y) or not 0 <= x <= viewport.width or not 0 <= y <= viewport.height:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(content.colours.background), 1.2))
    painter.setBrush(QColor(line.colour))
    size = 6.5 * math.sqrt(content.scale)
    inside = min(
        max(x, size), max(size, viewport.width - size)
    )  # at the axis the star is moved to be completely visible
    painter.drawPolygon(star(QPointF(inside, y), size))
    if not line.star_text:
        return
    painter.setFont(content.font)
    metrics = painter.fontMetrics()
    wide, high = metrics.horizontalAdvance(line.star_text), metrics.height()
    left = min(max(x - wide / 2, 0.0), viewport.width - wide)
    above, below = y - 9 * math.sqrt(content.scale) - high, y + 8 * math.sqrt(content.scale)
    over = content.filled is None or y <= float(
        viewport.y(content.filled[0].y[line.star])
    )  # the label is on the side away from the other curve
    top = above if (over or below + high > viewport.height) and above >= 0 else below
    box = QRectF(left - 2, top, wide + 4, high)
    painter.fillRect(box, _ground(content))
    painter.setPen(QColor(content.colours.text_of("val") if not line.ghost else content.colours.ghost_text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, line.star_text)


def _paint_marks(painter: QPainter, viewport: Viewport, content: StaticContent) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    accent = QColor(content.colours.accent)
    accent.setAlphaF(0.55)
    pen = QPen(accent, 1)
    pen.setDashPattern([1.0, 3.0])
    painter.setPen(pen)
    for x in sorted({round(x) for x in viewport.x(content.edits).tolist()}) if content.edits else ():
        painter.drawLine(QPointF(x, 0), QPointF(x, viewport.height))
    if content.diverged is not None:
        _paint_diverged(painter, viewport, content, round(float(viewport.x(content.diverged))))


def _paint_diverged(painter: QPainter, viewport: Viewport, content: StaticContent, x: float) -> None:
    error = QColor(content.colours.error)
    painter.setPen(QPen(error, round(1.4 * content.scale), Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, 0), QPointF(x, viewport.height))
    painter.setFont(content.font)
    painter.setPen(error)
    wide = painter.fontMetrics().horizontalAdvance(content.diverged_words)
    left = x + 4 if x + 8 + wide < viewport.width else x - 4 - wide
    painter.drawText(QPointF(left, painter.fontMetrics().ascent() + 2), content.diverged_words)


def _paint_below(painter: QPainter, viewport: Viewport, content: StaticContent) -> None:
    """Say at the lower edge that values below the axis are drawn there."""
    painter.setFont(content.font)
    metrics = painter.fontMetrics()
    words = metrics.elidedText(content.below, Qt.TextElideMode.ElideRight, int(viewport.width) - 8)
    box = QRectF(4, viewport.height - metrics.height() - 3, metrics.horizontalAdvance(words) + 4, metrics.height())
    painter.fillRect(box, _ground(content))
    painter.setPen(QColor(content.colours.muted))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


def _ground(content: StaticContent) -> QColor:
    """The colour behind a text over curves."""
    ground = QColor(content.colours.background)
    ground.setAlphaF(0.75)
    return ground


def _paint_message(painter: QPainter, viewport: Viewport, content: StaticContent) -> None:
    painter.setFont(content.font)
    painter.setPen(QColor(content.colours.muted))
    box = QRectF(0, 0, viewport.width, viewport.height).adjusted(12, 2, -12, -2)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), content.message)


def _runs(good: np.ndarray) -> Iterator[slice]:
    """The stretches without a hole, as slices."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(np.int8)))
    yield from (slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _start(x: Floats, first: float) -> int:
    """The last point but one before pixel ``first``, from which a line must be drawn."""
    return max(0, int(np.searchsorted(x, first)) - 2)
