"""A slowed run: steps begin no sooner than their time, whatever is asked for is answered at once, no bit changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG, Heard
from tests.bridge.test_session import finish, numbers
from tests.bridge.test_session import session as session  # a fixture
from tests.fakes import FakeEngine
from workbench.bridge.pace import Pace, speed_words
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.engine.core.events import Edited, RunEnded
from workbench.engine.run_store.steps_file import read_steps_from

#: No test waits so long: whatever happens within it was not held up (seconds).
NEVER = 10 * LONG / 1000


def begun(qtbot: QtBot, runner: Runner, interval: float = NEVER) -> FakeEngine:
    """A run that has made its first step and waits."""
    engine = FakeEngine(step_seconds=0.0, settings={"optimizer.lr": 0.1})
    runner.set_pace(interval)
    assert runner.start(engine.run, is_paced=True)
    qtbot.waitUntil(lambda: engine.step > 0, timeout=LONG)
    return engine


def test_pause_one_batch_and_stop_do_not_wait_for_the_next_step(qtbot: QtBot, runner: Runner, heard: Heard) -> None:
    engine = begun(qtbot, runner)
    assert runner.state is State.RUNNING
    runner.pause()
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=LONG)
    steps = engine.step
    for more in (1, 2):
        runner.step_one()
        qtbot.waitUntil(lambda more=more: engine.step == steps + more, timeout=LONG)
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=LONG)
    runner.resume()
    runner.stop()
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert engine.step <= steps + 3 and [each.reason for each in heard.of(RunEnded)] == ["stopped"]


def test_edits_are_taken_at_once_and_hasten_nothing(qtbot: QtBot, runner: Runner, heard: Heard) -> None:
    engine = begun(qtbot, runner)
    steps = engine.step
    for number in range(5):
        runner.edit("optimizer.lr", float(number))
    qtbot.waitUntil(lambda: len(heard.of(Edited)) == 5, timeout=LONG)
    runner.pause()
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=LONG)
    assert engine.step == steps and {each.step for each in heard.of(Edited)} == {steps}


def test_another_speed_acts_at_once(qtbot: QtBot, runner: Runner) -> None:
    engine = begun(qtbot, runner)
    steps = engine.step
    runner.set_pace(0.0)
    qtbot.waitUntil(lambda: engine.step > steps + 20, timeout=LONG)
    runner.set_pace(NEVER)
    runner.pause()
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=LONG)


def test_other_work_on_the_thread_is_not_slowed(qtbot: QtBot, runner: Runner) -> None:
    engine = FakeEngine(steps=50, step_seconds=0.0)
    runner.set_pace(NEVER)
    assert runner.start(engine.run) and not runner.interval
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert engine.step == 50


def test_a_speed_that_is_chosen_meanwhile_does_not_slow_other_work(qtbot: QtBot, runner: Runner) -> None:
    engine = FakeEngine(steps=50, step_seconds=0.0)
    assert runner.start(engine.run, steps=1)
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=LONG)
    runner.set_pace(NEVER)
    assert not runner.interval
    runner.resume()
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert engine.step == 50
    assert runner.interval == NEVER, "for the next run"


def test_steps_begin_no_sooner_than_their_time(qtbot: QtBot, runner: Runner) -> None:
    """Twenty steps at fifty a second take at least nineteen times 20 ms, however fast the machine is."""
    import time

    times: list[float] = []
    engine = FakeEngine(steps=20, step_seconds=0.0, on_step=lambda step: times.append(time.monotonic()))
    runner.set_pace(0.02)
    assert runner.start(engine.run, is_paced=True)
    qtbot.waitUntil(lambda: not runner.is_active, timeout=LONG)
    assert len(times) == 20 and times[-1] - times[0] >= 0.95 * 19 * 0.02


def test_a_slowed_run_has_the_same_bits(qtbot: QtBot, session: Session) -> None:
    """At a speed at which every step is shown too."""
    session.store.edit("loop.epochs", 1)
    session.train()
    assert finish(qtbot, session).reason == "completed"
    want, files = numbers(session.history), weights(session)
    for interval in (0.002, 0.1):
        session.runner.set_pace(interval)
        session.train()
        assert finish(qtbot, session).reason == "completed"
        assert numbers(session.history) == want and weights(session) == files
        assert read_steps_from(Path(session.folder))[1][:, :4].tobytes() == want


def weights(session: Session) -> dict[str, bytes]:
    """The files of weights, whole."""
    return {path.name: path.read_bytes() for path in Path(session.folder).glob("*.safetensors")}


@pytest.mark.parametrize(("speed", "kept"), [(5, 5), (0, 0), (7, 0), (-1, 0)])
def test_only_a_speed_that_is_offered_is_taken(runner: Runner, speed: float, kept: int) -> None:
    pace = Pace(runner)
    pace.set_speed(speed)
    assert pace.speed == kept and runner.interval == pytest.approx(1 / kept if kept else 0.0)
    assert (speed_words(1), speed_words(20), speed_words(0)) == ("1 step/s", "20 steps/s", "Full speed")
