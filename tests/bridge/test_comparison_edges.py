"""A second comparison begins with empty hands; one that is stopped keeps what it has and says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG, Gate
from tests.fakes import FakeEngine
from workbench.bridge.runner import Runner
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.transfer import comparison
from workbench.bridge.transfer.comparison import ComparisonStage, TransferComparison
from workbench.engine.experiments import step_timing
from workbench.engine.spec.experiment import ExperimentSpec

LETTERS = {"kind": "transfer", "weights": "letters"}


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    spec = ExperimentSpec().edited("preprocessing", {"kind": "none"}).edited("model", LETTERS)
    made = Session(SpecStore(spec), Runner())
    yield made
    ended: list[bool] = []
    made.runner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made = Tasks()
    yield made
    ended: list[bool] = []
    made.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


def test_a_second_comparison_forgets_everything_of_the_first(
    qtbot: QtBot, session: Session, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    tester = TransferComparison(session, tasks)
    assert tester.why_not == ""
    gate = Gate("step")
    monkeypatch.setattr(comparison, "_Comparison", lambda *arguments: FakeEngine(steps=1, hold=gate).run)
    old: Any = object()
    tester.points, tester.runs, tester.notes, tester.rows, tester.sentences = [old], [old], ["old"], (old,), ("old",)
    tester.fraction = 0.9
    tester.start([5], 1)
    assert tester.is_running and tester.fraction == 0.0
    assert not (tester.points or tester.runs or tester.notes or tester.rows or tester.sentences)
    gate.open()
    qtbot.waitUntil(lambda: tester.stage is ComparisonStage.DONE, timeout=LONG)
    tester.sentences = (old,)
    session.store.edit("title", "another title")
    assert tester.stage is ComparisonStage.DONE  # the same data and network
    session.store.edit("data.split_seed", 5)
    assert tester.stage is ComparisonStage.EMPTY and not tester.sentences  # a result goes with its settings


def test_the_time_of_a_comparison_is_known_before_it_starts(
    qtbot: QtBot, session: Session, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_timing, "_fastest", lambda work: 0.01)  # each step takes as long, whatever else runs
    tester = TransferComparison(session, tasks)
    tester.look_at_time((5,), 1)
    assert "being measured" in tester.time_words
    qtbot.waitUntil(lambda: tester.time_words.startswith("Expected time about "), timeout=LONG)
    one = float(tester._time.value)
    tester.look_at_time((5,), 3)
    qtbot.waitUntil(lambda: tester._time.value is not None, timeout=LONG)
    assert float(tester._time.value) == pytest.approx(3 * one, rel=0.3)  # three draws


def test_a_comparison_that_is_stopped_is_cancelled(
    qtbot: QtBot, session: Session, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    tester, gate = TransferComparison(session, tasks), Gate("step")
    monkeypatch.setattr(comparison, "_Comparison", lambda *arguments: FakeEngine(hold=gate).run)
    tester.start([5], 1)
    qtbot.waitUntil(gate.reached.is_set, timeout=LONG)
    tester.cancel()
    gate.open()
    qtbot.waitUntil(lambda: tester.stage is ComparisonStage.CANCELLED, timeout=LONG)
    assert not session.is_active
