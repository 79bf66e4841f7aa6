"""The layout that flows: any width, no endless rounds."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget

from workbench.views.widgets.flow_layout import FlowLayout


class Rounds(QObject):
    """Counts the requests for another layout."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return super().eventFilter(watched, event)


def flowing(count: int = 5) -> tuple[QWidget, list[QPushButton]]:
    home = QWidget()
    layout = FlowLayout(home, 4)
    buttons = [QPushButton(f"Button {k}") for k in range(count)]
    for button in buttons:
        layout.addWidget(button)
    return home, buttons


@pytest.mark.parametrize("width", [0, 1, 30, 31, 200, 5000, 100_000])
def test_extreme_widths(qtbot: Any, width: int) -> None:
    home, buttons = flowing()
    qtbot.addWidget(home)
    layout = home.layout()
    assert layout is not None
    height = layout.heightForWidth(width)
    line = buttons[0].sizeHint().height()
    assert line <= height <= 5 * line
    if width >= 5000:
        assert height == line
    if width <= 1:
        assert height == 5 * line


@pytest.mark.parametrize("policy", [Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOn])
def test_no_width_makes_it_lay_out_for_ever(qtbot: Any, policy: Qt.ScrollBarPolicy) -> None:
    home, _ = flowing(12)
    area = QScrollArea()
    area.setVerticalScrollBarPolicy(policy)
    area.setWidgetResizable(True)
    area.setWidget(home)
    qtbot.addWidget(area)
    with qtbot.waitExposed(area):
        area.show()
    rounds = Rounds(home)
    for width in range(60, 460, 7):  # at some of them a scroll bar takes the room that would make it needless
        area.resize(width, 90)
        for _ in range(4):
            qtbot.wait(0)
    qtbot.wait(50)
    assert rounds.count < 1000
    before = rounds.count
    qtbot.wait(50)
    assert rounds.count == before
