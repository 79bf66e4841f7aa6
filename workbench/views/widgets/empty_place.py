"""What a page shows while it has nothing else: words in the middle, and buttons below them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from workbench.views.widgets.basics import Box, Words


class EmptyPlace(Box):
    """``words`` take three quarters of the width, above them is a third of the free height."""

    def __init__(self, text: str, buttons: Sequence[QPushButton]) -> None:
        super().__init__(margins=(4, 4, 4, 4), spacing=2)
        self.words = Words(text)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = Box(horizontal=True)
        row.box.addStretch(1)
        row.add(self.words, 6)
        row.box.addStretch(1)
        self.box.addStretch(1)
        self.add(row)
        for button in buttons:
            self.box.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.box.addStretch(2)
