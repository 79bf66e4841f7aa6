"""One row for each layer: activations, zero and dead units, gradients, update ratio; and the column headers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import percent, scientific, short
from workbench.engine.report.layer_advice import BAND, MANY
from workbench.engine.report.layer_stats import LayerNumbers, Returned
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.theme import ACCENT, MUTED, WARNING, rhythm

#: The range of the update ratio's axis, as exponents of ten.
LOW, HIGH = -6.0, 0.0

_Align = Qt.AlignmentFlag


@dataclass(frozen=True, slots=True)
class Row:
    """The content of one row."""

    name: str
    kind: str
    numbers: LayerNumbers


class LayerRows(QWidget):
    """The rows, painted in one widget: a table would need a widget for each histogram.

    A row has two lines: the layer's output, and the gradient with respect to it.
    """

    HEADS = ("Layer", "Values", "Mean ± spread", "Zero or saturated", "Weight’s gradient", "Update / weight")
    #: Shorter headers for narrow columns.
    SHORT: ClassVar = {
        2: ("Mean ± std",),
        3: ("Zero, sat.", "Zero"),
        4: ("Weight’s grad.",),
        5: ("Update",),
    }
    #: The label of a row's second line, and shorter ones.
    BACK = ("gradient back", "gradient", "grad.")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Layers of the running model")

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Replace the rows."""
        if len(rows) != len(self._rows):
            self.updateGeometry()
        self._rows = rows
        self.setAccessibleDescription("; ".join(f"{row.name}: {_words(row.numbers)}" for row in rows[:20]))
        self.update()

    def row_height(self) -> int:
        return rhythm(self, 11)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 100), self.row_height() * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def columns(self) -> list[tuple[float, float]]:
        """Left end and width of each column. Numbers have fixed widths, pictures share the rest; two can be hidden."""
        letter = self.fontMetrics().averageCharWidth()
        gap = rhythm(self, 3)
        numbers = {2: 18.0 * letter, 4: 17.0 * letter}
        pictures = {0: 0.9, 1: 0.9, 3: 1.1, 5: 1.6}
        if self.width() < 116 * letter:  # in a narrow view the weight's gradient is hidden, then the histograms
            numbers.pop(4)
        if self.width() < 92 * letter:
            pictures.pop(1)
        if self.width() < 72 * letter:  # without the scale of the ratio its number has room
            pictures, numbers[5] = {0: 1.0, 3: 1.0}, 9.0 * letter
            numbers[2] = 17.0 * letter
        if self.width() < 60 * letter:  # the layers' names matter more than their spread, which the tooltip has
            numbers.pop(2)
        shown = sorted({*numbers, *pictures})
        room = self.width() - gap - sum(numbers.values()) - gap * (len(shown) - 1)
        unit = max(1.0, room / sum(pictures.values()))
        found, at = [(0.0, 0.0)] * len(self.HEADS), 0.0
        for column in shown:
            width = numbers.get(column, unit * pictures.get(column, 0.0))
            found[column] = (at, width)
            at += width + gap
        return found

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self.words_at) or super().event(event)

    def words_at(self, place: QPoint) -> str:
        """The numbers of the layer at a point, as text; empty below the layers."""
        index = place.y() // self.row_height()
        if not 0 <= index < len(self._rows):
            return ""
        row = self._rows[index]
        return f"{row.name}: {row.kind}\n{_words(row.numbers)}"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        height, columns = self.row_height(), self.columns()
        first, last = event.rect().top() // height, event.rect().bottom() // height
        for index in range(max(0, first), min(len(self._rows), last + 1)):
            self._paint_row(painter, self._rows[index], index * height, columns)
        painter.end()

    def _paint_row(self, painter: QPainter, row: Row, top: float, columns: list[tuple[float, float]]) -> None:
        height = float(self.row_height())
        line = height * 0.45
        upper = [QRectF(left, top + height * 0.05, width, line) for left, width in columns]
        lower = [box.translated(0.0, line) for box in upper]
        each = row.numbers
        self._text(painter, upper[0], row.name, elide=Qt.TextElideMode.ElideLeft)
        self._histogram(painter, _framed(upper[1]), each.counts, each.low, each.high, ACCENT)
        self._text(painter, upper[2], f"{_short(each.mean)} ± {_short(each.std)}", right=True)
        self._share(painter, upper[3], each)
        gradient = "–" if each.gradient_std is None else _short(each.gradient_std)
        self._text(painter, upper[4], gradient, right=True)
        self._ratio(painter, upper[5], each.update_ratio)
        self._paint_back(painter, lower, each.returned)

    def _paint_back(self, painter: QPainter, boxes: list[QRectF], back: Returned | None) -> None:
        """Paint the second line, in a muted colour."""
        box = boxes[0].adjusted(self.fontMetrics().averageCharWidth(), 0, 0, 0)
        self._text(painter, box, _fitting(self.BACK, self.fontMetrics(), box.width()), role=MUTED)
        if back is None:
            self._text(painter, boxes[2], "none", right=True, role=MUTED)
            return
        self._histogram(painter, _framed(boxes[1]), back.counts, back.low, back.high, MUTED)
        self._text(painter, boxes[2], f"{_short(back.mean)} ± {_short(back.std)}", right=True, role=MUTED)
        zero = _percent(back.zero)
        words = _fitting((f"{zero} zero", zero), self.fontMetrics(), boxes[3].width())
        self._text(painter, boxes[3], words, role=MUTED)

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        right: bool = False,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
    ) -> None:
        if box.width() <= 0:
            return
        painter.setPen(self.palette().color(role))
        side = _Align.AlignRight if right else _Align.AlignLeft
        words = self.fontMetrics().elidedText(text, elide, math.ceil(box.width()))
        painter.drawText(box, side | _Align.AlignVCenter, words)

    def _histogram(
        self,
        painter: QPainter,
        box: QRectF,
        counts: Sequence[int],
        low: float,
        high: float,
        role: QPalette.ColorRole,
    ) -> None:
        """Bars on a square-root scale: on a linear one only the peak at zero would be visible."""
        tallest = max(counts, default=0)
        if not tallest or box.width() <= 0:
            return
        painter.fillRect(box, self.palette().color(QPalette.ColorRole.Base))
        step = box.width() / len(counts)
        outline = [QPointF(box.left(), box.bottom())]
        for index, count in enumerate(counts):
            y = box.bottom() - box.height() * math.sqrt(count / tallest)
            outline += [QPointF(box.left() + index * step, y), QPointF(box.left() + (index + 1) * step, y)]
        outline.append(QPointF(box.right(), box.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(role))
        painter.drawPolygon(QPolygonF(outline))
        if low < 0.0 < high:
            x = box.left() - low / (high - low) * box.width()
            painter.setPen(QPen(self.palette().color(MUTED), 1))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))

    def _share(self, painter: QPainter, box: QRectF, each: LayerNumbers) -> None:
        """A bar for zero or saturated values, its percentage, and that of dead units."""
        share = each.zero if each.zero is not None else each.saturated
        if share is None:
            self._text(painter, box, "–", role=MUTED)
            return
        is_high = (each.dead or 0.0) > MANY or (each.saturated or 0.0) > MANY
        long, short = ("zero", "zero") if each.zero is not None else ("saturated", "sat.")
        dead = f"{_percent(each.dead)} dead" if each.dead else ""
        ways = [", ".join(filter(None, (f"{_percent(share)} {name}", dead))) for name in (long, short)]
        words = _fitting((*ways, dead or ways[-1]), self.fontMetrics(), box.width())
        bar = QRectF(box.left(), box.bottom() - box.height() * 0.14, box.width(), box.height() * 0.12)
        painter.fillRect(bar, self.palette().color(QPalette.ColorRole.Mid))
        filled = QRectF(bar.left(), bar.top(), bar.width() * share, bar.height())
        painter.fillRect(filled, self.palette().color(WARNING if is_high else ACCENT))
        upper = QRectF(box.left(), box.top(), box.width(), box.height() * 0.86)
        self._text(painter, upper, words, role=WARNING if is_high else QPalette.ColorRole.WindowText)

    def _ratio(self, painter: QPainter, box: QRectF, ratio: float | None) -> None:
        """A dot on a log axis, the usual range behind it, and the number."""
        number_room = 8.0 * self.fontMetrics().averageCharWidth()
        words = "–" if ratio is None else _short(ratio)
        self._text(painter, box, words, right=True)
        scale = box.adjusted(0, 0, -number_room, 0)
        if scale.width() <= number_room / 2:
            return
        middle = scale.center().y()
        band = QColor(self.palette().color(ACCENT))
        band.setAlphaF(0.25)
        left, right = (_position(scale, value) for value in BAND)
        painter.fillRect(QRectF(left, scale.top(), right - left, scale.height()), band)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(QPointF(scale.left(), middle), QPointF(scale.right(), middle))
        if ratio is not None and ratio > 0.0 and math.isfinite(ratio):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawEllipse(QPointF(_position(scale, ratio), middle), box.height() * 0.24, box.height() * 0.24)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _fitting(words: Sequence[str], metrics: QFontMetrics, width: float) -> str:
    """The first of ``words`` that fits, otherwise the last."""
    return next((each for each in words if metrics.horizontalAdvance(each) <= width), words[-1])


