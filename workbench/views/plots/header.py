"""A lane's head: its title and one switch a curve, which is the legend too."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from workbench.views.plots.series import Style


class LegendEntry(QToolButton):
    """Shows or hides one curve. The name is never rich text and never a mnemonic."""

    switched = Signal(str, bool)

    def __init__(self, key: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.setText(label.replace("&", "&&"))
        self.setAccessibleName(f"Show {label}")
        self.setCheckable(True)
        self.setChecked(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggled.connect(self._on_toggled)
        self._look: tuple[str, str, Style, float] = ("#000000", "#000000", "solid", 1.0)

    def dress(self, colour: str, muted: str, style: Style, opacity: float) -> None:
        """The swatch: as the curve is drawn; hollow grey while hidden."""
        self._look = (colour, muted, style, opacity)
        self._draw()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        self._draw()
        self.switched.emit(self.key, shown)

    def _draw(self) -> None:
        colour, muted, style, opacity = self._look
        size = QSize(round(self.fontMetrics().height() * 1.3), self.fontMetrics().height())
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        tone = QColor(colour if self.isChecked() else muted)
        tone.setAlphaF((opacity if self.isChecked() else 0.45))
        pen = QPen(tone, max(2.0, size.height() / 7))
        if style == "dashed":
            pen.setDashPattern([2.0, 1.2])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        middle = size.height() / 2
        painter.drawLine(QPointF(0, middle), QPointF(size.width(), middle))
        painter.end()
        self.setIconSize(size)
        self.setIcon(QIcon(pixmap))
        self.setToolTip("Click to hide this curve" if self.isChecked() else "Hidden. Click to show this curve")


class LaneHeader(QWidget):
    """Title at the left, switches after it, and room for a few words at the right."""

    switched = Signal(str, bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: dict[str, LegendEntry] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.setSpacing(2)
        self._title = QLabel(title, self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._note = QLabel(self)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._title)
        row.addSpacing(6)
        row.addWidget(self._note, 1)
        self._row = row

    @property
    def note(self) -> str:
        """The words at the right."""
        return self._note.text()

    def set_note(self, words: str) -> None:
        """Words at the right, cut where there is no room."""
        self._note.setText(words)
        self._note.setToolTip(words)

    def add(self, key: str, label: str) -> LegendEntry:
        """Add a switch behind the others."""
        entry = LegendEntry(key, label, self)
        entry.switched.connect(self.switched)
        self._row.insertWidget(self._row.count() - 1, entry)
        self.entries[key] = entry
        return entry

    def remove(self, key: str) -> None:
        """Take a switch away."""
        entry = self.entries.pop(key)
        self._row.removeWidget(entry)
        entry.hide()
        entry.deleteLater()

    def dress(self) -> None:
        """Fit the font of now."""
        font = self.font()
        font.setBold(True)
        self._title.setFont(font)
        self.setFixedHeight(self.fontMetrics().height() + 4)
        for entry in self.entries.values():
            entry.setMaximumHeight(self.fontMetrics().height() + 4)
