"""The layers of the network during training: activations, dead units, gradients, update ratios."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from workbench.engine.core.events import Event, LayerStats
from workbench.engine.core.text import grouped, percent, scientific, short
from workbench.engine.diagnostics.layer_advice import BAND, MANY, advice
from workbench.engine.diagnostics.layer_stats import LayerNumbers, Returned, numbers
from workbench.engine.run_store.history import History
from workbench.views.widgets.basics import Box, Words, show_tip
from workbench.views.widgets.theme import ACCENT, MUTED, WARNING, rhythm

#: Milliseconds between two redraws: faster changes cannot be read.
REDRAW_MS = 500
#: The range of the update ratio's axis, as exponents of ten.
LOW, HIGH = -6.0, 0.0
EMPTY = "Train a model to see its layers here: activations, gradients, dead units, and the size of each update."
OFF = "The layers are not measured. Set “Layers every” under Run to a number of steps."

_Align = Qt.AlignmentFlag


@dataclass(frozen=True, slots=True)
class Row:
    """The content of one row."""

    name: str
    kind: str
    numbers: LayerNumbers


class LayerView(Box):
    """Advice in a sentence, and a row for each layer. Computes nothing while it is hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1), spacing=1)
        self._history = History()
        self._seen: LayerStats | None = None
        self.redraws = 0
        self.words = Words(EMPTY, tone=MUTED)
        self.words.setAccessibleName("Advice on the layers")
        self.rows = LayerRows()
        self._heads = _Heads(self.rows)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._scroll.setWidget(self.rows)
        self.add(self.words)
        self.add(self._heads)
        self.add(self._scroll, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self.refresh)
        self.setAccessibleName("Layers")
        self._show_rows(())

    @Slot(object)
    def set_history(self, history: History) -> None:
        """Show another run."""
        self._history, self._seen = history, None
        self.refresh()

    @Slot(object)
    def take(self, events: list[Event]) -> None:
        """Redraw soon if ``events``, already in the history, have new layer statistics."""
        if self.isVisible() and not self._timer.isActive() and any(isinstance(e, LayerStats) for e in events):
            self._timer.start()

    @Slot()
    def refresh(self) -> None:
        """Show the last measurement."""
        layers = self._history.layers
        if not self.isVisible() or (layers is self._seen and layers is not None):
            return
        self._seen = layers
        self._show(layers)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 120), rhythm(self, 48))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 24))

    def _show(self, layers: LayerStats | None) -> None:
        self.redraws += 1
        if layers is None:
            self.words.say(OFF if self._is_off() else EMPTY)
            self._show_rows(())
            return
        rows = tuple(Row(each.name, _kind(each.layer, each.activation), numbers(each)) for each in layers.layers)
        whose = ", first member" if self._history.averaged_members else ""
        self.words.say(f"Step {grouped(layers.step + 1)}{whose}. {advice([(row.name, row.numbers) for row in rows])}")
        self._show_rows(rows)

    def _show_rows(self, rows: tuple[Row, ...]) -> None:
        self.rows.set_rows(rows)
        self.words.setForegroundRole(QPalette.ColorRole.WindowText if rows else MUTED)
        self._heads.setVisible(bool(rows))
        self._scroll.setVisible(bool(rows))
        self.box.setAlignment(_Align.AlignTop if not rows else _Align(0))

    def _is_off(self) -> bool:
        started = self._history.started
        return started is not None and not started.spec.get("loop", {}).get("diagnostics", 0)


def _kind(layer: str, activation: str) -> str:
    return f"{layer} – {activation}" if activation else layer


