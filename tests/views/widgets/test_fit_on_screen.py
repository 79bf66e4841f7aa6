"""Windows that stay on their screen, and sizes that come back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener
from workbench.views.widgets import fit_on_screen
from workbench.views.widgets.fit_on_screen import OnScreen, WindowSizes, keep_on_screen


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> QRect:
    """A screen with a panel at its top."""
    room = QRect(0, 30, 1280, 690)
    monkeypatch.setattr(fit_on_screen, "room_of", lambda window: room)
    return room


def test_a_window_that_is_too_large_becomes_smaller_and_one_beside_the_screen_moves(qtbot: QtBot, small: QRect) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    OnScreen(window)
    window.setGeometry(700, 400, 1500, 800)
    window.show()
    qtbot.waitUntil(lambda: small.contains(window.frameGeometry()), timeout=5_000)
    window.setGeometry(-300, 2000, 400, 300)
    keep_on_screen(window)
    assert small.contains(window.frameGeometry()) and window.size() == QSize(400, 300)


def test_a_frame_that_moves_the_window_is_answered_at_once_and_the_user_may_move_it_later(
    qtbot: QtBot, small: QRect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_on_screen, "_FRAME_MS", 60_000)
    window = QWidget()
    qtbot.addWidget(window)
    keeper = OnScreen(window)
    window.setGeometry(100, 100, 1200, 600)
    window.show()
    qtbot.waitUntil(lambda: not keeper._at_once.isActive())
    window.move(100, 135)  # as a window manager does it
    qtbot.waitUntil(lambda: small.contains(window.frameGeometry()), timeout=5_000)
    keeper._framed.stop()
    window.move(100, 400)
    qtbot.wait(20)
    assert window.y() == 400


def test_the_main_window_opens_on_a_small_screen_with_all_its_edges(
    qtbot: QtBot, small: QRect, open_window: Opener
) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: small.contains(window.frameGeometry()), timeout=5_000)
    bar = window.statusBar()
    assert small.contains(QRect(bar.mapToGlobal(bar.rect().topLeft()), bar.size()))


def test_sizes_are_kept_for_both_sizes_of_letters_and_only_if_they_were_changed() -> None:
    sizes = WindowSizes()
    sizes.keep(False, QSize(900, 600), QSize(900, 600))
    assert sizes.get(False) is None and not sizes.words()
    sizes.keep(False, QSize(901, 600), QSize(900, 600))
    sizes.keep(True, QSize(1200, 700), QSize(900, 600))
    again = WindowSizes()
    again.choose({**sizes.words(), "other": "wide"})
    assert again.get(False) == QSize(901, 600) and again.get(True) == QSize(1200, 700)
    broken = WindowSizes()
    broken.choose({"usual": "0x9", "large": "99999999999x3"})
    assert broken.get(False) is None and broken.get(True) is None
