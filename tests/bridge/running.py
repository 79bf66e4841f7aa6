"""Runs in the training thread that tests wait for."""

from __future__ import annotations

from typing import Any

from tests.bridge.helpers import LONG, Heard
from tests.fakes import FakeEngine
from workbench.bridge.runner import Runner, State
from workbench.engine.core.events import RunEnded


def wait(qtbot: Any, condition: Any, limit: int = LONG) -> None:
    qtbot.waitUntil(condition, timeout=limit)


def wait_for(qtbot: Any, runner: Runner, *states: State) -> None:
    wait(qtbot, lambda: runner.state in states)


def assert_one_end(heard: Heard, engine: FakeEngine) -> None:
    """One end each, as the last event, the same that ``finished`` brought; the run's generator is closed."""
    ends = heard.of(RunEnded)
    assert ends == heard.ended
    assert len(ends) == 1
    assert heard.events[-1] is ends[0]
    assert engine.closed == engine.made
