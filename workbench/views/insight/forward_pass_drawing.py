"""Draws a layer of one forward pass: units, feature maps and weights as cells, pooling regions as lines, predictions
as bars. Dropped values are dark and crossed out, so that they can be recognized without colours.
"""

from __future__ import annotations

from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import percent
from workbench.engine.diagnostics.forward_pass import Layer, Side
from workbench.views.widgets.theme import ACCENT, MUTED, contrast, rhythm

#: The largest number of classes whose probability is drawn.
MAX_CLASSES: Final = 6
#: Brightens small values, because most are far below the largest.
GAMMA: Final = 0.6
#: Smaller cells than these (pixels) get no cross and no frame.
CROSSED: Final = 4.0
FRAMED: Final = 7.0

Grid = npt.NDArray[np.float32]


class LayerDrawing:
    """Draws the two sides of ``layer`` for ``widget``; each side is ``width`` logical pixels wide."""

    def __init__(self, layer: Layer, classes: tuple[str, ...], label: int, widget: QWidget) -> None:
        self.layer = layer
        self._classes, self._label, self._widget = classes, label, widget
        self._most = max(_most(layer.train.values), _most(layer.test.values)) or 1.0

    def height(self, width: int) -> int:
        """The height of a side in pixels."""
        if self.layer.kind == "answer":
            return len(self._shown_classes()) * self._line()
        rows, columns = self._shape(width)
        return ceil(rows * self._cell(width, columns)) + (self._margin() if self.layer.kind == "pooling" else 0)

    def draw(self, painter: QPainter, side: Side, place: QRect) -> None:
        """Draw one side at the top of ``place``."""
        if self.layer.kind == "answer":
            self._draw_answer(painter, side, place)
        elif self.layer.kind == "pooling":
            self._draw_pooling(painter, side, place)
        else:
            self._draw_cells(painter, side, QRectF(place))

    # --- Sizes --------------------------------------------------------------------------------------------------

    def _line(self) -> int:
        return QFontMetrics(self._widget.font()).height()

    def _margin(self) -> int:
        """Room for the brackets beside a pooled map."""
        return rhythm(self._widget, 2)

    def _shape(self, width: int) -> tuple[int, int]:
        """Rows and columns of cells of one side."""
        shape = self.layer.train.values.shape
        if len(shape) == 1:
            size = rhythm(self._widget, 5 if self.layer.kind == "branches" else 2.5)
            columns = min(shape[0], max(1, width // size))
            return ceil(shape[0] / columns), columns
        if len(shape) == 3:  # two maps side by side, one cell apart
            across = min(2, shape[0])
            down = ceil(shape[0] / across)
            return down * (shape[1] + 1) - 1, across * (shape[2] + 1) - 1
        return shape[0], shape[1]

    def _cell(self, width: int, columns: int) -> float:
        """The size of a cell in pixels: as large as fits, up to a maximum."""
        room = width - (self._margin() if self.layer.kind == "pooling" else 0)
        largest = rhythm(self._widget, 5 if self.layer.kind == "branches" else 3)
        return min((room - 1) / max(1, columns), largest)  # a pixel for the last cell's frame

    # --- Cells --------------------------------------------------------------------------------------------------

    def _draw_cells(self, painter: QPainter, side: Side, place: QRectF) -> None:
        rows, columns = self._shape(round(place.width()))
        cell = self._cell(round(place.width()), columns)
        values = _laid_out(side.values, rows, columns)
        dropped = None if side.kept is None else _laid_out((~side.kept).astype(np.float32), rows, columns) == 1
        self._draw_grid(painter, values, dropped, place.topLeft(), cell)

    def _draw_grid(
        self, painter: QPainter, values: Grid, dropped: npt.NDArray[np.bool_] | None, corner: QPointF, cell: float
    ) -> None:
        rows, columns = values.shape
        area = QRectF(corner.x(), corner.y(), columns * cell, rows * cell)
        image = self._image(values, dropped)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, cell < 1)
        painter.drawImage(area, image, QRectF(image.rect()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if cell >= FRAMED:
            painter.setPen(QPen(self._colour(QPalette.ColorRole.Mid), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for row, column in zip(*np.nonzero(~np.isnan(values)), strict=True):
                painter.drawRect(QRectF(corner.x() + column * cell, corner.y() + row * cell, cell, cell))
        if dropped is not None and cell >= CROSSED:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self.cross_colour(), max(1.0, cell / 10)))
            painter.drawLines(_crosses(dropped, corner, cell))

    def _image(self, values: Grid, dropped: npt.NDArray[np.bool_] | None) -> QImage:
        """One pixel per cell: the larger the value, the more accent colour; dropped values dark; gaps transparent."""
        share = np.nan_to_num(np.abs(values) / self._most).clip(0, 1)[..., None] ** GAMMA
        ground, full = _rgb(self._colour(QPalette.ColorRole.Base)), _rgb(self._colour(ACCENT))
        colours = ground + (full - ground) * share
        if dropped is not None:
            colours[dropped] = _rgb(self.dropped_colour())
        clear = np.where(np.isnan(values), 0, 255)[..., None]
        pixels = np.ascontiguousarray(np.concatenate([colours, clear], 2).round().astype(np.uint8))
        height, width = values.shape
        return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self._widget.palette().color(role)

    def dropped_colour(self) -> QColor:
        """Nearly black, in the light and in the dark theme."""
        return QColor("#2b2e35") if self._colour(QPalette.ColorRole.Base).lightness() > 128 else QColor("#08090b")

    def cross_colour(self) -> QColor:
        """A colour with contrast to that of dropped values."""
        tones = (self._colour(QPalette.ColorRole.Base), self._colour(MUTED))
        return max(tones, key=lambda tone: contrast(tone.name(), self.dropped_colour().name()))

    # --- Pooling ------------------------------------------------------------------------------------------------

    def _draw_pooling(self, painter: QPainter, side: Side, place: QRect) -> None:
        """The feature map, lines at the beginning of each region, and brackets for its extent."""
        values = side.values.astype(np.float32)
        rows, columns = values.shape
        margin, cell = self._margin(), self._cell(place.width(), columns)
        corner = QPointF(place.left() + margin, place.top() + margin)
        self._draw_grid(painter, values, None, corner, cell)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colour(QPalette.ColorRole.WindowText), 1.5 if cell >= CROSSED else 1.0))
        right, bottom = corner.x() + columns * cell, corner.y() + rows * cell
        for start in side.rows:
            y = corner.y() + start * cell
            painter.drawLine(QLineF(corner.x(), y, right, y))
        for start in side.columns:
            x = corner.x() + start * cell
            painter.drawLine(QLineF(x, corner.y(), x, bottom))
        painter.drawLine(QLineF(corner.x(), bottom, right, bottom))
        painter.drawLine(QLineF(right, corner.y(), right, bottom))
        self._draw_brackets(painter, side, corner, cell)

    def _draw_brackets(self, painter: QPainter, side: Side, corner: QPointF, cell: float) -> None:
        step, inset = self._margin() / 2, cell * 0.15
        for number, start in enumerate(side.columns):
            y = corner.y() - step * (0.5 + number % 2)
            x = corner.x() + start * cell
            painter.drawLine(QLineF(x + inset, y, x + 2 * cell - inset, y))
        for number, start in enumerate(side.rows):
            x = corner.x() - step * (0.5 + number % 2)
            y = corner.y() + start * cell
            painter.drawLine(QLineF(x, y + inset, x, y + 2 * cell - inset))

    # --- Predictions ------------------------------------------------------------------------------------------------

    def _shown_classes(self) -> list[int]:
        """The true class and the most probable others of either side, in the order of the classes."""
        likely = np.maximum(self.layer.train.values, self.layer.test.values)
        first = [self._label, *(c for c in np.argsort(-likely, kind="stable").tolist() if c != self._label)]
        return sorted(first[:MAX_CLASSES])

    def _draw_answer(self, painter: QPainter, side: Side, place: QRect) -> None:
        line = self._line()
        usual, bold = QFont(self._widget.font()), QFont(self._widget.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        shown = self._shown_classes()
        names = min(max(metrics.horizontalAdvance(self._classes[c]) for c in shown) + 2, place.width() // 2)
        numbers = metrics.horizontalAdvance("100 %")
        gap = rhythm(self._widget, 1)
        room = place.width() - names - numbers - 2 * gap
        for row, each in enumerate(shown):
            top = place.top() + row * line
            share = float(side.values[each])
            painter.setPen(self._colour(QPalette.ColorRole.WindowText))
            name = metrics.elidedText(self._classes[each], Qt.TextElideMode.ElideRight, names)
            painter.setFont(bold if each == self._label else usual)
            painter.drawText(QRect(place.left(), top, names, line), Qt.AlignmentFlag.AlignVCenter, name)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRect(place.left() + place.width() - numbers, top, numbers, line), right, f"{percent(share, 0)}"
            )
            bar = QRectF(place.left() + names + gap, top + line * 0.25, max(0.0, room * share), line * 0.5)
            painter.fillRect(bar, self._colour(ACCENT))
        painter.setFont(usual)


def _most(values: npt.NDArray[np.float32]) -> float:
    return float(np.abs(values).max(initial=0.0))


def _rgb(colour: QColor) -> npt.NDArray[np.float64]:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)


def _laid_out(values: npt.NDArray[np.float32], rows: int, columns: int) -> Grid:
    """Units in lines, two feature maps side by side, weights as they are; NaN in gaps."""
    laid = np.full((rows, columns), np.nan, np.float32)
    if values.ndim == 1:
        laid.ravel()[: len(values)] = values
    elif values.ndim == 2:
        laid[:] = values
    else:
        across = min(2, len(values))
        for number, each in enumerate(values):
            top, left = number // across * (each.shape[0] + 1), number % across * (each.shape[1] + 1)
            laid[top : top + each.shape[0], left : left + each.shape[1]] = each
    return laid


def _crosses(dropped: npt.NDArray[np.bool_], corner: QPointF, cell: float) -> list[QLineF]:
    inset = cell * 0.2
    lines = []
    for row, column in zip(*np.nonzero(dropped), strict=True):
        left, top = corner.x() + column * cell + inset, corner.y() + row * cell + inset
        right, bottom = left + cell - 2 * inset, top + cell - 2 * inset
        lines += [QLineF(left, top, right, bottom), QLineF(left, bottom, right, top)]
    return lines
