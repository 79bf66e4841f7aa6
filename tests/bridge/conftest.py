"""Runner and tasks that are shut down properly when a test is over, as the application does it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bridge.helpers import Heard
from workbench.bridge.runner import Runner
from workbench.bridge.threads.background import Tasks


def _end(owner: Any, qtbot: Any) -> None:
    ended: list[bool] = []
    owner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)


@pytest.fixture
def no_collection() -> Iterator[None]:
    """As in the program: Python must not collect garbage in a worker. The tests for garbage need it too."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def runner(qtbot: Any, no_collection: None) -> Iterator[Runner]:
    runner = Runner()
    yield runner
    _end(runner, qtbot)


@pytest.fixture
def heard(runner: Runner) -> Heard:
    return Heard(runner)


@pytest.fixture
def tasks(qtbot: Any, no_collection: None) -> Iterator[Tasks]:
    tasks = Tasks()
    yield tasks
    _end(tasks, qtbot)
