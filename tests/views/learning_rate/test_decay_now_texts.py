"""Decays and range tests without a window: limits, words, and which rate is taken over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG, Gate
from tests.fakes import FakeEngine, run_started
from workbench.bridge import lr_finder
from workbench.bridge.decay_now import FACTOR, DecayNow
from workbench.bridge.lr_finder import LrFinder, Stage
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.events import Edited
from workbench.engine.core.step_store import StepStore
from workbench.engine.experiments.lr_finder import Sweep, Tried
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session(SpecStore(), Runner())
    yield made
    ended: list[bool] = []
    made.runner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made, ended = Tasks(), []
    yield made
    made.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


@pytest.mark.parametrize("factor", [0.0, FACTOR.low / 2, FACTOR.high * 1.001, 1.0, 2.0, float("nan")])
def test_a_factor_out_of_limits_is_left_alone(session: Session, factor: float) -> None:
    decay_now, told = DecayNow(session), []
    decay_now.changed.connect(lambda: told.append(decay_now.factor))
    decay_now.set_factor(factor)
    assert decay_now.factor == 0.1 and told == []
    for allowed in (FACTOR.low, FACTOR.high, 0.5):
        decay_now.set_factor(allowed)
        assert decay_now.factor == allowed
    assert len(told) == 3


TRAINED = ExperimentSpec().edited("optimizer.lr", 0.4).edited("loop.epochs", 100).edited("schedule", {"kind": "cosine"})


def saved(session: Session, edits: list[tuple[int, float]], spec: ExperimentSpec = TRAINED) -> tuple[str, str]:
    """What is said when the rates of a run with these edits are saved; ``spec`` is what the form holds by then.

    The run has a hundred steps, one an epoch.
    """
    history, rate = History(StepStore(256)), 0.4
    history.fold(run_started())
    for step in range(100):
        for at, new in edits:
            if at == step:
                history.fold(Edited(step, "optimizer.lr", rate, new))
                rate = new
        history.steps.append(1.0, 0.5, rate * TRAINED.schedule.factor(step, 1, 100), 1.0, step * 0.1)
    session.history, session.trained = history, TRAINED
    session.store.load(spec)
    decay_now, told = DecayNow(session), []
    decay_now.reported.connect(lambda words, severity: told.append((words, severity)))
    decay_now.save_as_schedule()
    ((words, severity),) = told
    return words, severity


@pytest.mark.parametrize(
    ("edits", "words"),
    [([(30, 0.3)], "with 1 manual change,"), ([(30, 0.3), (37, 0.29), (80, 0.01)], "with 3 manual changes,")],
)
def test_changes_by_hand_are_counted(session: Session, edits: list[tuple[int, float]], words: str) -> None:
    said, severity = saved(session, edits)
    assert words in said and severity == "info" and "Train repeats the rates of this run." in said


def test_the_rate_of_the_run_is_taken_over_only_by_the_same_optimizer(session: Session) -> None:
    saved(session, [(30, 0.04)])
    assert session.store.spec.optimizer.lr == 0.4
    other = TRAINED.edited("optimizer", {"kind": "adam", "lr": 0.002})
    saved(session, [(30, 0.04)], other)
    assert session.store.spec.optimizer == other.optimizer


@pytest.mark.parametrize(("epochs", "severity"), [(100, "info"), (99, "warning"), (200, "warning")])
def test_it_is_said_whether_the_next_run_has_the_same_rates(session: Session, epochs: int, severity: str) -> None:
    """A cosine over another number of epochs is another one."""
    words, said = saved(session, [(3, 0.04)], TRAINED.edited("loop.epochs", epochs))
    assert said == severity
    assert ("Train repeats" in words) == (severity == "info") != ("rates will differ" in words)


# --- Range tests


@pytest.mark.parametrize(("rate", "taken"), [(0.012345, 0.012), (3.16e-4, 3.2e-4), (1.0, 1.0)])
def test_a_rate_is_taken_over_with_two_digits(session: Session, tasks: Tasks, rate: float, taken: float) -> None:
    assert LrFinder(session, tasks).adopt(rate) == f"The learning rate is now {taken:g}."
    assert session.store.spec.optimizer.lr == taken


def tried(count: int) -> Any:
    def test(*_arguments: Any) -> Any:
        for number in range(count):
            yield Tried(1e-4 * 1.5**number, 2.0 - 0.01 * number, 2.0)
        return False

    return test


def test_a_second_test_forgets_the_points_of_the_first(
    qtbot: QtBot, session: Session, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    tester = LrFinder(session, tasks)
    for count in (9, 5):
        monkeypatch.setattr(lr_finder, "range_test", tried(count))
        tester.start(Sweep())
        qtbot.waitUntil(lambda: tester.stage is Stage.DONE, timeout=LONG)
        assert len(tester.points) == count


def test_a_test_needs_a_run_that_is_held(qtbot: QtBot, session: Session, tasks: Tasks) -> None:
    gate = Gate("step")
    tester = LrFinder(session, tasks)
    assert tester.why_not == ""
    assert session.runner.start(FakeEngine(hold=gate).run)
    qtbot.waitUntil(gate.reached.is_set, timeout=LONG)
    assert "Pause it first" in tester.why_not
    session.runner.pause()
    assert session.runner.state is State.PAUSING and "Pause it first" in tester.why_not
    gate.open()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=LONG)
    assert tester.why_not == ""


@pytest.mark.parametrize("goes_on", [State.STARTING, State.RUNNING])
def test_a_run_that_begins_or_goes_on_ends_a_test(
    qtbot: QtBot, session: Session, tasks: Tasks, monkeypatch: pytest.MonkeyPatch, goes_on: State
) -> None:
    tester = LrFinder(session, tasks)
    monkeypatch.setattr(lr_finder, "range_test", endless)
    tester.start(Sweep())
    qtbot.waitUntil(lambda: len(tester.points) > 2, timeout=LONG)
    session.runner.state_changed.emit(State.PAUSED)
    assert tester.is_running
    session.runner.state_changed.emit(goes_on)
    qtbot.waitUntil(lambda: tester.stage is Stage.CANCELLED, timeout=LONG)


def endless(*_arguments: Any) -> Any:
    while True:
        yield Tried(1e-3, 2.0, 2.0)
