"""A desk of the playground whose thread and tasks are ended when a test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.threads.background import Tasks


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, tasks: Tasks) -> Iterator[PlaygroundDesk]:
    desk = PlaygroundDesk(tmp_path, tasks)
    yield desk
    ended: list[bool] = []
    desk.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)
