"""The numbers of the run bar on made-up runs, and what its buttons allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QMainWindow, QProgressBar
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG, Gate
from tests.fakes import FakeEngine
from workbench.bridge.pace import Pace
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.events import EvalProgress, RunEnded, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.actions import make_actions
from workbench.views.window.run_bar import RunBar
from workbench.views.window.run_progress import _of_reading

EPOCHS, PER_EPOCH, BATCH = 4, 10, 50


def started(threads: int = 3, device: str = "cpu") -> RunStarted:
    size = PER_EPOCH * BATCH
    return RunStarted({}, device, "", threads, 1, size, 1, 1, ("a", "b"), (1,), PER_EPOCH, "0")


class Bench:
    """A run bar whose session has what a test puts into its history."""

    def __init__(self, qtbot: QtBot) -> None:
        self.runner = Runner()
        self.session = Session(SpecStore(), self.runner)
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.pace = Pace(self.runner)
        self.bar = RunBar(self.session, self.pace, make_actions(self.window), self.window)
        self.spec = ExperimentSpec().edited("loop.epochs", EPOCHS)

    def run(self, steps: int, seconds: float = 0.1, threads: int = 3, running: bool = True) -> None:
        """A run that has made ``steps`` steps of ``seconds`` each."""
        history = History(StepStore(1024))
        history.fold(started(threads))
        for step in range(steps):
            history.steps.append(1.0, 0.5, 0.1, 1.0, (step + 1) * seconds)
        self.session.history, self.session.trained = history, self.spec
        self.session.store.set_running(self.spec if running else None)
        self.bar.refresh()

    def says(self, name: str) -> str:
        (label,) = [each for each in self.bar.findChildren(QLabel) if each.accessibleName() == name]
        return label.text()

    @property
    def progress(self) -> QProgressBar:
        (found,) = self.bar.findChildren(QProgressBar)
        return found


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    ended: list[bool] = []
    made.runner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


@pytest.mark.parametrize(
    ("steps", "words"),
    [(0, "1 of 4"), (1, "1 of 4"), (9, "1 of 4"), (10, "2 of 4"), (39, "4 of 4"), (40, "4 of 4")],
)
def test_the_epoch_that_goes_on(bench: Bench, steps: int, words: str) -> None:
    """The first one before its first step too; the last one stays behind its last step."""
    bench.run(steps)
    assert bench.says("Epoch") == f"Epoch {words}"
    assert (bench.progress.value(), bench.progress.maximum()) == (steps, EPOCHS * PER_EPOCH)


def test_time_left_is_that_of_the_steps_that_are_left(bench: Bench) -> None:
    """Ten of forty steps took ten seconds."""
    bench.run(10, seconds=1.0)
    assert (bench.says("Time since Train, without pauses"), bench.says("Time left")) == ("0:10", "ETA 0:30")
    bench.run(40, seconds=1.0)
    assert bench.says("Time left") == "ETA 0:00"
    bench.run(0)
    assert bench.says("Time left") == ""
    bench.run(10, seconds=1.0, running=False)
    assert bench.says("Time left") == ""


def test_a_slowed_run_says_its_speed_and_needs_that_time(bench: Bench) -> None:
    """Ten of forty steps are done, each in a tenth of a second; from now on one takes a second."""
    bench.run(10, seconds=0.1)
    assert bench.says("Time left") == "ETA 0:03" and bench.bar.speed.text() == "Full speed"
    bench.pace.set_speed(1)
    assert bench.says("Time left") == "ETA 0:30" and bench.says("Speed") == "1 step/s"
    assert bench.bar.speed.text() == "1 step/s" and "Slowed to 1 step/s" in bench.bar.speed.toolTip()
    bench.pace.set_speed(0)
    assert bench.says("Time left") == "ETA 0:03" and bench.says("Speed") == "500 img/s"


def test_the_speed_is_that_of_the_last_second(bench: Bench) -> None:
    """50 examples a step; ten steps a second, and before that a hundred a second."""
    bench.run(40, seconds=0.1)
    assert bench.says("Speed") == "500 img/s"
    for step in range(200):
        bench.session.history.steps.append(1.0, 0.5, 0.1, 1.0, 4.0 + (step + 1) * 0.01)
    bench.bar.refresh()
    assert bench.says("Speed") == "5\u202f000 img/s"


@pytest.mark.parametrize(("threads", "words"), [(1, "CPU · 1 thread"), (2, "CPU · 2 threads"), (8, "CPU · 8 threads")])
def test_the_device_and_its_threads(bench: Bench, threads: int, words: str) -> None:
    bench.run(3, threads=threads)
    assert bench.says("Device") == words


def test_how_a_run_computes_stands_at_the_device(bench: Bench) -> None:
    """What is not as usual, and what was measured."""
    (label,) = [each for each in bench.bar.findChildren(QLabel) if each.accessibleName() == "Device"]
    bench.run(3)
    assert label.toolTip() == "<p>Device</p>"
    loop = {"precision": "bf16", "memory_format": "channels_last"}
    bench.session.history.fold(replace(started(), spec={"loop": loop}, measured="Measured as the fastest."))
    bench.bar.refresh()
    assert label.toolTip() == "<p>Device<br>bfloat16 · channels last<br>Measured as the fastest.</p>"


@pytest.mark.parametrize(("words", "shown"), [("Measuring what is fastest", "5 of 24"), ("Reading", "5 of 24 files")])
def test_only_files_are_called_files(monkeypatch: pytest.MonkeyPatch, words: str, shown: str) -> None:
    session = Session(SpecStore(), Runner())
    monkeypatch.setattr(Runner, "state", State.STARTING)
    found = _of_reading(session, Loading(5, 24, words), None)
    assert (found.words, found.epoch) == (shown, f"{words.partition(' ')[0]}…")


@pytest.mark.parametrize(("reason", "epochs"), [("completed", 2), ("stopped", EPOCHS), ("failed", EPOCHS)])
def test_an_ended_run_is_full_only_if_it_came_to_its_end(bench: Bench, reason: Any, epochs: int) -> None:
    """One that was cut off in its second epoch of four; early stopping is an end as it was meant."""
    bench.run(15, running=False)
    bench.session.history.fold(RunEnded(reason, 15, 1, 1.5, ""))
    bench.bar.refresh()
    assert bench.says("Epoch") == f"Epoch 2 of {epochs}"
    assert (bench.progress.value(), bench.progress.maximum()) == (15, epochs * PER_EPOCH)


@pytest.mark.parametrize("epochs", [EPOCHS, 100_000])
def test_the_epoch_has_room(bench: Bench, epochs: int) -> None:
    bench.spec = bench.spec.edited("loop.epochs", epochs)
    bench.run(15)
    (label,) = [each for each in bench.bar.findChildren(QLabel) if each.accessibleName() == "Epoch"]
    assert label.width() >= label.fontMetrics().horizontalAdvance(label.text())
    last = label.text().rpartition(" of ")[2]
    assert label.width() >= label.fontMetrics().horizontalAdvance(f"Epoch {last} of {last}")


@pytest.mark.parametrize(("reason", "word"), [("completed", "Finished"), ("stopped", "Stopped"), ("failed", "Failed")])
def test_the_bar_says_how_a_run_ended_and_no_time_is_left(bench: Bench, reason: Any, word: str) -> None:
    bench.run(20, seconds=1.0)
    assert bench.says("Time left") == "ETA 0:20" and bench.progress.format() == "%p %"
    bench.session.store.set_running(None)
    ended = RunEnded(reason, 20, 2, 20.0, "")
    bench.session.history.fold(ended)
    bench.session.ended.emit(ended)
    assert bench.says("Time left") == "" and bench.progress.format() == word


def running(qtbot: QtBot, bench: Bench, total: int, step: int = 1) -> Gate:
    """A run in the bar's runner that is held in its second chunk of ``total``."""
    gate = Gate("chunk", 2)
    engine: Any = FakeEngine(steps_per_epoch=1, chunks=4, hold=gate)
    bench.run(1)
    assert bench.runner.start(engine.run)
    qtbot.waitUntil(lambda: gate.reached.is_set() and bench.runner.state is State.RUNNING, timeout=LONG)
    bench.session.updated.emit([EvalProgress(step, total // 4, total)])
    bench.bar.refresh()
    return gate


@pytest.mark.parametrize(
    ("total", "step", "words"), [(5000, 1, "%p %"), (5004, 1, "Evaluating 25 %"), (100, 0, "Evaluating 25 %")]
)
def test_only_a_long_evaluation_is_told_and_that_of_the_start(
    qtbot: QtBot, bench: Bench, total: int, step: int, words: str
) -> None:
    gate = running(qtbot, bench, total, step)
    assert bench.progress.format() == words
    gate.open()


def test_what_a_stop_and_a_pause_wait_for_is_in_the_bar(qtbot: QtBot, bench: Bench) -> None:
    gate = running(qtbot, bench, 100)
    bench.runner.pause()
    bench.bar.refresh()
    assert bench.progress.format() == "Pausing: finishing an evaluation chunk"
    bench.runner.stop()
    bench.bar.refresh()
    assert bench.progress.format() == "Stopping: finishing an evaluation chunk"
    gate.open()


def test_reading_beside_the_first_steps_is_told(qtbot: QtBot, bench: Bench) -> None:
    gate = running(qtbot, bench, 100)
    bench.session.history.fold(Loading(3, 12, "Reading pictures"))
    bench.bar.refresh()
    assert bench.progress.format() == "Reading 25 %"
    gate.open()


def test_the_device_says_how_steps_are_computed(bench: Bench) -> None:
    (label,) = [each for each in bench.bar.findChildren(QLabel) if each.accessibleName() == "Device"]
    bench.run(1)
    assert label.toolTip() == "<p>Device</p>"  # a run of an older state
    assert bench.session.history.started is not None
    bench.session.history.started = replace(bench.session.history.started, steps_words="Each step: so and so.")
    bench.bar.refresh()
    assert label.toolTip() == "<p>Device<br>Each step: so and so.</p>"


def test_a_search_says_in_the_bar_which_trial_it_is_at(qtbot: QtBot) -> None:
    bench = Bench(qtbot)
    bench.session.job_words = "Search"
    bench.bar.refresh()
    assert (bench.bar._bar.maximum(), bench.bar._bar.text()) == (0, "")
    bench.session.job_progress = Loading(6, 20, "trial 7 of 20")
    bench.bar.refresh()
    bar = bench.bar._bar
    assert (bar.value(), bar.maximum(), bar.text()) == (6, 20, "trial 7 of 20")
