"""Runner and tasks that are shut down properly when a test is over, as the application does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bridge.helpers import Heard
from workbench.bridge.runner import Runner
from workbench.bridge.tasks import Tasks


def _end(owner: Any, qtbot: Any) -> None:
    ended: list[bool] = []
    owner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)


@pytest.fixture
def runner(qtbot: Any) -> Iterator[Runner]:
    runner = Runner()
    yield runner
    _end(runner, qtbot)


@pytest.fixture
def heard(runner: Runner) -> Heard:
    return Heard(runner)


@pytest.fixture
def tasks(qtbot: Any) -> Iterator[Tasks]:
    tasks = Tasks()
    yield tasks
    _end(tasks, qtbot)
