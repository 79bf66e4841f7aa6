"""What a test leaves behind in Qt is found, also what is started once more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QThread, QTimer
from pytestqt.qtbot import QtBot

from tests import qt_leftovers


@pytest.fixture
def timer(qtbot: QtBot) -> Iterator[QTimer]:
    timer = QTimer(interval=60_000)
    yield timer
    timer.stop()


def test_a_timer_is_found_while_it_is_active_and_again_when_it_is_started_again(timer: QTimer) -> None:
    before = qt_leftovers.found()
    timer.start()
    assert qt_leftovers.found() - before == qt_leftovers.left_since(before) == {timer}
    timer.stop()
    assert qt_leftovers.left_since(before) == set()
    timer.start()
    assert qt_leftovers.left_since(before) == {timer}
    assert qt_leftovers.words(timer).endswith("every 60000 ms of nobody")


def test_a_running_thread_is_found_and_ended(qtbot: QtBot) -> None:
    before, thread = qt_leftovers.found(), QThread()
    thread.start()
    left = qt_leftovers.left_since(before)
    assert left == {thread}
    qt_leftovers.clear(left)
    assert thread.isFinished() and qt_leftovers.left_since(before) == set()
