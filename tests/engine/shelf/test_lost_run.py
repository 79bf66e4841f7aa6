"""QT26: after a crash the run that it cut off is found, with the step it goes on from; no other run is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import curve, ended, make_run, started
from tests.engine.training.resuming import killed, saved_each_step
from tests.engine.training.test_resume import after
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.about import About, write_about
from workbench.engine.shelf.lost_run import last_lost


def written_at(folder: Path, moment: float) -> Path:
    os.utime(folder / "events.jsonl", (moment, moment))
    return folder


def cut_off(parent: Path, name: str, moment: float) -> Path:
    return written_at(make_run(parent, name, events=[started(), *curve((0.5,))]), moment)


def test_the_newest_run_without_an_end_is_found(tmp_path: Path) -> None:
    cut_off(tmp_path, "older", 100)
    cut_off(tmp_path, "lost", 200)
    written_at(make_run(tmp_path, "finished"), 300)
    written_at(make_run(tmp_path, "stopped", events=[started(), *curve((0.5,)), ended("stopped")]), 400)
    (tmp_path / "no run").mkdir()
    found = last_lost(tmp_path)
    assert found is not None and found.record.name == "lost" and found.moment == 200
    assert found.step == 5 and found.goes_on == 0
    shown = f"“{found.record.shown_name}” ended without being closed, after step 5 or later."
    assert found.record.title in shown and found.words == f"{shown} It begins again at step 0."
    write_about(found.record.folder, About("my run"))
    named = last_lost(tmp_path)
    assert named is not None and named.words.startswith("“my run” ended")


def test_one_that_was_offered_is_not_found_again(tmp_path: Path) -> None:
    cut_off(tmp_path, "older", 100)
    cut_off(tmp_path, "lost", 200)
    assert last_lost(tmp_path, since=200) is None and last_lost(tmp_path, since=100) is not None


def test_one_that_is_being_trained_is_not_lost(tmp_path: Path) -> None:
    lock = RunLock.take(cut_off(tmp_path, "trained now", 100))
    assert last_lost(tmp_path) is None
    lock.release()
    assert last_lost(tmp_path) is not None


def test_one_that_had_not_begun_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    make_run(tmp_path, "empty", events=[])
    assert last_lost(tmp_path) is None and last_lost(tmp_path / "none") is None


@pytest.fixture
def killed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    saved_each_step(monkeypatch)
    return killed(small_spec(), tmp_path, after(9))


def test_it_goes_on_from_the_newest_state_that_can_be_read(killed_run: Path) -> None:
    found = last_lost(killed_run.parent)
    assert found is not None and found.goes_on is not None and found.why_not == ""
    assert found.goes_on <= found.step and found.goes_on >= 8
    newest = killed_run / "checkpoints" / "last.pt"
    damaged = bytearray(newest.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    newest.write_bytes(damaged)
    (killed_run / "checkpoints" / "next.pt").unlink(missing_ok=True)
    older = last_lost(killed_run.parent)
    assert older is not None and older.goes_on is not None and older.goes_on < found.goes_on


def damage(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (run / "checkpoints").glob("*.pt"):
        each.write_bytes(b"not a state")


def lock_away(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != run and access(path, mode))


@pytest.mark.parametrize(("harm", "why"), [(damage, "can be read"), (lock_away, "cannot be written")])
def test_where_it_cannot_go_on_the_reason_is_said(
    killed_run: Path, harm: Callable[..., Any], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    harm(killed_run, monkeypatch)
    found = last_lost(killed_run.parent)
    assert found is not None and found.goes_on is None
    assert "It cannot go on: " in found.words and why in found.words
