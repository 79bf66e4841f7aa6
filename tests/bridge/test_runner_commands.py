"""Commands to a run in its thread: pause, single batches, edits, and any order of them."""

from __future__ import annotations

import random
from typing import Any

import pytest
from PySide6.QtCore import QTimer

from tests.bridge.helpers import LONG, Gate, Heard, thread_numbers
from tests.bridge.running import wait, wait_for
from tests.fakes import FakeEngine
from workbench.bridge.runner import Runner, State
from workbench.engine.core.events import Edited, Notice, RunEnded, Stepped

# --- Pause ------------------------------------------------------------------------------------------------------


def test_pause_shows_the_step_it_holds_at(qtbot, runner, heard):
    gate = Gate("step")
    engine = FakeEngine(hold=gate)
    runner.start(engine.run)
    wait_for(qtbot, runner, State.RUNNING)
    wait(qtbot, gate.reached.is_set)
    runner.pause()
    assert runner.state is State.PAUSING
    assert runner.waiting_for == "finishing the current step"
    gate.open()
    wait_for(qtbot, runner, State.PAUSED)
    assert runner.waiting_for == ""
    wait(qtbot, lambda: heard.events[-1] == Stepped(1))
    qtbot.wait(50)
    assert engine.step == 1
    assert heard.states == [State.STARTING, State.RUNNING, State.PAUSING, State.PAUSED]


def test_one_batch(qtbot, runner, heard):
    engine = FakeEngine()
    runner.start(engine.run)
    runner.pause()
    wait_for(qtbot, runner, State.PAUSED)
    begun = engine.step  # on a busy machine the pause comes behind the first step
    for step in range(begun + 1, begun + 13):
        runner.step_one()
        wait(qtbot, lambda step=step: heard.events[-1] == Stepped(step))
        wait_for(qtbot, runner, State.PAUSED)
        assert engine.step == step
    runner.resume()
    wait(qtbot, lambda: engine.step > 15)
    runner.stop()
    wait_for(qtbot, runner, State.IDLE)


def test_a_diverged_run_pauses_by_itself(qtbot, runner, heard):
    engine = FakeEngine(diverges_at=5)
    runner.start(engine.run)
    wait_for(qtbot, runner, State.PAUSED)
    assert engine.step == 5
    wait(qtbot, lambda: [notice.code for notice in heard.of(Notice)] == ["diverged"])
    assert runner.edit("optimizer.lr", 0.01)
    wait(qtbot, lambda: heard.of(Edited) != [])
    assert runner.state is State.PAUSED
    runner.resume()
    wait(qtbot, lambda: engine.step > 8)


# --- TR16: edits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [50, pytest.param(1500, marks=pytest.mark.full)])
def test_edits_50_times_a_second_are_applied_in_order_and_recorded(qtbot, runner, heard, count):
    engine = FakeEngine(step_seconds=0.003)
    seen_by_steps: list[tuple[int, Any]] = []
    engine.on_step = lambda step: seen_by_steps.append((step, engine.settings["optimizer.lr"]))
    runner.start(engine.run)
    sent: list[int] = []

    def send() -> None:
        if len(sent) < count:
            assert runner.edit("optimizer.lr", len(sent))
            sent.append(len(sent))
        if len(sent) == count // 2:
            runner.pause()
        if len(sent) == count * 3 // 4:
            runner.resume()

    timer = QTimer()
    timer.timeout.connect(send)
    timer.start(20)
    wait(qtbot, lambda: len(sent) == count, 3 * LONG)
    timer.stop()
    runner.stop()
    wait_for(qtbot, runner, State.IDLE)
    edits = heard.of(Edited)
    assert edits == engine.edited
    assert [edit.new for edit in edits] == sent
    assert [edit.old for edit in edits] == [0.1, *sent[:-1]]
    assert sorted(edit.step for edit in edits) == [edit.step for edit in edits]
    replayed: dict[int, Any] = {}
    for edit in edits:  # "before step n": the n+1st step is the first to see it
        replayed[edit.step + 1] = edit.new
    value: Any = 0.1
    for step, seen in seen_by_steps:
        value = replayed.get(step, value)
        assert seen == value


def test_an_edit_that_comes_too_late_is_refused_aloud(qtbot, runner, heard):
    gate = Gate("step")
    engine = FakeEngine(hold=gate, on_step=_raise)  # it fails in its first step: no yield takes the edit
    runner.start(engine.run)
    wait(qtbot, gate.reached.is_set)
    assert runner.edit("optimizer.lr", 7)
    gate.open()
    wait(qtbot, lambda: not runner.is_active)
    assert [notice.code for notice in heard.of(Notice)] == ["edit_refused"]
    assert isinstance(heard.events[-1], RunEnded)
    assert not runner.edit("optimizer.lr", 8)


def _raise(_step: int) -> None:
    raise ValueError("bad step")


# --- TR17: any order of commands ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sequences", [20, pytest.param(500, marks=[pytest.mark.full, pytest.mark.timeout(600)])])
def test_random_commands_end_idle_and_leave_no_thread(qtbot, no_collection, sequences):
    dice = random.Random(17)
    before = thread_numbers()
    runner = Runner()
    heard = Heard(runner)
    engines: list[FakeEngine] = []
    for _ in range(sequences):
        for _ in range(dice.randint(1, 25)):
            _random_command(dice, runner, engines)
            qtbot.wait(dice.choice([0, 0, 1, 4, 8]))
        runner.stop()
        wait(qtbot, lambda: not runner.is_active)
        assert runner.state is State.IDLE
    assert len(heard.ended) == len(engines) > sequences // 2
    assert heard.of(RunEnded) == heard.ended
    assert all(engine.closed == engine.made for engine in engines)
    assert len(thread_numbers() - before) <= 1
    ended: list[bool] = []
    runner.shutdown(lambda: ended.append(True))
    wait(qtbot, lambda: bool(ended))
    assert not thread_numbers() - before


def _random_command(dice: random.Random, runner: Runner, engines: list[FakeEngine]) -> None:
    command = dice.choice(["start", "start", "pause", "resume", "step_one", "stop", "edit"])
    if command == "start":
        engine = FakeEngine(steps=dice.choice([None, 5]), save_seconds=dice.choice([0.0, 0.01]))
        if runner.start(engine.run):
            engines.append(engine)
    elif command == "edit":
        runner.edit("optimizer.lr", dice.random())
    else:
        getattr(runner, command)()