class LayerRows(QWidget):
    """The rows, drawn by hand: a table of small pictures would need a widget for each.

    Each has two lines: what the layer hands on, and the gradient that comes back to that.
    """

    HEADS = ("Layer", "Values", "Mean ± spread", "Zero or saturated", "Weight’s gradient", "Update / weight")
    #: Said instead where there is no room.
    SHORT: ClassVar = {3: "Zero, sat.", 4: "Weight’s grad."}
    #: What stands under a layer's name: the second line of a row is about the gradient of its output.
    BACK = ("gradient back", "gradient")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Row, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Layers of the running model")

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Replace what is shown."""
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
        """Left end and width of each column. Those with pictures share what the numbers leave; the narrow go first."""
        letter = self.fontMetrics().averageCharWidth()
        gap = rhythm(self, 3)
        numbers = {2: 18.0 * letter, 4: 17.0 * letter}
        pictures = {0: 0.9, 1: 0.9, 3: 1.1, 5: 1.6}
        if self.width() < 100 * letter:  # no room: the weight's gradient goes, then the histograms
            numbers.pop(4)
        if self.width() < 76 * letter:
            pictures.pop(1)
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
        """All about the layer at ``place``; empty below the layers."""
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
        """The second line, quieter than the first."""
        box = boxes[0].adjusted(self.fontMetrics().averageCharWidth(), 0, 0, 0)
        self._text(painter, box, _fitting(self.BACK, self.fontMetrics(), box.width()), role=MUTED)
        if back is None:
            self._text(painter, boxes[2], "none", right=True, role=MUTED)
            return
        self._histogram(painter, _framed(boxes[1]), back.counts, back.low, back.high, MUTED)
        self._text(painter, boxes[2], f"{_short(back.mean)} ± {_short(back.std)}", right=True, role=MUTED)
        self._text(painter, boxes[3], f"{_percent(back.zero)} zero", role=MUTED)

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
        """Bars on a root scale: beside a peak at zero the rest of a linear one could not be seen."""
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
        """Zero or saturated values as a bar with its number; dead units in words behind it."""
        share = each.zero if each.zero is not None else each.saturated
        if share is None:
            self._text(painter, box, "–", role=MUTED)
            return
        grave = (each.dead or 0.0) > MANY or (each.saturated or 0.0) > MANY
        words = f"{_percent(share)} zero" if each.zero is not None else f"{_percent(share)} saturated"
        words += f", {_percent(each.dead)} dead" if each.dead else ""
        bar = QRectF(box.left(), box.bottom() - box.height() * 0.14, box.width(), box.height() * 0.12)
        painter.fillRect(bar, self.palette().color(QPalette.ColorRole.Mid))
        filled = QRectF(bar.left(), bar.top(), bar.width() * share, bar.height())
        painter.fillRect(filled, self.palette().color(WARNING if grave else ACCENT))
        upper = QRectF(box.left(), box.top(), box.width(), box.height() * 0.86)
        self._text(painter, upper, words, role=WARNING if grave else QPalette.ColorRole.WindowText)

    def _ratio(self, painter: QPainter, box: QRectF, ratio: float | None) -> None:
        """A dot on decades, the usual band behind it, and the number."""
        number_room = 8.0 * self.fontMetrics().averageCharWidth()
        words = "–" if ratio is None else _short(ratio)
        self._text(painter, box, words, right=True)
        scale = box.adjusted(0, 0, -number_room, 0)
        if scale.width() <= number_room / 2:
            return
        middle = scale.center().y()
        band = QColor(self.palette().color(ACCENT))
        band.setAlphaF(0.25)
        left, right = (_place(scale, value) for value in BAND)
        painter.fillRect(QRectF(left, scale.top(), right - left, scale.height()), band)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(QPointF(scale.left(), middle), QPointF(scale.right(), middle))
        if ratio is not None and ratio > 0.0 and math.isfinite(ratio):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawEllipse(QPointF(_place(scale, ratio), middle), box.height() * 0.24, box.height() * 0.24)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _fitting(words: Sequence[str], metrics: QFontMetrics, width: float) -> str:
    """The first of ``words`` that has room, else the last."""
    return next((each for each in words if metrics.horizontalAdvance(each) <= width), words[-1])


def _framed(box: QRectF) -> QRectF:
    """A little air above and below a picture."""
    return box.adjusted(0, box.height() * 0.08, 0, -box.height() * 0.08)


def _place(scale: QRectF, ratio: float) -> float:
    share = (math.log10(ratio) - LOW) / (HIGH - LOW)
    return scale.left() + min(1.0, max(0.0, share)) * scale.width()


def _percent(share: float) -> str:
    return percent(share, 0)


def _short(value: float) -> str:
    """Three characters of value: ``0.62``, ``−1.1``, ``3e-4``."""
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


class _Heads(QWidget):
    """The names of the columns, above the rows and in step with their widths."""

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
                head = _fitting((head, LayerRows.SHORT.get(index, head)), self.fontMetrics(), width)
                words = self.fontMetrics().elidedText(head, Qt.TextElideMode.ElideRight, math.ceil(width))
                side = _Align.AlignRight if index in (2, 4) else _Align.AlignLeft
                painter.drawText(QRectF(left, 0, width, self.height()), side | _Align.AlignVCenter, words)
        painter.end()
