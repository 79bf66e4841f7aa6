"""Menus whose lines between groups can be seen on every ground."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QMenu

from workbench.views.widgets.theme import rhythm


def key_name(event: QKeyEvent) -> str:
    """The key with its modifiers, as ``QKeySequence`` writes it: ``Ctrl+Z``, ``Alt+Up``; the keypad is no modifier."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(modifiers.value | event.key()).toString(QKeySequence.SequenceFormat.PortableText)


def is_menu_key(event: QKeyEvent) -> bool:
    """Whether a key asks for the menu of what has the focus: a keyboard may lack the menu key, and X11 does not take
    Shift+F10 for it."""
    is_f10 = event.key() == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier
    return is_f10 or event.key() == Qt.Key.Key_Menu


class Menu(QMenu):
    """Draws its separators itself: Fusion (Qt 6.11) makes them a little darker than the ground, which cannot be seen
    on a dark one."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = rhythm(self, 1)
        for action in self.actions():
            if action.isSeparator() and action.isVisible():
                place = self.actionGeometry(action)
                line = QRect(place.left() + side, place.center().y(), place.width() - 2 * side, 1)
                painter.fillRect(line, self.palette().color(QPalette.ColorRole.Mid))
        painter.end()
