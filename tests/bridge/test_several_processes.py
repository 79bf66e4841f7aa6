"""A run of the window that two processes train: started, paused, edited, and its processes gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record, small_spec
from tests.engine.training.short_runs import edits_at
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.events import Edit, Edited, Event

SPEC = small_spec(loop__threads=1, loop__device="cpu", optimizer={"kind": "momentum", "lr": 0.02})


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    runner = Runner()
    yield Session(SpecStore(SPEC.edited("loop.processes", 2)), runner)
    ended: list[bool] = []
    runner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)


def others() -> list[psutil.Process]:
    """The processes of a run beside this one."""
    return [each for each in psutil.Process().children() if "workbench.engine" in each.cmdline()]


def wait(qtbot: QtBot, session: Session, state: State) -> None:
    qtbot.waitUntil(lambda: session.runner.state is state, timeout=60_000)


def test_the_window_trains_with_two_processes(qtbot: QtBot, session: Session) -> None:
    seen: list[Any] = []
    session.updated.connect(seen.extend)
    session.step_one()  # begins, and holds after a step
    qtbot.waitUntil(lambda: session.history.steps.count == 1, timeout=60_000)
    wait(qtbot, session, State.PAUSED)
    assert len(others()) == 1
    session.store.edit("optimizer.lr", 0.01)
    session.pause_or_resume()
    wait(qtbot, session, State.IDLE)
    assert session.history.ended is not None
    assert session.history.ended.reason == "completed"
    assert others() == []
    (edited,) = (each for each in seen if isinstance(each, Edited))
    alone = record(SPEC, edits_at({edited.step: Edit("optimizer.lr", 0.01)}))
    assert edited.step in (1, 2)
    losses = [steps.read(0)[1][:, 0] for steps in (session.history.steps, alone.steps)]
    assert np.abs(losses[0] - losses[1]).max() < 1e-5


def test_a_stop_while_they_start_ends_them(qtbot: QtBot, session: Session) -> None:
    started: list[Event] = []
    session.updated.connect(lambda events: started.extend(e for e in events if "Starting" in getattr(e, "words", "")))
    session.train()
    qtbot.waitUntil(lambda: bool(started), timeout=60_000)
    session.stop()
    wait(qtbot, session, State.IDLE)
    assert session.history.ended is not None
    assert session.history.ended.reason == "stopped"
    assert others() == []
