"""The steps of the wizard at its side: what is done, where one is, what comes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.widgets.theme import ACCENT, MUTED, rhythm


class Steps(QWidget):
    """A numbered list that only shows; the buttons below the pages move."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = tuple(names)
        self._present = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.show_step(0)

    def show_step(self, index: int) -> None:
        """Mark the step that one is at."""
        self._present = index
        name = self._names[index] if 0 <= index < len(self._names) else ""
        self.setAccessibleName(f"Step {index + 1} of {len(self._names)}: {name}")
        self.update()

    def sizeHint(self) -> QSize:
        font = QFont(self.font())
        font.setBold(True)
        widest = max(QFontMetrics(font).horizontalAdvance(name) for name in self._names)
        return QSize(widest + rhythm(self, 14), rhythm(self, 10 * len(self._names)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit, palette = rhythm(self, 1), self.palette()
        for index, name in enumerate(self._names):
            row = QRect(0, (2 + 10 * index) * unit, self.width(), 8 * unit)
            here = index == self._present
            circle = QRectF(2 * unit, row.top() + unit, 6 * unit, 6 * unit)
            lit = index <= self._present
            painter.setPen(QPen(palette.color(ACCENT if lit else MUTED), unit * 0.4))
            painter.setBrush(palette.color(ACCENT) if here else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle)
            font = QFont(self.font())
            font.setBold(here)
            painter.setFont(font)
            painter.setPen(palette.color(QPalette.ColorRole.HighlightedText if here else ACCENT if lit else MUTED))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "✓" if index < self._present else str(index + 1))
            painter.setPen(palette.color(QPalette.ColorRole.WindowText if here else MUTED))
            painter.drawText(row.adjusted(10 * unit, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        painter.end()
