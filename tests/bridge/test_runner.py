"""The run in its thread: commands, ends, failures, and what is left of it afterwards."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt, QTimer

from tests.bridge.helpers import Heard, thread_numbers
from tests.bridge.running import assert_one_end, wait, wait_for
from tests.fakes import FakeEngine
from workbench.bridge.process.interpreter import InterpreterSettings
from workbench.bridge.runner import Runner, State
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EvalProgress, Event, RunEnded, RunStarted, Stepped


def finish(qtbot: Any, runner: Runner, engine: FakeEngine) -> None:
    assert runner.start(engine.run)
    wait(qtbot, lambda: not runner.is_active)


# --- One run ----------------------------------------------------------------------------------------------------


def test_a_run_to_its_end(qtbot, runner, heard):
    engine = FakeEngine(steps=30)
    finish(qtbot, runner, engine)
    assert_one_end(heard, engine)
    assert heard.ended[0].reason == "completed"
    assert isinstance(heard.events[0], RunStarted)
    assert heard.of(Stepped) == []
    assert [heard.states[0], heard.states[-1]] == [State.STARTING, State.IDLE]
    assert runner.waiting_for == ""


def test_everything_arrives_in_the_thread_of_the_window_and_runs_in_another(qtbot, runner):
    heard: set[int] = set()
    ran: set[int] = set()
    for signal in (runner.events, runner.state_changed, runner.finished):
        signal.connect(lambda _: heard.add(threading.get_ident()))
    finish(qtbot, runner, FakeEngine(steps=3, on_step=lambda _: ran.add(threading.get_ident())))
    assert heard == {threading.get_ident()}
    assert len(ran) == 1
    assert not ran & heard


def test_the_training_thread_has_the_priority_of_the_window(qtbot, runner):
    niceness: list[int] = []
    own = psutil.Process().nice()

    def note(_step: int) -> None:
        niceness.append(psutil.Process(threading.get_native_id()).nice())

    for _ in range(2):
        finish(qtbot, runner, FakeEngine(steps=1, on_step=note))
    assert psutil.Process().nice() == own
    assert niceness == [own, own]


def test_the_state_is_running_when_the_start_event_arrives(qtbot, runner, monkeypatch):
    """No other event may come for as long as the first steps take."""
    seen, put = [], runner._batcher.put
    monkeypatch.setattr(runner._batcher, "put", lambda event: (seen.append((event, runner._mailbox.state)), put(event)))
    finish(qtbot, runner, FakeEngine(steps=3))
    event, state = seen[0]
    assert isinstance(event, RunStarted) and state is State.RUNNING


def test_only_one_run_at_a_time(qtbot, runner, heard):
    first, second = FakeEngine(), FakeEngine()
    assert runner.start(first.run)
    assert not runner.start(second.run)
    runner.stop()
    assert not runner.start(second.run)
    wait(qtbot, lambda: not runner.is_active)
    assert second.made == 0
    assert_one_end(heard, first)


def test_the_next_run_may_start_when_the_last_one_is_said_to_be_finished(qtbot, runner, heard):
    engines = [FakeEngine(steps=3) for _ in range(5)]
    left = list(engines)

    def start_next(_ended: Any) -> None:
        if left:
            assert runner.start(left.pop().run)

    runner.finished.connect(start_next)
    start_next(None)
    wait(qtbot, lambda: len(heard.ended) == 5)
    assert [engine.closed for engine in engines] == [1] * 5
    assert runner.state is State.IDLE


def test_commands_without_a_run_do_nothing(qtbot, runner, heard):
    runner.pause()
    runner.resume()
    runner.step_one()
    runner.stop()
    assert not runner.edit("optimizer.lr", 1)
    assert runner.state is State.IDLE
    assert heard.states == []


# --- QT07: failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (WorkbenchError("The file is gone."), "The file is gone."),
        (ValueError("no such number"), "no such number"),
        (MemoryError(), "not enough memory"),
        (SystemExit(3), "unexpected error"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_an_error_ends_the_run_and_the_next_one_starts(qtbot, runner, heard, error, message):
    failing = FakeEngine(fails_at=2, make_error=lambda: error)
    finish(qtbot, runner, failing)
    assert runner.state is State.FAILED
    assert_one_end(heard, failing)
    assert heard.ended[0].reason == "failed"
    assert message in heard.ended[0].message
    assert "Traceback" in heard.ended[0].details
    finish(qtbot, runner, FakeEngine(steps=2))
    assert runner.state is State.IDLE
    assert heard.ended[1].reason == "completed"


def _cannot_be_made() -> Any:
    raise WorkbenchError("There is no such data set.", "data.source")


def test_a_run_that_cannot_be_made_fails_with_its_words(qtbot, runner, heard):
    runner.start(_cannot_be_made)
    wait(qtbot, lambda: not runner.is_active)
    assert (heard.ended[0].message, heard.ended[0].path) == ("There is no such data set.", "data.source")
    assert heard.events == heard.ended


def test_a_clean_up_that_fails_does_not_end_the_run_twice(qtbot, runner, heard):
    engine = FakeEngine(steps=2, fails_on_close=True)
    finish(qtbot, runner, engine)
    assert_one_end(heard, engine)
    assert "could not be closed" in heard.ended[0].message
    assert runner.state is State.FAILED


def test_a_slot_that_raises_loses_no_event(qtbot, runner, heard):
    def raise_always(_: Any) -> None:
        raise RuntimeError("a bad view")

    runner.events.disconnect(heard.batches.append)
    runner.events.connect(raise_always)
    runner.events.connect(heard.batches.append)
    runner.state_changed.connect(raise_always)
    with qtbot.captureExceptions() as caught:
        engine = FakeEngine(steps=30)
        finish(qtbot, runner, engine)
    assert len(caught) > 2
    assert_one_end(heard, engine)


# --- QT05: floods -------------------------------------------------------------------------------------------------


class Flood:
    """A run that does nothing but tell."""

    def __init__(self, count: int) -> None:
        self.count = count

    def run(self) -> Iterator[Event]:
        for number in range(self.count):
            yield EvalProgress(0, number, self.count)
            yield Stepped(number)
        yield RunEnded("completed", 0, 0, 0.0, "")


@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=[pytest.mark.full])])
def test_a_flood_of_progress_reaches_the_window_in_few_small_batches(qtbot, runner, heard, count):
    wakes: list[None] = []
    ticks: list[float] = []
    keeper = InterpreterSettings()
    keeper.start()
    runner._batcher._woken.connect(lambda: wakes.append(None))
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
    timer.start(5)
    began = time.perf_counter()
    runner.start(Flood(count).run)
    wait(qtbot, lambda: not runner.is_active)
    seconds = time.perf_counter() - began
    timer.stop()
    keeper.stop()
    assert max(len(batch) for batch in heard.batches) <= 2
    assert len(heard.batches) <= seconds / 0.03 + 3
    assert len(wakes) <= len(heard.batches) + 1
    assert len(heard.of(EvalProgress)) <= len(heard.batches)
    assert heard.of(EvalProgress)[-1].done == count - 1
    late = sorted(later - earlier - 0.005 for earlier, later in pairwise(ticks))
    print(
        f"\nheartbeat late by p50 {late[len(late) // 2] * 1e3:.1f} ms, p99 {late[len(late) * 99 // 100] * 1e3:.1f} ms"
    )


# --- QT02, QT11: nothing stays --------------------------------------------------------------------------------------


def test_nothing_of_a_run_lives_when_it_is_finished(qtbot, runner, heard):
    """Without a collection: what only a collection frees would keep a network in memory for a while."""
    for settings in ({"steps": 3}, {"fails_at": 1}, {"steps": 2, "fails_on_close": True}):
        engine = FakeEngine(**settings)  # type: ignore[arg-type]
        watched = weakref.ref(engine)
        assert runner.start(engine.run)
        del engine
        wait(qtbot, lambda: not runner.is_active)
        assert watched() is None


def test_a_runner_can_be_collected(qtbot):
    runner = Runner()
    heard = Heard(runner)
    engine = FakeEngine()
    runner.start(engine.run)
    wait_for(qtbot, runner, State.RUNNING)
    watched = weakref.ref(runner)
    del runner, heard
    gc.collect()
    assert watched() is None
    assert engine.closed == 1


@pytest.mark.parametrize("cycles", [40, pytest.param(300, marks=pytest.mark.full)])
def test_starting_and_stopping_costs_no_thread_no_reference_no_memory(qtbot, no_collection, cycles):
    before = thread_numbers()
    runner = Runner()
    runs: list[weakref.ref[Any]] = []
    memory: list[int] = []
    for cycle in range(cycles):
        engine = FakeEngine()
        runs.append(weakref.ref(engine))
        runner.start(engine.run)
        if cycle % 2:
            wait(qtbot, lambda engine=engine: engine.step > 2)
        runner.stop()
        wait(qtbot, lambda: not runner.is_active)
        memory.append(psutil.Process().memory_info().rss)
    del engine
    assert len(thread_numbers() - before) == 1
    assert [run for run in runs if run() is not None] == []
    grown = memory[-1] - memory[cycles // 3]
    print(f"\n{cycles} cycles: {grown / 1e3:+.0f} kB since the first third")
    assert grown < 5_000_000
    ended: list[bool] = []
    runner.shutdown(lambda: ended.append(True))
    wait(qtbot, lambda: bool(ended))
    assert not thread_numbers() - before
