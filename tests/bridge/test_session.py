"""The session with the real engine: train, steer, restart, the ghost, divergence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record, small_spec
from workbench.bridge.keep_run import KeepRun
from workbench.bridge.runner import Runner, State
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import Notice, RunEnded
from workbench.engine.run_store.finished_runs import finished_runs
from workbench.engine.run_store.history import History
from workbench.engine.run_store.recovery import way_back
from workbench.engine.run_store.run_folder import RunFolder, read_tape
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.run_store.unsaved_run import UnsavedRun
from workbench.engine.shelf.read_record import read_record


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
    assert read_steps_from(Path(session.folder))[1][:, :4].tobytes() == numbers(session.history)


def test_other_programs_see_in_its_folder_that_a_run_is_paused(qtbot: QtBot, session: Session) -> None:
    def status() -> str:
        (folder,) = runs_folder().iterdir()
        found = read_record(folder)
        return found.status if found is not None else ""

    session.train()
    session.pause_or_resume()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    assert status() == "paused"
    session.step_one()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED and session.history.steps.count > 0, timeout=20_000)
    assert status() == "paused"
    session.pause_or_resume()
    assert status() in ("running", "finished")
    finish(qtbot, session)
    assert status() == "finished"


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
    first = session.history.edits[0].step
    qtbot.waitUntil(lambda: session.history.steps.count > first + 1, timeout=20_000)  # else both are of one step
    session.store.undo()
    qtbot.waitUntil(lambda: len(session.history.edits) == 2, timeout=20_000)
    session.stop()
    assert finish(qtbot, session).reason == "stopped"
    assert [(e.old, e.new) for e in session.history.edits] == [(0.01, 0.004), (0.004, 0.01)]
    _, tape = read_tape(Path(session.folder))
    assert list(tape) == session.history.edits
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
    session.restart_with({"optimizer.lr": 1e5})
    qtbot.waitUntil(lambda: session.history is not first, timeout=60_000)
    assert session.store.spec.optimizer.lr == pytest.approx(1e5)
    session.stop()
    finish(qtbot, session)


def test_a_diverged_run_holds_and_goes_back_with_a_tenth_of_the_rate_before(qtbot: QtBot, session: Session) -> None:
    """TR01: the same run goes on from its last good state; the rate that was raised is not raised again."""
    session.store.edit("model", {"kind": "mlp", "hidden": [16], "batch_norm": "off"})
    session.store.edit("loop.epochs", 100_000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count > 30, timeout=60_000)
    session.store.edit("optimizer.lr", 1e7)
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    first, folder, back = session.history, session.folder, way_back(Path(session.folder))
    tenth = pytest.approx(first.started.spec["optimizer"]["lr"] / 10) if first.started is not None else None
    assert back is not None and back.rate == tenth
    session.go_back(back)
    qtbot.waitUntil(lambda: session.history is not first and bool(session.history.edits), timeout=60_000)
    qtbot.waitUntil(lambda: session.history.steps.count > back.step + 5, timeout=60_000)
    session.stop()
    assert finish(qtbot, session).reason == "stopped"
    assert session.folder == folder and [each.new for each in session.history.edits] == [tenth]
    assert session.store.spec.optimizer.lr == tenth and session.history.evaluations[0].step == 0


def test_train_is_refused_where_no_run_can_be_kept(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    """CK04: said before training, and taken back by itself when the place is free."""
    session._asking.setInterval(50)
    (tmp_path / "runs").write_text("a file in the way")
    session.train()
    assert not session.is_active and "runs is a file" in session.store.reason()
    (tmp_path / "runs").unlink()
    qtbot.waitUntil(lambda: not session.store.reason(), timeout=20_000)
    session.train()
    assert finish(qtbot, session).reason == "completed"


def lost(qtbot: QtBot, session: Session, tmp_path: Path) -> RunEnded:
    """A run whose folder is removed while it is paused, before its first step."""
    session.train()
    session.pause_or_resume()
    qtbot.waitUntil(lambda: session.runner.state is State.PAUSED, timeout=60_000)
    (tmp_path / "runs").rename(tmp_path / "taken away")  # atomic, even while a file is written
    session.pause_or_resume()
    ended = finish(qtbot, session)
    assert isinstance(ended, RunEnded)
    return ended


def test_a_run_that_lost_its_folder_is_kept_where_the_user_says(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    """CK22: the network stays in memory until a place has taken it."""
    ended = lost(qtbot, session, tmp_path)
    assert "is gone" in ended.not_kept and session.unsaved is not None
    tasks = Tasks()
    keeping = KeepRun(session, tasks)
    (tmp_path / "file").touch()
    with qtbot.waitSignal(keeping.failed, timeout=60_000) as failed:
        keeping.keep_in(tmp_path / "file")
    assert "Cannot keep runs in" in failed.args[0] and session.unsaved is not None
    session.forget_unsaved(UnsavedRun(RunFolder(tmp_path), lambda folder: None, ()), "elsewhere")
    assert session.unsaved is not None and session.folder != "elsewhere"  # that of another run
    with qtbot.waitSignal(keeping.kept, timeout=60_000) as kept:
        keeping.keep_in(tmp_path / "other")
    assert session.unsaved is None and session.folder == kept.args[0]
    (run,) = finished_runs(tmp_path / "other")
    assert str(run.folder) == session.folder
    ends: list[bool] = []
    tasks.shutdown(lambda: ends.append(True))
    qtbot.waitUntil(lambda: bool(ends), timeout=20_000)


def test_the_next_run_keeps_the_one_before_first(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    lost(qtbot, session, tmp_path)
    notices: list[Notice] = []
    session.noticed.connect(notices.append)
    session.train()
    finish(qtbot, session)
    assert [notice.code for notice in notices] == ["saved_elsewhere"]
    assert len(finished_runs(tmp_path / "runs")) == 2 and session.unsaved is None


def test_out_of_memory_trains_again_in_more_parts(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TR09 as the window offers it: what is offered then works."""
    import torch

    real = torch.nn.functional.cross_entropy

    def allocate(x: torch.Tensor, *rest: Any, **options: Any) -> torch.Tensor:
        if x.requires_grad and len(x) > 32:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return real(x, *rest, **options)

    monkeypatch.setattr(torch.nn.functional, "cross_entropy", allocate)
    session.store.edit("loop.batch_size", 64)
    session.store.edit("model", {"kind": "small_cnn", "channels": [4], "hidden": []})  # not written out
    session.train()
    ended = finish(qtbot, session)
    assert (ended.reason, ended.code) == ("failed", "out_of_memory")
    first = session.history
    session.restart_with({"loop.accumulate": 2})
    assert session.store.spec.loop.accumulate == 2 and session.failure is None
    qtbot.waitUntil(lambda: session.history is not first, timeout=60_000)
    assert finish(qtbot, session).reason == "completed"
