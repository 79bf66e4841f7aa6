"""The confusion matrix as a picture of cells, for 2 to 1,000 classes."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import grouped, percent
from workbench.engine.inspection.confusion import Confusion, Integers
from workbench.engine.report.svg.colours import DARK, LIGHT, PlotColours
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import ACCENT, rhythm, theme

_STEPS: Final = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
#: Number of pixels by which a row may be lower than a line of text and still have a name.
_TIGHTEST: Final = 0.8
#: Pixels of the smallest figures in cells: smaller ones cannot be read.
_SMALLEST: Final = 9
#: Minimum width (pixels) of cells that are separated by lines.
_RULED: Final = 8
_EMPTY: Final = "The confusion matrix will be here: a row for each class, a column for each predicted class."


class MatrixView(QWidget):
    """A row for each true class, a column for each answer. Right answers are blue, wrong ones vermilion.

    A colour says the share of the row's class, its square root, so that few mistakes can be seen. Where cells are
    smaller than pixels, a pixel shows the strongest of its cells. Arrows move, Enter or a click opens a cell.
    """

    chosen = Signal(int, int)  #: the true class and the answer of a cell

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Confusion matrix")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.names: tuple[str, ...] = ()
        self._order: Integers = np.empty(0, np.int64)
        self._found: Confusion | None = None
        self.shows_rates = False
        self.cell = (0, 0)
        self._image: QImage | None = None
        self._image_of: tuple[int, bool] = (0, False)

    def show_confusion(self, found: Confusion, names: tuple[str, ...], order: Integers) -> None:
        """Show ``found`` with its classes in ``order``."""
        is_as_large = len(names) == len(self.names)
        self._found, self.names, self._order = found.reordered(order), names, order
        self.cell = self.cell if is_as_large else (0, 0)
        self._image = None
        self._describe()
        self.update()

    def clear(self) -> None:
        """Show nothing but what will be here."""
        self._found, self.names, self.cell = None, (), (0, 0)
        self.setAccessibleDescription("")
        self.update()

    def show_rates(self, rates: bool) -> None:
        """Write shares of the row's class into the cells, or counts."""
        self.shows_rates = rates
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 100), rhythm(self, 90))

    # --- Places --------------------------------------------------------------------------------------------------

    def area(self) -> QRectF:
        """The square of the cells."""
        metrics = self.fontMetrics()
        left, top = self._names_width() + metrics.height(), 2.4 * metrics.height()
        side = max(1.0, min(self.width() - left - metrics.height() / 2, self.height() - top - metrics.height() / 2))
        return QRectF(left, top, side, side)

    def _names_width(self) -> float:
        if not self._has_names:
            return 0.0
        most = self.width() * 0.25
        return min(most, max((self.fontMetrics().horizontalAdvance(name) for name in self.names), default=0))

    @property
    def _has_names(self) -> bool:
        """Whether a row is as high as its name."""
        count, high = max(1, len(self.names)), self.fontMetrics().height()
        return (self.height() - 3 * high) / count >= _TIGHTEST * high

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a cell is."""
        area = self.area()
        side = area.width() / max(1, len(self.names))
        return QRectF(area.left() + column * side, area.top() + row * side, side, side)

    def _cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """The cell at a point; of several in one pixel the one with the most mistakes."""
        area, count = self.area(), len(self.names)
        if not count or not area.contains(at) or self._found is None:
            return None
        per_pixel = count / area.width()
        first = [int((at.y() - area.top()) * per_pixel), int((at.x() - area.left()) * per_pixel)]
        row, column = (min(each, count - 1) for each in first)
        reach = max(1, round(per_pixel))
        if reach == 1:
            return row, column
        block = self._found.counts[row : row + reach, column : column + reach]
        below, beside = np.unravel_index(int(block.argmax()), block.shape)
        return row + int(below), column + int(beside)

    # --- Input ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (cell := self._cell_at(event.position())) is not None:
            self.open(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = Qt.Key(event.key()), len(self.names)
        if key in _STEPS and count:
            down, right = _STEPS[key]
            self.cell = ((self.cell[0] + down) % count, (self.cell[1] + right) % count)
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and count:
            self.open(*self.cell)
        else:
            super().keyPressEvent(event)

    def open(self, row: int, column: int) -> None:
        """Open the examples of a cell, by its place in the order that is shown."""
        self.cell = (row, column)
        self._describe()
        self.update()
        self.chosen.emit(int(self._order[row]), int(self._order[column]))

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, lambda at: self._tip(QPointF(at))) or super().event(event)

    def _tip(self, at: QPointF) -> str:
        cell = self._cell_at(at)
        return self.words(*cell) if cell is not None else ""

    def words(self, row: int, column: int) -> str:
        """The text of a cell's tooltip."""
        assert self._found is not None
        true, answer = (self.names[int(self._order[number])] for number in (row, column))
        count, whole = int(self._found.counts[row, column]), int(self._found.true[row])
        if not whole:
            return f"{true}: no examples"
        what = "recognised" if row == column else f"taken for {answer}"
        return f"{true} {what}: {grouped(count)} of {grouped(whole)} ({percent(count / whole)})"

    def _describe(self) -> None:
        if self._found is not None and self.names:
            self.setAccessibleDescription(self.words(*self.cell))

    # --- Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = DARK if theme().colours.dark else LIGHT
        painter.fillRect(self.rect(), QColor(colours.background))
        if self._found is None or not self.names:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), _EMPTY)
        else:
            self._paint_cells(painter, colours)
            self._paint_words(painter, colours)
        painter.end()

    def _paint_cells(self, painter: QPainter, colours: PlotColours) -> None:
        area, count = self.area(), len(self.names)
        reach = max(1, -(-count // max(1, int(area.width() * self.devicePixelRatioF()))))
        if self._image is None or self._image_of != (reach, theme().colours.dark):
            assert self._found is not None
            self._image = image_of(_picture(self._found, colours, reach))
            self._image_of = (reach, theme().colours.dark)
        shown = QRectF(area)
        shown.setSize(area.size() * (self._image.width() * reach / count))
        painter.drawImage(shown, self._image)
        if area.width() / count >= _RULED:
            self._paint_lines(painter, QColor(colours.grid))
        painter.setPen(QPen(self.palette().color(ACCENT), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        side = max(self.place_of(0, 0).width(), 5.0)
        place = self.place_of(*self.cell)
        painter.drawRect(QRectF(place.x(), place.y(), side, side))

    def _paint_lines(self, painter: QPainter, colour: QColor) -> None:
        area, count = self.area(), len(self.names)
        painter.setPen(QPen(colour, 1))
        for number in range(count + 1):
            at = number * area.width() / count
            painter.drawLine(QPointF(area.left() + at, area.top()), QPointF(area.left() + at, area.bottom()))
            painter.drawLine(QPointF(area.left(), area.top() + at), QPointF(area.right(), area.top() + at))

    def _paint_words(self, painter: QPainter, colours: PlotColours) -> None:
        area, metrics = self.area(), self.fontMetrics()
        painter.setPen(QColor(colours.text))
        rows, columns = "true class ↓", "answer →"
        painter.drawText(QPointF(2, 1.1 * metrics.height()), f"{rows}   {columns}")
        side = area.height() / len(self.names)
        if self._has_names:
            self._paint_names(painter, side)
        self._paint_figures(painter, colours)

    def _paint_names(self, painter: QPainter, side: float) -> None:
        area, metrics, width = self.area(), self.fontMetrics(), self._names_width()
        for number, label in enumerate(self._order.tolist()):
            shown = metrics.elidedText(self.names[label], Qt.TextElideMode.ElideMiddle, round(width))
            beside = QRectF(0, area.top() + number * side, area.left() - metrics.height() / 2, side)
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
            above = QRectF(
                area.left() + number * side, area.top() - 1.2 * metrics.height(), side, 1.2 * metrics.height()
            )
            short = metrics.elidedText(self.names[label], Qt.TextElideMode.ElideRight, round(side))
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, short)

    def figures_font(self) -> QFont | None:
        """The font of the figures in the cells: that of the view, or a smaller one with which the widest has room.
        None where cells are too low to be read."""
        side = self.area().height() / max(1, len(self.names))
        if self._found is None or side < 1.3 * _SMALLEST:
            return None
        metrics = self.fontMetrics()
        widest = metrics.horizontalAdvance(grouped(100 if self.shows_rates else int(self._found.counts.max())))
        share = min(1.0, 0.9 * side / max(1, widest), side / metrics.height())
        font = QFont(self.font())
        font.setPixelSize(max(_SMALLEST, int(share * self.fontInfo().pixelSize())))
        return font

    def _paint_figures(self, painter: QPainter, colours: PlotColours) -> None:
        font, found = self.figures_font(), self._found
        if font is None or found is None:
            return
        painter.setFont(font)
        rates, metrics = found.rates(), painter.fontMetrics()
        for row, column in zip(*np.nonzero(found.counts), strict=True):
            rate, place = float(rates[row, column]), self.place_of(int(row), int(column))
            text = grouped(100 * rate) if self.shows_rates else grouped(int(found.counts[row, column]))
            if metrics.horizontalAdvance(text) < place.width():
                painter.setPen(QColor(colours.background if rate > 0.4 else colours.text))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _picture(found: Confusion, colours: PlotColours, reach: int) -> npt.NDArray[np.uint8]:
    """The cells as pixels, uint8 (H, W, 3); ``reach`` cells a side share one, which shows the strongest of them."""
    strength = np.sqrt(found.rates(), dtype=np.float32)
    diagonal = strength.diagonal().copy()
    np.fill_diagonal(strength, 0.0)
    wrong = _strongest(strength, reach)
    right = np.zeros_like(wrong)
    at = np.arange(len(diagonal)) // reach
    np.maximum.at(right, (at, at), diagonal)
    ground, blue, red = (_rgb(each) for each in (colours.background, colours.train, colours.val))
    is_wrong = (wrong >= right)[:, :, None]
    level = np.where(is_wrong, wrong[:, :, None], right[:, :, None])
    made: npt.NDArray[np.uint8] = np.rint(ground + level * (np.where(is_wrong, red, blue) - ground)).astype(np.uint8)
    return made


def _rgb(name: str) -> npt.NDArray[np.float32]:
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], np.float32)


def _strongest(values: npt.NDArray[np.float32], reach: int) -> npt.NDArray[np.float32]:
    """The maximum of each block of ``reach`` × ``reach`` values; the last ones may be smaller."""
    if reach == 1:
        return values
    side = -(-len(values) // reach) * reach
    padded = np.zeros((side, side), np.float32)
    padded[: len(values), : len(values)] = values
    made: npt.NDArray[np.float32] = padded.reshape(side // reach, reach, side // reach, reach).max((1, 3))
    return made