def _framed(box: QRectF) -> QRectF:
    """A box with a margin above and below."""
    return box.adjusted(0, box.height() * 0.08, 0, -box.height() * 0.08)


def _position(scale: QRectF, ratio: float) -> float:
    share = (math.log10(ratio) - LOW) / (HIGH - LOW)
    return scale.left() + min(1.0, max(0.0, share)) * scale.width()


def _percent(share: float) -> str:
    return percent(share, 0)


def _short(value: float) -> str:
    """A value in few characters: ``0.62``, ``−1.1``, ``3e-4``."""
    usual = value == 0.0 or 0.001 <= abs(value) < 1000 or not math.isfinite(value)
    return short(value, 2) if usual else scientific(value, 0)


def _words(each: LayerNumbers) -> str:
    parts = [f"mean {_short(each.mean)}, spread {_short(each.std)}"]
    parts += [f"{_percent(share)} {name}" for name, share in _shares(each) if share is not None]
    if each.gradient_mean is not None and each.gradient_std is not None:
        parts.append(f"gradient of the weight {_short(each.gradient_mean)} ± {_short(each.gradient_std)}")
    if each.returned is not None:
        back = each.returned
        parts.append(f"gradient back {_short(back.mean)} ± {_short(back.std)}, {_percent(back.zero)} of it zero")
    if each.update_ratio is not None:
        parts.append(f"update {_short(each.update_ratio)} of the weight")
    return ", ".join(parts)


def _shares(each: LayerNumbers) -> tuple[tuple[str, float | None], ...]:
    return ("zero", each.zero), ("dead", each.dead), ("saturated", each.saturated)


class LayerHeads(QWidget):
    """The column headers, aligned with the columns of the rows."""

    def __init__(self, rows: LayerRows) -> None:
        super().__init__()
        self._rows = rows
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        rows.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.update()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(1, rhythm(self, 5))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(MUTED))
        for index, (left, width) in enumerate(self._rows.columns()):
            if width > 0:
                head = LayerRows.HEADS[index]
                head = _fitting((head, *LayerRows.SHORT.get(index, ())), self.fontMetrics(), width)
                words = self.fontMetrics().elidedText(head, Qt.TextElideMode.ElideRight, math.ceil(width))
                side = _Align.AlignRight if index in (2, 4) else _Align.AlignLeft
                painter.drawText(QRectF(left, 0, width, self.height()), side | _Align.AlignVCenter, words)
        painter.end()
