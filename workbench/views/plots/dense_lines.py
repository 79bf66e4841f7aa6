"""Curves with about as many points as pixels: drawn as vertical spans, because antialiased dashes would take 15 ms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath

from workbench.views.plots.curve_image import ColumnSpans, CurveImage, premultiplied
from workbench.views.plots.epoch_line import EpochLine
from workbench.views.plots.min_max_pyramid import Spans, joined, line_spans
from workbench.views.plots.series import Style
from workbench.views.plots.viewport import Floats, Viewport

#: A curve with at least this many points per pixel is dense.
DENSE: Final = 0.3
#: Pixels drawn and the period, for each style with gaps.
_DASHES: Final[Mapping[Style, tuple[int, int]]] = {
    "dashed": (6, 9),
    "dotted": (2, 4),
    "dash_dot": (9, 11),
    "long_dash": (14, 17),
}


def paint_dense(painter: QPainter, viewport: Viewport, line: EpochLine, x: Floats, y: Floats, first: float) -> None:
    """Paint a curve given in pixels, from pixel ``first`` on: as an image on the screen, as a path in SVG and PDF."""
    left = max(0, math.floor(first) - 2)
    if left >= viewport.width:  # new epochs to the right of what is shown
        return
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        painter.drawPath(_path(_spans(x, y, left, viewport.width, 1.0), left))
        return
    ratio = painter.device().devicePixelRatioF()
    spans = _spans(x, y, left, viewport.width, ratio)
    _paint_column_spans(painter, viewport, _column_spans(spans, line, left, ratio), left, ratio)


def fill_dense(
    painter: QPainter, viewport: Viewport, colour: QColor, x: Floats, one: Floats, other: Floats, first: float
) -> None:
    """Fill between two curves given in pixels, from pixel ``first`` on."""
    left = max(0, math.floor(first) - 2)
    if left >= viewport.width:
        return
    ratio = painter.device().devicePixelRatioF()
    spans = line_spans(
        x, np.stack([one, other]), left + np.arange(math.ceil((viewport.width - left) * ratio) + 1) / ratio
    )
    there = (spans.low <= spans.high).all(axis=0)
    middle = (np.where(there, spans.low, 0) + np.where(there, spans.high, 0)) / 2
    upper, lower = np.where(there, middle.min(axis=0), np.inf), np.where(there, middle.max(axis=0), -np.inf)
    filling = ColumnSpans(-lower, -upper, premultiplied(colour.name(), colour.alphaF()))
    _paint_column_spans(painter, viewport, filling, left, ratio)


def _spans(x: Floats, y: Floats, left: int, width: float, ratio: float) -> Spans:
    columns = math.ceil((width - left) * ratio)
    return joined(line_spans(x, y[None, :], left + np.arange(columns + 1) / ratio))


def _column_spans(spans: Spans, line: EpochLine, left: int, ratio: float) -> ColumnSpans:
    """About two pixels thick, with gaps of whole columns where dashed. Pixels count downwards, axis units upwards."""
    upper, lower = spans.low[0], spans.high[0] + (0.0 if line.ghost else 1.0)
    if line.style in _DASHES:
        dash, period = _DASHES[line.style]
        places = left + np.arange(len(upper)) / ratio
        gaps = places % period >= dash
        upper, lower = np.where(gaps, np.inf, upper), np.where(gaps, -np.inf, lower)
    return ColumnSpans(-lower, -upper, premultiplied(line.colour))


def _paint_column_spans(painter: QPainter, viewport: Viewport, spans: ColumnSpans, left: int, ratio: float) -> None:
    curves = CurveImage(len(spans.low), math.ceil(viewport.height * ratio))
    curves.image.setDevicePixelRatio(ratio)
    curves.draw(0, curves.width, -viewport.height, 0.0, [spans], 0)
    painter.drawImage(QPointF(left, 0), curves.image)


def _path(spans: Spans, left: int) -> QPainterPath:
    path, pen_down = QPainterPath(), False
    for column, (low, high) in enumerate(zip(spans.low[0].tolist(), spans.high[0].tolist(), strict=True), left):
        if low <= high:
            path.lineTo(column + 0.5, low) if pen_down else path.moveTo(column + 0.5, low)
            path.lineTo(column + 0.5, high)
        pen_down = low <= high
    return path
