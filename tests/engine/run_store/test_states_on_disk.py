"""The states of a run on disk: what their manifest says, in which order they are written, which one is taken."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import save_run, small_spec
from tests.engine.shelf.made_runs import ended, evaluated, lines, make_run, started
from workbench.engine.core.events import Edited, Event, Notice, Resumed
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store import checkpoints
from workbench.engine.run_store.checkpoints import FOLDER, NEXT, Checkpoints
from workbench.engine.run_store.digests import Digests
from workbench.engine.run_store.kept_state import KEPT, KeptState
from workbench.engine.run_store.log_cut import LogCut, log_cut
from workbench.engine.run_store.manifest import hashes_of, steps_of
from workbench.engine.run_store.resumable import resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.steps_file import StepsFile
from workbench.engine.training.set_up import set_up


def test_a_state_of_the_same_step_leaves_the_previous_one(tmp_path: Path) -> None:
    """As at the end of a run, where the last state is written once more."""
    kept = Checkpoints(tmp_path, Digests())
    for step in (1, 2, 2):
        kept.write_last({"step": step}, step, False)
    assert steps_of(tmp_path) == {"previous.pt": 1, "last.pt": 2}
    for name in ("previous.pt", "last.pt"):
        path = tmp_path / FOLDER / name
        assert hashes_of(tmp_path)[f"{FOLDER}/{name}"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_log_and_steps_are_on_the_disk_before_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that loses its power must not leave a state that is newer than the log."""
    folder = RunFolder.create(small_spec(), tmp_path)
    run, real, done = set_up(small_spec(), folder), checkpoints.sync_file, []

    def sync_file(path: Path) -> None:
        done.append(path.name)
        assert not list((folder.path / FOLDER).glob("*.pt"))
        real(path)

    monkeypatch.setattr(checkpoints, "sync_file", sync_file)
    save_run(folder, run)
    assert sorted(done) == ["events.jsonl", "steps.bin"] and (folder.path / FOLDER / "last.pt").exists()


@pytest.mark.parametrize("last_word", [(), (ended("stopped"),)])
def test_a_state_that_had_not_taken_its_place_can_go_on(tmp_path: Path, last_word: tuple[Event, ...]) -> None:
    folder = make_run(tmp_path, events=[started(), *last_word])
    (folder / FOLDER).mkdir()
    (folder / FOLDER / NEXT).write_bytes(b"")
    steps = StepStore()
    for _ in range(4):
        steps.append(1.0, 0.5, 0.1, 1.0, 0.0)
    StepsFile(folder).append(steps)
    assert resumable(folder) == 4


def cut(parent: Path, events: list[Any], step: int, kept_lines: int) -> LogCut:
    """The log of ``events`` up to a state of the step ``step`` whose log had ``kept_lines`` lines."""
    folder = make_run(parent, events=events)
    state = {"progress": {"step": step, "epoch": 1}, KEPT: {"log": len(lines(events[:kept_lines]))}}
    return log_cut(folder, KeptState("last.pt", state))


def test_the_error_that_has_ended_the_run_comes_again_or_does_not(tmp_path: Path) -> None:
    """One of an earlier step, which has not, stays."""
    early, late = Notice(3, "log_failed", "", "error"), Notice(5, "diverged", "", "error")
    events = [started(), evaluated(1, 0.5), early, late, ended("failed", 1)]
    assert cut(tmp_path / "a", events, 5, 5).events == tuple(events[:3])
    assert cut(tmp_path / "b", events[:2] + events[3:], 5, 4).events == tuple(events[:2])


def test_an_edit_that_the_user_made_meanwhile_is_not_the_one_that_is_owed(tmp_path: Path) -> None:
    owed = (Edited(3, "optimizer.lr", 0.1, 0.2), Edited(6, "optimizer.lr", 0.2, 0.3))
    own, made = Edited(3, "optimizer.lr", 0.1, 0.9), owed[0]
    events = [started(), Resumed(0, "last.pt", "nothing", "", owed), own]
    assert cut(tmp_path / "a", events, 0, 1).edits == (own, *owed)
    assert cut(tmp_path / "b", [*events, made], 0, 1).edits == (own, *owed)
