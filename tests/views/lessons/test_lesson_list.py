"""The list of scenes: whole titles at any width."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QStyle
from pytestqt.qtbot import QtBot

from tests.views.lessons.conftest import Opener
from workbench.engine.lessons.lesson_file import FOLDER


def test_no_title_is_cut_at_any_width(qtbot: QtBot, open_page: Opener) -> None:
    scenes = open_page(FOLDER).list
    view = scenes.list
    margin = view.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, view) + 1
    assert view.count() > 30
    for width in range(160, 340, 20):
        scenes.setFixedWidth(width)
        qtbot.waitUntil(
            lambda: view.visualItemRect(view.item(0)).right() == view.viewport().width() - view.spacing() - 1,
            timeout=30_000,
        )
        for row in range(view.count()):
            item = view.item(row)
            assert item is not None
            place = view.visualItemRect(item)
            room = QRect(0, 0, place.width() - 2 * margin, 10_000)
            needed = view.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, item.text())
            assert place.height() >= needed.height(), f"{item.text()} at {width}"
            assert place.right() < view.viewport().width(), f"{item.text()} at {width}"
