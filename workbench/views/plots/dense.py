"""Curves with about as many evaluations as pixels: written as spans, because antialiased dashes cost 15 ms there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPainterPath

from workbench.views.plots.frame import Floats, Frame
from workbench.views.plots.line import Line
from workbench.views.plots.min_max_pyramid import Spans, joined, line_spans
from workbench.views.plots.raster import Ink, Raster, premultiplied
from workbench.views.plots.series import Style

#: From this many points a pixel on a curve is dense.
DENSE: Final = 0.3
#: Pixels drawn and the period, for each style with gaps.
_DASHES: Final[Mapping[Style, tuple[int, int]]] = {
    "dashed": (6, 9),
    "dotted": (2, 4),
    "dash_dot": (9, 11),
    "long_dash": (14, 17),
}


def paint_dense(painter: QPainter, frame: Frame, line: Line, x: Floats, y: Floats, first: float) -> None:
    """Paint a curve given in pixels, from pixel ``first`` on: as a picture, or as a path where lines are wanted."""
    left = max(0, math.floor(first) - 2)
    if painter.paintEngine().type() != QPaintEngine.Type.Raster:
        painter.drawPath(_path(_spans(x, y, left, frame.width, 1.0), left))
        return
    ratio = painter.device().devicePixelRatioF()
    spans = _spans(x, y, left, frame.width, ratio)
    _paint_ink(painter, frame, _ink(spans, line, left, ratio), left, ratio)


def fill_dense(
    painter: QPainter, frame: Frame, colour: QColor, x: Floats, one: Floats, other: Floats, first: float
) -> None:
    """Fill between two curves given in pixels, from pixel ``first`` on."""
    left = max(0, math.floor(first) - 2)
    ratio = painter.device().devicePixelRatioF()
    spans = line_spans(x, np.stack([one, other]), left + np.arange(math.ceil((frame.width - left) * ratio) + 1) / ratio)
    there = (spans.low <= spans.high).all(axis=0)
    middle = (np.where(there, spans.low, 0) + np.where(there, spans.high, 0)) / 2
    upper, lower = np.where(there, middle.min(axis=0), np.inf), np.where(there, middle.max(axis=0), -np.inf)
    ink = Ink(-lower, -upper, premultiplied(colour.name(), colour.alphaF()))
    _paint_ink(painter, frame, ink, left, ratio)


def _spans(x: Floats, y: Floats, left: int, width: float, ratio: float) -> Spans:
    columns = math.ceil((width - left) * ratio)
    return joined(line_spans(x, y[None, :], left + np.arange(columns + 1) / ratio))


def _ink(spans: Spans, line: Line, left: int, ratio: float) -> Ink:
    """About two pixels thick; gaps in whole columns where the curve is dashed. Pixels grow downwards, ink upwards."""
    upper, lower = spans.low[0], spans.high[0] + (0.0 if line.ghost else 1.0)
    if line.style in _DASHES:
        dash, period = _DASHES[line.style]
        places = left + np.arange(len(upper)) / ratio
        gaps = places % period >= dash
        upper, lower = np.where(gaps, np.inf, upper), np.where(gaps, -np.inf, lower)
    return Ink(-lower, -upper, premultiplied(line.colour))


def _paint_ink(painter: QPainter, frame: Frame, ink: Ink, left: int, ratio: float) -> None:
    raster = Raster(len(ink.low), math.ceil(frame.height * ratio))
    raster.image.setDevicePixelRatio(ratio)
    raster.draw(0, raster.width, -frame.height, 0.0, [ink], 0)
    painter.drawImage(QPointF(left, 0), raster.image)


def _path(spans: Spans, left: int) -> QPainterPath:
    path, pen_down = QPainterPath(), False
    for column, (low, high) in enumerate(zip(spans.low[0].tolist(), spans.high[0].tolist(), strict=True), left):
        if low <= high:
            path.lineTo(column + 0.5, low) if pen_down else path.moveTo(column + 0.5, low)
            path.lineTo(column + 0.5, high)
        pen_down = low <= high
    return path
