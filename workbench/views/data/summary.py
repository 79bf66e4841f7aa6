"""The data in numbers: how many examples train and validate, of what shape, and how many of each class."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from workbench.engine.core.text import counted, grouped, shape_text, size_text
from workbench.engine.report.data_summary import DataSummary
from workbench.views.widgets.basics import Box, ShortPathWords, Words, show_tip
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, rhythm, theme

NO_VALIDATION = (
    "No examples are kept for validation, so overfitting cannot be seen: validation values show “–”, "
    "no best epoch is kept and early stopping does nothing."
)
FEW_VALIDATION = 30


class DataSummaryView(Box):
    """Counts, a bar for each class, warnings; or a sentence why there is no data, with a button to try again."""

    #: Read the data again.
    retried = Signal()
    #: Read no further.
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2)
        self._counts = Words()
        self._details = Words(tone=MUTED)
        self._trouble = ShortPathWords(tone=ERROR)
        self._warning = ShortPathWords(tone=WARNING)
        self._bars = _ClassBars()
        self._legend = _Legend()
        self._button = QPushButton("Read the data again")
        self._button.clicked.connect(self._on_clicked)
        self._bar = ProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of reading the data")
        self._stop = QPushButton("Stop reading")
        self._stop.clicked.connect(self._on_stop)
        parts: tuple[QWidget, ...] = (self._counts, self._details, self._trouble, self._warning, self._bars)
        parts = (*parts, self._legend, self._button, self._bar, self._stop)
        for part in parts:
            self.add(part)
        self.setAccessibleName("Summary of the data")
        self.show_waiting()

    @Slot(object)
    def show_summary(self, summary: DataSummary) -> None:
        """Show the numbers."""
        kinds = counted(len(summary.classes), "class", "classes")
        self._say(
            counts=summary.counts,
            details=f"{kinds}, {shape_text(summary.shape)}, {size_text(summary.memory)}",
            warning="\n".join(_warnings(summary)),
        )
        self._clear()
        self._bars.set_summary(summary)
        self._bars.show()
        self._legend.show()
        self._button.setVisible(bool(summary.notes))

    @Slot()
    def show_waiting(self) -> None:
        """Say that the data is being read."""
        self._clear()
        self._say(details="Reading the data…")

    @Slot(object, object)
    def show_reading(self, fraction: float, words: str) -> None:
        """Say how far the reading is, where it takes long; it can be stopped."""
        self._clear()
        self._bar.setRange(0, 1000 if fraction else 0)
        self._bar.setValue(round(1000 * fraction))
        self._bar.show()
        self._stop.show()
        self._say(details=f"{words}…" if not words.endswith("?") else words)

    @Slot(str)
    def show_error(self, message: str) -> None:
        """Say in a sentence why there is no data."""
        self._clear()
        self._say(trouble=message)
        self._button.show()

    def _clear(self) -> None:
        for part in (self._bars, self._legend, self._bar, self._stop, self._button):
            part.hide()

    def _say(self, counts: str = "", details: str = "", trouble: str = "", warning: str = "") -> None:
        self._counts.say(counts)
        self._details.say(details)
        self._trouble.say(trouble)
        self._warning.say(warning)

    @Slot()
    def _on_clicked(self) -> None:
        self.retried.emit()

    @Slot()
    def _on_stop(self) -> None:
        self.stopped.emit()


def _warnings(summary: DataSummary) -> list[str]:
    """What should be known before the start."""
    found = list(summary.notes)
    if not summary.val:
        found.append(NO_VALIDATION)
    elif summary.val < FEW_VALIDATION and not summary.folds:
        val = grouped(summary.val)
        found.append(f"With only {val} validation examples, a single one changes the accuracy noticeably.")
    if len(summary.classes) == 1:
        found.append("There is only one class, so there is nothing to classify.")
    empty = [name for name, count in zip(summary.classes, summary.class_train, strict=True) if not count]
    if empty:
        found.append(f"No training example of the class {empty[0]}.")
    return found


class _ClassBars(QWidget):
    """A bar for each class: training filled, validation hollow on top. Names below where they fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary: DataSummary | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Examples of each class")

    def set_summary(self, summary: DataSummary) -> None:
        self._summary = summary
        rows = zip(summary.classes, summary.class_train, summary.class_val, strict=True)
        few = [f"{name}: {grouped(train)} training, {grouped(val)} validation" for name, train, val in rows][:20]
        self.setAccessibleDescription("; ".join(few))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 16))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), rhythm(self, 16))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def _column(self, index: int) -> QRectF:
        """The share of the width of one class; few classes do not fill it."""
        count = len(self._summary.classes) if self._summary else 1
        width = min(self.width() / count, rhythm(self, 16))
        return QRectF(index * width, 0, width, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._summary is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._column(0).width() > 8)
        line = self.fontMetrics().height() if self._names_fit() else 0
        highest = max(1, *(a + b for a, b in zip(self._summary.class_train, self._summary.class_val, strict=True)))
        for index in range(len(self._summary.classes)):
            self._draw_bar(painter, index, self.height() - line, (self.height() - line) / highest)
        if line:
            self._draw_names(painter, line)
        painter.end()

    def _draw_bar(self, painter: QPainter, index: int, ground: float, unit: float) -> None:
        assert self._summary is not None
        column = self._column(index)
        gap = min(column.width() * 0.15, rhythm(self, 1))
        train, val = self._summary.class_train[index] * unit, self._summary.class_val[index] * unit
        bar = column.adjusted(gap, 0, -gap, 0)
        painter.fillRect(QRectF(bar.left(), ground - train, bar.width(), train), QColor(theme().colours.train))
        _draw_hollow(painter, QRectF(bar.left(), ground - train - val, bar.width(), val))

    def _names_fit(self) -> bool:
        """Whether three letters have room below a bar, or every whole name."""
        assert self._summary is not None
        metrics, width = self.fontMetrics(), self._column(0).width()
        widest = max(metrics.horizontalAdvance(name) for name in self._summary.classes)
        return min(widest, metrics.horizontalAdvance("nnn…")) <= width

    def _draw_names(self, painter: QPainter, line: int) -> None:
        assert self._summary is not None
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        for index, name in enumerate(self._summary.classes):
            column = self._column(index)
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(column.width()))
            box = QRectF(column.left(), self.height() - line, column.width(), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self.words_at) or super().event(event)

    def words_at(self, place: QPoint) -> str:
        """Name and counts of the class at ``place``; empty beside the bars."""
        if self._summary is None:
            return ""
        index = int(place.x() / self._column(0).width())
        if not 0 <= index < len(self._summary.classes):
            return ""
        train, val = self._summary.class_train[index], self._summary.class_val[index]
        counts = f"{grouped(train)} training, {grouped(val)} validation"
        return f"{self._summary.classes[index]}: {counts}"


class _Legend(QWidget):
    """Says which part of a bar is which."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side, left, gap = rhythm(self, 2), 0.0, rhythm(self, 1)
        for text in ("training", "validation"):
            box = QRectF(left, (self.height() - side) / 2, side, side)
            if text == "training":
                painter.fillRect(box, QColor(theme().colours.train))
            else:
                _draw_hollow(painter, box)
            painter.setPen(self.palette().color(MUTED))
            beside = QRectF(box.right() + gap, 0, self.width(), self.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            left = beside.left() + self.fontMetrics().horizontalAdvance(text) + 3 * gap
        painter.end()


def _draw_hollow(painter: QPainter, box: QRectF) -> None:
    """A bar of validation: an outline where there is room for one."""
    colour = QColor(theme().colours.val)
    if box.width() < 4 or box.height() < 3:
        painter.fillRect(box, colour)
        return
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(0.75, 0.75, -0.75, -0.75))
