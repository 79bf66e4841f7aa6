"""The list of runs: from the index where it holds, from the folders where it does not."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.engine.shelf.made_runs import curve, ended, lines, make_run, started
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf import read_record, shelf
from workbench.engine.shelf.about import About, write_about
from workbench.engine.shelf.index import NAME
from workbench.engine.shelf.record import RunRecord
from workbench.engine.shelf.shelf import Shelf, members_of

FIXTURES = Path(__file__).parents[2] / "fixtures" / "state_78c5c68" / "kept"


def listed(parent: Path) -> tuple[RunRecord, ...]:
    return finished(Shelf(parent).refresh())


def names(parent: Path) -> list[str]:
    return [record.folder.name for record in listed(parent)]


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    for day in (1, 2, 3):
        make_run(tmp_path, f"2026-11-0{day}_12-00-00_run-{day}")
    return tmp_path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders whose logs are read."""
    found: list[str] = []
    real = read_record.LogSummary

    def counting(folder: Path) -> read_record.LogSummary:
        found.append(folder.name)
        return real(folder)

    monkeypatch.setattr(read_record, "LogSummary", counting)
    return found


def test_runs_are_listed_newest_first(parent: Path) -> None:
    assert names(parent) == [f"2026-11-0{day}_12-00-00_run-{day}" for day in (3, 2, 1)]


def test_with_an_index_no_log_is_read_again(parent: Path, read: list[str]) -> None:
    before = listed(parent)
    assert len(read) == 3
    read.clear()
    assert listed(parent) == before and Shelf(parent).known() == before and read == []


@pytest.mark.parametrize("file", ["events.jsonl", "spec.toml", "about.toml"])
def test_only_a_run_that_has_changed_is_read_again(parent: Path, read: list[str], file: str) -> None:
    changed = parent / "2026-11-02_12-00-00_run-2"
    listed(parent)
    read.clear()
    if file == "events.jsonl":
        (changed / file).write_bytes(lines([started(), *curve((0.6,)), ended("stopped")]))
    elif file == "about.toml":
        write_about(changed, About("Named"))
    else:
        (changed / file).touch()
        os.utime(changed / file, ns=(1, 1))
    after = listed(parent)[1]
    assert read == [changed.name]
    if file == "events.jsonl":
        assert after.status == "stopped" and after.best_accuracy == 0.6
    if file == "about.toml":
        assert after.name == "Named"


def test_a_run_whose_states_have_gone_is_read_again(parent: Path, read: list[str]) -> None:
    """By hand, for room on the disk: it cannot be gone on with any more. Nothing else in its folder has changed."""
    events = [started(), *curve((0.5,)), ended("stopped")]
    states = make_run(parent, "2026-11-04_12-00-00_stopped", events=events) / "checkpoints"
    states.mkdir()
    (states / "last.pt").write_bytes(b"state")
    assert not listed(parent)[0].obstacle
    read.clear()
    (states / "last.pt").unlink()
    assert listed(parent)[0].obstacle and read == ["2026-11-04_12-00-00_stopped"]


def test_what_the_index_says_of_a_run_that_is_trained_now_is_asked_again(parent: Path, read: list[str]) -> None:
    """Taking the lock changes the folder, but a lock may outlive the look at it."""
    shelf_of = Shelf(parent)
    folder = make_run(parent, "2026-11-04_12-00-00_live", events=[started(), *curve((0.5,))])
    lock = RunLock.take(folder)
    assert finished(shelf_of.refresh())[0].status == "running" and shelf_of.known()[0].status == "running"
    read.clear()
    lock.mark_paused(True)
    assert shelf_of.known()[0].status == "paused" and finished(shelf_of.refresh())[0].status == "paused"
    assert read == []
    lock.release()
    assert finished(shelf_of.refresh())[0].status == "lost"


def test_a_run_that_is_gone_leaves_the_index(parent: Path) -> None:
    listed(parent)
    shutil.rmtree(parent / "2026-11-02_12-00-00_run-2")
    assert len(listed(parent)) == 2 and len(Shelf(parent).known()) == 2


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 100, None])
def test_an_index_that_is_damaged_or_missing_is_made_anew(parent: Path, damage: bytes | None, read: list[str]) -> None:
    before = listed(parent)
    if damage is None:
        (parent / NAME).unlink()
    else:
        (parent / NAME).write_bytes(damage)
    read.clear()
    assert listed(parent) == before and len(read) == 3
    read.clear()
    assert listed(parent) == before and read == []


