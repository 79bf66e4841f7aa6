"""The session with the real engine: train, steer, restart, the ghost, divergence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record, small_spec
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.events import Notice
from workbench.engine.run_store.history import History
from workbench.engine.run_store.run_folder import read_steps, read_tape


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    runner = Runner()
    made = Session(SpecStore(small_spec(loop__threads=1)), runner)
    yield made
    ended: list[bool] = []
    runner.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)


def finish(qtbot: QtBot, session: Session) -> Any:
    qtbot.waitUntil(lambda: session.history.ended is not None and not session.is_active, timeout=60_000)
    return session.history.ended


def numbers(history: History) -> bytes:
    return history.steps.read(0)[1][:, :4].tobytes()


def test_the_window_trains_to_the_same_bits_as_the_bare_engine(qtbot: QtBot, session: Session) -> None:
    session.train()
    assert finish(qtbot, session).reason == "completed"
    assert numbers(session.history) == record(session.store.spec).numbers()[0]
    assert read_steps(Path(session.folder))[:, :4].tobytes() == numbers(session.history)


def test_pausing_and_single_batches_change_no_bit(qtbot: QtBot, session: Session) -> None:
    session.train()
    session.pause_or_resume()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    for _ in range(3):
        before = session.history.steps.count
        session.step_one()
        qtbot.waitUntil(lambda n=before: session.history.steps.count == n + 1, timeout=20_000)
        qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=20_000)
    session.pause_or_resume()
    finish(qtbot, session)
    assert numbers(session.history) == record(session.store.spec).numbers()[0]


def test_a_live_edit_reaches_the_run_and_its_tape(qtbot: QtBot, session: Session) -> None:
    session.store.edit("loop.epochs", 1000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count > 5, timeout=60_000)
    session.store.edit("optimizer.lr", 0.004)
    qtbot.waitUntil(lambda: bool(session.history.edits), timeout=20_000)
    session.store.undo()
    qtbot.waitUntil(lambda: len(session.history.edits) == 2, timeout=20_000)
    session.stop()
    assert finish(qtbot, session).reason == "stopped"
    assert [(e.old, e.new) for e in session.history.edits] == [(0.01, 0.004), (0.004, 0.01)]
    _, tape = read_tape(Path(session.folder))
    assert list(tape) == session.history.edits
    first = session.history.edits[0].step
    assert session.history.steps.read(first, first + 1)[1][0, 2] == 0.004


def test_the_run_before_becomes_the_ghost(qtbot: QtBot, session: Session) -> None:
    ghosts: list[tuple[object, str]] = []
    session.ghost_changed.connect(lambda history, title: ghosts.append((history, title)))
    session.train()
    finish(qtbot, session)
    first = session.history
    session.store.edit("optimizer.lr", 0.05)
    session.train()
    finish(qtbot, session)
    assert ghosts == [(first, "Learning rate 0.01")]
    session.clear_ghost()
    assert ghosts[-1] == (None, "")


def test_a_run_on_other_data_leaves_no_ghost(qtbot: QtBot, session: Session) -> None:
    ghosts: list[object] = []
    session.ghost_changed.connect(lambda history, title: ghosts.append(history))
    session.train()
    finish(qtbot, session)
    session.store.edit("data.source", {"kind": "blobs"})
    session.train()
    finish(qtbot, session)
    assert ghosts == [None]


def test_restart_stops_and_trains_with_the_form(qtbot: QtBot, session: Session) -> None:
    session.store.edit("loop.epochs", 100_000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count > 5, timeout=60_000)
    first = session.history
    session.store.edit("model.hidden", (8,))
    session.store.edit("loop.epochs", 2)
    session.restart()
    qtbot.waitUntil(lambda: session.history is not first, timeout=60_000)
    finish(qtbot, session)
    assert first.ended is not None
    assert session.history.started is not None
    assert session.history.started.spec["model"]["hidden"] == [8]


def test_a_diverged_run_holds_and_restarts_with_a_tenth(qtbot: QtBot, session: Session) -> None:
    """TR01: found, paused, shown; the way out trains again."""
    notices: list[Notice] = []
    session.noticed.connect(notices.append)
    session.store.edit("optimizer", {"kind": "sgd", "lr": 1e6})
    session.train()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    assert [n.code for n in notices] == ["diverged"]
    first = session.history
    session.restart_with_lower_rate()
    qtbot.waitUntil(lambda: session.history is not first, timeout=60_000)
    assert session.store.spec.optimizer.lr == pytest.approx(1e5)
    session.stop()
    finish(qtbot, session)


def test_a_bad_run_is_an_ended_run_with_a_sentence(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    """The runs folder cannot be made: said, not crashed, and the next run can start."""
    (tmp_path / "runs").write_text("a file in the way")
    session.train()
    ended = finish(qtbot, session)
    assert ended.reason == "failed" and "Cannot keep runs" in ended.message
    (tmp_path / "runs").unlink()
    session.train()
    assert finish(qtbot, session).reason == "completed"
