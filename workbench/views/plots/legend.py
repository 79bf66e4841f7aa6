"""The header of a subplot: its title and the legend, in which each curve can be switched off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QSizePolicy, QStyle, QStyleOptionFocusRect, QWidget

from workbench.views.plots.series import Style
from workbench.views.widgets.basics import plain_tip

#: How the keys of previous runs begin.
GHOST: Final = "ghost"
#: The curves' dash patterns, shortened for a swatch.
_DASHES: Final[Mapping[Style, list[float]]] = {
    "dashed": [2.0, 1.0],
    "dotted": [0.7, 0.7],
    "dash_dot": [2.2, 0.7, 0.7, 0.7],
    "long_dash": [3.4, 0.8],
}


class LegendEntry(QAbstractButton):
    """Shows or hides one curve: a swatch in the curve's style and its name, struck through while hidden."""

    switched = Signal(str, bool)

    def __init__(self, key: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key, self.label = key, label
        #: Painted without the marks of mouse and focus.
        self.is_for_file = False
        self.setAccessibleName(f"Show {label}")
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._look: tuple[str, str, Style, float] = ("#000000", "#000000", "solid", 1.0)
        self.toggled.connect(self._on_toggled)
        self._on_toggled(True)

    def apply_style(self, colour: str, muted: str, style: Style, opacity: float) -> None:
        """Set the style of the swatch."""
        self._look = (colour, muted, style, opacity)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.label) + self._swatch + metrics.height(), metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * self._swatch, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        colour, muted, style, opacity = self._look
        painter = QPainter(self)
        shown, metrics = self.isChecked(), self.fontMetrics()
        tone = QColor(colour if shown else muted)
        tone.setAlphaF(min(1.0, 1.4 * opacity) if shown else 0.45)
        pen = QPen(tone, max(2.0, metrics.height() / 7))
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if style in _DASHES:
            pen.setDashPattern(_DASHES[style])
        painter.setPen(pen)
        left, middle = metrics.height() / 4, self.height() / 2
        painter.drawLine(QPointF(left, middle), QPointF(left + self._swatch, middle))
        font = self.font()
        font.setStrikeOut(not shown)
        font.setUnderline(shown and self.underMouse() and not self.is_for_file)
        painter.setFont(font)
        painter.setPen(self.palette().windowText().color() if shown else QColor(muted))
        words = QRect(round(left * 2) + self._swatch, 0, self.width() - self._swatch - round(left * 2), self.height())
        text = metrics.elidedText(self.label, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        if self.hasFocus() and not self.is_for_file:
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)

    @property
    def _swatch(self) -> int:
        return round(self.fontMetrics().height() * 1.3)

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        words = "Click to hide this curve." if shown else "Hidden. Click to show this curve."
        self.setToolTip(plain_tip(f"{self.label[:1].upper()}{self.label[1:]}. {words}"))
        self.switched.emit(self.key, shown)


class SubplotHeader(QWidget):
    """Title, legend entries, and a note at the right. Its minimum width never grows."""

    switched = Signal(str, bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: dict[str, LegendEntry] = {}
        self._has_focus = False
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 0, 6, 0)
        self._row.setSpacing(2)
        self._title = QLabel(title, self)
        self._note = QLabel(self)
        for label in (self._title, self._note):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._note.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._title)
        self._row.addSpacing(4)
        self._row.addWidget(self._note, 1)

    @property
    def note(self) -> str:
        """The text at the right."""
        return self._note.text()

    def set_note(self, words: str) -> None:
        """Set the text at the right; it is cut off where there is no room."""
        self._note.setText(words)
        self._note.setToolTip(words)

    @Slot(bool)
    def show_focus(self, focused: bool) -> None:
        """Underline the title while the plot has the keyboard focus."""
        self._has_focus = focused
        self._underline(focused)

    def _underline(self, underlined: bool) -> None:
        font = self._title.font()
        font.setUnderline(underlined)
        self._title.setFont(font)

    def set_for_file(self, for_file: bool) -> None:
        """Paint the legend without the marks of mouse and focus."""
        for entry in self.entries.values():
            entry.is_for_file = for_file
        self._underline(self._has_focus and not for_file)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._shorten_ghosts()
        return super().event(event)

    def _shorten_ghosts(self) -> None:
        """Where not all names have room, those of previous runs are shortened: the others are short already."""
        ghosts = [entry for key, entry in self.entries.items() if key.startswith(GHOST)]
        others = [entry for entry in self.entries.values() if entry not in ghosts and not entry.isHidden()]
        taken = sum(each.sizeHint().width() + self._row.spacing() for each in (self._title, *others))
        room = (self.width() - taken - 2 * self.fontMetrics().height()) // max(1, len(ghosts))
        for ghost in ghosts:
            ghost.setMaximumWidth(max(ghost.minimumSizeHint().width(), min(ghost.sizeHint().width(), room)))

    def add(self, key: str, label: str) -> LegendEntry:
        """Append an entry."""
        entry = LegendEntry(key, label, self)
        entry.switched.connect(self.switched)
        self._row.insertWidget(self._row.count() - 1, entry)
        self.entries[key] = entry
        return entry

    def remove(self, key: str) -> None:
        """Remove an entry."""
        entry = self.entries.pop(key)
        self._row.removeWidget(entry)
        entry.hide()
        entry.deleteLater()

    @property
    def preferred_height(self) -> int:
        """The height for the present font."""
        return self.fontMetrics().height() + 4

    def apply_style(self) -> None:
        """Adapt to the present font."""
        font = self.font()
        font.setBold(True)
        font.setUnderline(self._has_focus)
        self._title.setFont(font)
        self.setFixedHeight(self.preferred_height)
