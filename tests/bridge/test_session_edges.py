"""Restart, stop and pause in rare orders; the way out of a diverged run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.bridge.helpers import LONG, Gate
from tests.fakes import FakeEngine
from workbench.bridge import session as session_module
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore


class Bench:
    """A session whose runs are those of a FakeEngine, held in their first step until the gate is opened."""

    def __init__(self) -> None:
        self.gate = Gate("step")
        self.engines: list[FakeEngine] = []
        self.session = Session(SpecStore(), Runner())

    def make(self, *_arguments: Any) -> Any:
        engine = FakeEngine(steps=3, hold=self.gate)
        self.engines.append(engine)
        return _Maker(engine)


class _Maker:
    """In the place of the session's own, whose run is kept."""

    unsaved = None

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine

    def __call__(self) -> Any:
        return self._engine.run()

    def mark_paused(self, is_paused: bool) -> None:
        """There is no folder that would say so."""


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    made = Bench()
    monkeypatch.setattr(session_module, "RunMaker", made.make)
    yield made
    made.gate.open()
    ended: list[bool] = []
    made.session.runner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


def begun(qtbot: QtBot, bench: Bench) -> Session:
    bench.session.train()
    qtbot.waitUntil(bench.gate.reached.is_set, timeout=LONG)
    return bench.session


def idle(qtbot: QtBot, session: Session) -> None:
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)
    qtbot.wait(0)
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)


def test_restart_trains_once_more_when_the_run_has_ended(qtbot: QtBot, bench: Bench) -> None:
    session = begun(qtbot, bench)
    ends: list[str] = []
    session.ended.connect(lambda ended: ends.append(ended.reason))
    session.restart()
    assert session.runner.state is State.STOPPING
    bench.gate.open()
    qtbot.waitUntil(lambda: len(ends) == 2, timeout=LONG)
    assert ends == ["stopped", "completed"] and len(bench.engines) == 2


def test_a_stop_takes_a_restart_back(qtbot: QtBot, bench: Bench) -> None:
    session = begun(qtbot, bench)
    session.restart()
    session.stop()
    bench.gate.open()
    idle(qtbot, session)
    assert len(bench.engines) == 1 and session.runner.state is State.IDLE


def test_a_second_press_of_pause_goes_on_even_before_the_run_holds(qtbot: QtBot, bench: Bench) -> None:
    session = begun(qtbot, bench)
    session.pause_or_resume()
    assert session.runner.state is State.PAUSING
    session.pause_or_resume()
    assert session.runner.state in (State.STARTING, State.RUNNING)
    bench.gate.open()
    idle(qtbot, session)
    assert bench.engines[0].step == 3


def test_a_restart_with_another_rate_waits_for_wrong_text(qtbot: QtBot, bench: Bench) -> None:
    session, store = bench.session, bench.session.store
    store.edit("optimizer.lr", 0.4)
    store.set_input_error("loop.epochs", "must be a number")
    session.restart_with({"optimizer.lr": 0.04})
    assert store.spec.optimizer.lr == 0.4 and not session.is_active
    store.clear_input_error("loop.epochs")
    session.restart_with({"optimizer.lr": 0.04})
    assert store.spec.optimizer.lr == pytest.approx(0.04) and session.is_active
    bench.gate.open()
    idle(qtbot, session)
    store.undo()
    assert store.spec.optimizer.lr == 0.4
