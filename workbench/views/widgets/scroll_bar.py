"""A scroll bar whose room never comes and goes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QScrollBar


class QuietScrollBar(QScrollBar):
    """Keeps its room always, so that nothing moves when a panel is opened, but is only drawn where it can scroll."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > self.minimum():
            super().paintEvent(event)
        else:
            painter = QPainter(self)
            painter.fillRect(self.rect(), self.palette().window())
            painter.end()


def keep_room(area: QScrollArea) -> None:
    """Give ``area`` such a bar at its side.

    Where the height of what scrolls depends on its width, a bar that comes makes it higher and one that goes makes it
    lower: Qt then resizes it to and fro until the stack overflows (seen on X11).
    """
    area.setVerticalScrollBar(QuietScrollBar(Qt.Orientation.Vertical, area))
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
