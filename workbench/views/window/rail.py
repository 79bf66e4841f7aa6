"""The left rail: one button with icon and word for each page. The arrow keys go through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QSizePolicy, QStyle, QStyleOptionFocusRect, QToolButton, QVBoxLayout, QWidget

from workbench.views.widgets.icons import icon
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm
from workbench.views.window.page_list import PageEntry


class Rail(QFrame):
    """Shows ``entries``; the checked button is that of the page shown. Its actions belong to the window."""

    def __init__(
        self, entries: Sequence[PageEntry], actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.buttons = {entry.name: _PageButton(entry, actions[entry.action], self) for entry in entries}
        for button in self.buttons.values():
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            column.addWidget(button)
            button.moved.connect(self._move_focus)
        column.addStretch(1)

    def _move_focus(self, by: int) -> None:
        """Show the page above or below, and give its button the focus; it goes round."""
        buttons = list(self.buttons.values())
        here = next((n for n, button in enumerate(buttons) if button.hasFocus()), 0)
        target = buttons[(here + by) % len(buttons)]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        target.defaultAction().trigger()


class _PageButton(QToolButton):
    moved = Signal(int)  #: an arrow key: −1 up, 1 down

    def __init__(self, entry: PageEntry, action: QAction, rail: Rail) -> None:
        super().__init__(rail)
        self._icon_name = entry.action
        action.setIconText(entry.title)
        self.setDefaultAction(action)
        self.setAccessibleName(entry.title)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(by)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        word = metrics.horizontalAdvance(self.text())
        side = round(1.4 * metrics.height())
        return QSize(max(word, side) + rhythm(self, 4), side + metrics.height() + rhythm(self, 3))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chosen = self.isChecked()
        if chosen or self.underMouse():
            ground = QPalette.ColorRole.Base if chosen else QPalette.ColorRole.Midlight
            painter.fillRect(self.rect(), self.palette().color(ground))
        if chosen:
            painter.fillRect(QRect(0, 0, rhythm(self, 0.75), self.height()), self.palette().color(ACCENT))
        role = QPalette.ColorRole.WindowText if chosen else MUTED
        self._draw_icon(painter, role)
        painter.setPen(self.palette().color(role))
        words = self.rect().adjusted(0, 0, 0, -rhythm(self, 1))
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self.text())
        if self.hasFocus():
            self._draw_focus(painter)
        painter.end()

    def _draw_icon(self, painter: QPainter, role: QPalette.ColorRole) -> None:
        side = round(1.4 * self.fontMetrics().height())
        place = QRect((self.width() - side) // 2, rhythm(self, 1), side, side)
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.ButtonText, palette.color(role))
        icon(self._icon_name, palette).paint(painter, place)

    def _draw_focus(self, painter: QPainter) -> None:
        option = QStyleOptionFocusRect()
        option.initFrom(self)
        option.rect = self.rect().adjusted(1, 1, -1, -1)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)
