"""The table of runs: its rows read and clicked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from workbench.views.runs.runs_model import NAME
from workbench.views.runs.runs_page import RunsPage


def click(page: RunsPage, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table = page.list.table
    place = table.visualRect(page.list.model.index(row, NAME)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, place)
