"""What tests of the playground's page look at and press."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from workbench.views.playground.playground_page import PlaygroundPage

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


def picture(page: PlaygroundPage) -> QImage:
    return page.landscape.grab().toImage()
