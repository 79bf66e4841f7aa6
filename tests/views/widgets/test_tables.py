"""Tables of words: the selected row can be read, and rows that wrap show all of their words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.views.widgets.tables import plain_table, wrap_rows
from workbench.views.widgets.theme import theme


@pytest.fixture(params=["light", "dark"])
def table(qtbot: QtBot, qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[QTreeWidget]:
    """A table below a button, with one row that is selected, in a window that is active."""
    theme().set_mode(request.param)
    page, made = QWidget(), plain_table(("Card", "Why"), "Cards")
    column = QVBoxLayout(page)
    column.addWidget(QPushButton("Button"))
    column.addWidget(made)
    made.addTopLevelItem(QTreeWidgetItem(["a card", "a short reason"]))
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    yield made
    theme().set_mode("system")


def row(table: QTreeWidget) -> QImage:
    item = table.topLevelItem(0)
    assert item is not None
    return table.viewport().grab(table.visualItemRect(item)).toImage()


def test_the_focus_does_not_make_a_selected_row_pale(qtbot: QtBot, table: QTreeWidget) -> None:
    table.setCurrentItem(table.topLevelItem(0))
    button = table.window().findChild(QPushButton)
    assert button is not None
    button.setFocus()
    without = row(table)
    QTest.keyClick(button, Qt.Key.Key_Tab)
    qtbot.waitUntil(table.hasFocus)
    assert row(table) == without


def test_rows_that_wrap_are_as_high_as_their_words(qtbot: QtBot, table: QTreeWidget) -> None:
    words = "The loss was not a number at step 1 204, and was so again after each of three steps back. " * 4
    item = table.topLevelItem(0)
    assert item is not None
    item.setText(1, words)
    line = table.fontMetrics().height()
    wrap_rows(table)
    for width in (300, 150):
        table.window().resize(table.columnWidth(0) + width, 900)
        lines = table.fontMetrics().horizontalAdvance(words) / table.columnWidth(1)
        qtbot.waitUntil(lambda least=lines: table.visualItemRect(item).height() >= least * line)


def test_columns_grow_and_shrink_with_the_letters(table: QTreeWidget, qtbot: QtBot) -> None:
    table.setColumnWidth(0, 90)
    line = table.fontMetrics().height()
    try:
        theme().set_large(True)
        qtbot.waitUntil(lambda: table.fontMetrics().height() > line)
        grown = table.fontMetrics().height()
        assert table.columnWidth(0) == round(90 * grown / line)
    finally:
        theme().set_large(False)
    qtbot.waitUntil(lambda: abs(table.columnWidth(0) - 90) <= 1)
