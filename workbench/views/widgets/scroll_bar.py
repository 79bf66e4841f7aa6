"""A scroll bar that always takes the same width."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QScrollBar


class QuietScrollBar(QScrollBar):
    """Always takes its width, so that nothing moves when a panel is opened, but is only drawn if it can scroll."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.maximum() > self.minimum():
            super().paintEvent(event)
        else:
            painter = QPainter(self)
            painter.fillRect(self.rect(), self.palette().window())
            painter.end()


def reserve_scroll_bar(area: QScrollArea) -> None:
    """Give ``area`` a QuietScrollBar.

    If the height of the content depends on its width, a bar that appears makes it higher and one that disappears makes
    it lower: Qt then resizes it recursively until the stack overflows (seen with Qt 6.11 on X11).
    """
    area.setVerticalScrollBar(QuietScrollBar(Qt.Orientation.Vertical, area))
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
