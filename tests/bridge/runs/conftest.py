"""The desk of the queue with its session, switched off and stopped at the end of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.runs.queue_bench import LONG, Bench
from workbench.bridge.runner import Runner
from workbench.bridge.threads.background import Tasks


@pytest.fixture
def bench(qtbot: QtBot, runner: Runner, tasks: Tasks, workbench_home: Path) -> Iterator[Bench]:
    made = Bench(runner, tasks)
    yield made
    made.worker.switch(False)
    made.session.stop()
    qtbot.waitUntil(lambda: not made.session.is_active and tasks.current is None, timeout=LONG)
