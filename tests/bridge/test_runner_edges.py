"""Runs that only read, and runs that are stopped before they are made."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.bridge.helpers import LONG
from tests.fakes import FakeEngine, run_started
from workbench.bridge import runner as runner_module
from workbench.bridge.runner import State
from workbench.engine.core.drive import Run
from workbench.engine.core.events import EvalProgress, RunEnded
from workbench.engine.core.progress import Loading


def test_a_run_that_is_stopped_before_it_is_made_is_never_made(
    qtbot: Any, runner: Any, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, drive = threading.Event(), runner_module.drive

    def held(*arguments: Any) -> RunEnded:
        assert gate.wait(LONG / 1000)
        return drive(*arguments)

    monkeypatch.setattr(runner_module, "drive", held)
    engine = FakeEngine()
    assert runner.start(engine.run)
    runner.stop()
    gate.set()
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert engine.made == 0 and runner.state is State.IDLE
    assert [(ended.reason, ended.step) for ended in heard.ended] == [("stopped", 0)]


@pytest.mark.parametrize("make", [lambda k: Loading(k, 20_000, "Reading"), lambda k: EvalProgress(0, k, 20_000)])
def test_of_words_about_progress_only_the_latest_travels(qtbot: Any, runner: Any, heard: Any, make: Any) -> None:
    def run() -> Run:
        yield run_started()
        for number in range(20_000):
            yield make(number)
        yield RunEnded("completed", 0, 0, 0.0, "")

    runner.start(run)
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    told = heard.of(type(make(0)))
    assert told[-1] == make(19_999) and len(told) <= len(heard.batches)
    assert max(len(batch) for batch in heard.batches) <= 3, "the start, one word, the end"


def test_words_of_two_kinds_do_not_replace_one_another(qtbot: Any, runner: Any, heard: Any) -> None:
    """Reading goes on beside an evaluation: both are told."""

    def run() -> Run:
        yield run_started()
        for number in range(4):
            yield Loading(number, 4, "Reading")
            yield EvalProgress(0, number, 4)
        yield RunEnded("completed", 0, 0, 0.0, "")

    runner.start(run)
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert heard.of(Loading)[-1].done == heard.of(EvalProgress)[-1].done == 3