@pytest.mark.parametrize(
    "damage", ["PRAGMA user_version = 99", "UPDATE runs SET payload = '{}'", "DROP TABLE runs; CREATE TABLE runs (x)"]
)
def test_an_index_of_another_version_or_with_other_rows_is_made_anew(parent: Path, damage: str) -> None:
    before = listed(parent)
    with closing(sqlite3.connect(parent / NAME)) as base:
        base.executescript(damage)
    assert listed(parent) == before and listed(parent) == before
    assert Shelf(parent).known() == before


def test_an_index_that_another_process_writes_is_not_waited_for_long(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engine.shelf.index._PATIENCE", 0.01)
    before = listed(parent)
    with closing(sqlite3.connect(parent / NAME)) as base:
        base.execute("BEGIN EXCLUSIVE")
        assert listed(parent) == before


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0,
    reason="Windows and the superuser may write into a folder without write permission",
)
def test_a_folder_that_cannot_be_written_is_listed(parent: Path) -> None:
    parent.chmod(0o555)
    try:
        assert len(listed(parent)) == 3
    finally:
        parent.chmod(0o755)


def test_without_a_place_for_the_index_the_list_is_whole(parent: Path, read: list[str]) -> None:
    """As on a medium that cannot be written; what was read is kept in memory."""
    (parent / NAME).mkdir()
    shelf_of = Shelf(parent)
    before = finished(shelf_of.refresh())
    assert len(before) == 3
    read.clear()
    assert finished(shelf_of.refresh()) == before and read == [] and shelf_of.known() == before


def test_a_missing_folder_has_no_runs(tmp_path: Path) -> None:
    assert listed(tmp_path / "missing") == () and Shelf(tmp_path / "missing").known() == ()
    assert not (tmp_path / "missing").exists()


def test_foreign_folders_files_and_names_that_are_no_text(parent: Path) -> None:
    (parent / "holiday").mkdir()
    (parent / "holiday" / "beach.png").write_bytes(b"x")
    (parent / "a file").write_bytes(b"x")
    (parent / ".hidden").mkdir()
    (parent / "link").symlink_to(parent / "link")
    odd = os.fsdecode(b"2026-11-09_12-00-00_\xe9t\xe9")
    make_run(parent, odd)
    first, *others = listed(parent)
    assert first.folder.name == odd and "\\xe9t" in first.name and len(others) == 3
    first.name.encode("utf-8")  # can be printed
    assert Shelf(parent).known()[0] == first


def test_a_folder_that_vanishes_during_the_scan(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shelf.record_without_holder

    def vanishing(folder: Path) -> RunRecord | None:
        if folder.name.endswith("run-2"):
            shutil.rmtree(folder)
            raise FileNotFoundError(folder)
        return real(folder)

    monkeypatch.setattr(shelf, "record_without_holder", vanishing)
    assert [name[-1] for name in names(parent)] == ["3", "1"]


def test_long_scans_tell_how_far_they_are_and_keep_what_they_read(
    parent: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]
) -> None:
    monkeypatch.setattr(shelf, "_AT_A_TIME", 1)
    scan = Shelf(parent).refresh()
    assert next(scan).total == 3
    scan.close()  # cancelled
    assert len(Shelf(parent).known()) == 1


def test_members_belong_to_their_run(tmp_path: Path) -> None:
    for folder in FIXTURES.iterdir():
        if folder.is_dir():
            shutil.copytree(folder, tmp_path / folder.name)
    records = listed(tmp_path)
    assert [record.title for record in records] == ["Kept transfer", "Kept ensemble", "Kept run"]
    members = members_of(records[1])
    assert [member.folder.name for member in members] == ["member-1", "member-2"]
    assert members[0].name == f"{records[1].folder.name}/member-1" and members_of(records[0]) == ()


def test_a_run_is_found_by_path_folder_or_name(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = parent / "2026-11-02_12-00-00_run-2"
    write_about(folder, About("The good one"))
    for name in (str(folder), folder.name, "The good one"):
        assert Shelf(parent).find(name).folder == folder
    write_about(parent / "2026-11-03_12-00-00_run-3", About("The good one"))
    with pytest.raises(WorkbenchError, match="2 runs have the name"):
        Shelf(parent).find("The good one")
    for name in ("nothing", "", "\0", "x" * 5000):
        with pytest.raises(WorkbenchError, match="There is no run"):
            Shelf(parent).find(name)


def test_one_run_is_read_anew(parent: Path) -> None:
    shelf_of = Shelf(parent)
    folder = finished(shelf_of.refresh())[0].folder
    write_about(folder, About(tags=("new",)))
    record = shelf_of.read(folder)
    assert record is not None and record.about.tags == ("new",) and shelf_of.known()[0] == record
    shutil.rmtree(folder)
    assert shelf_of.read(folder) is None and len(shelf_of.known()) == 2
