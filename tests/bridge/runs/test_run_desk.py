"""What is done with kept runs, in real folders: words, trash and back, settings again, further seeds."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, make_run, started
from workbench.bridge.runner import Runner
from workbench.bridge.runs import trash
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.runs.trash import Removal
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.about import read_about
from workbench.engine.shelf.record import RunRecord


@pytest.fixture
def desk(qtbot: QtBot, runner: Runner, tasks: Tasks, workbench_home: Path) -> Iterator[RunDesk]:
    desk = RunDesk(Session(SpecStore(), runner), tasks)
    yield desk
    desk.runs.watch(False)


def read(qtbot: QtBot, desk: RunDesk) -> tuple[RunRecord, ...]:
    desk.runs.refresh()
    qtbot.waitUntil(lambda: desk.runs.is_read and not desk.runs.is_reading, timeout=20_000)
    return desk.runs.records


def test_runs_are_read_from_their_folders_newest_first(qtbot: QtBot, desk: RunDesk) -> None:
    assert read(qtbot, desk) == ()
    for name in ("2026-11-01_12-00-00_a", "2026-11-02_12-00-00_b"):
        make_run(runs_folder(), name)
    assert [record.name for record in read(qtbot, desk)] == ["2026-11-02_12-00-00_b", "2026-11-01_12-00-00_a"]


def test_a_record_that_has_not_changed_stays_the_same_object(qtbot: QtBot, desk: RunDesk) -> None:
    make_run(runs_folder())
    (before,) = read(qtbot, desk)
    assert read(qtbot, desk)[0] is before


def test_words_of_the_user_are_in_the_folder_and_shown_at_once(qtbot: QtBot, desk: RunDesk) -> None:
    folder = make_run(runs_folder())
    (record,) = read(qtbot, desk)
    desk.describe(record, "the good one", ["talk", "talk"], "look at epoch 2")
    assert desk.runs.records[0].name == "the good one"
    about, _ = read_about(folder)
    assert (about.name, about.tags, about.note) == ("the good one", ("talk",), "look at epoch 2")
    desk.rename(desk.runs.records[0], "")
    assert desk.runs.records[0].name == folder.name
    qtbot.waitUntil(lambda: not desk.runs.is_reading, timeout=20_000)


def test_a_run_goes_to_the_trash_and_comes_back(
    qtbot: QtBot, desk: RunDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_moved", lambda folder: moved(folder, tmp_path))
    folder = make_run(runs_folder())
    log = (folder / "events.jsonl").read_bytes()
    records = read(qtbot, desk)
    with qtbot.waitSignal(desk.removed, timeout=20_000) as removed:
        desk.remove(records)
    removal = removed.args[0]
    assert not folder.exists() and desk.runs.records == () and removal.refused == ()
    desk.bring_back(removal)
    assert (folder / "events.jsonl").read_bytes() == log
    assert not (tmp_path / "info" / f"{folder.name}.trashinfo").exists()
    qtbot.waitUntil(lambda: len(desk.runs.records) == 1 and not desk.runs.is_reading, timeout=20_000)


def test_a_run_that_another_window_trains_by_now_stays(
    qtbot: QtBot, desk: RunDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_moved", lambda folder: moved(folder, tmp_path))
    folder = make_run(runs_folder())
    records = read(qtbot, desk)
    lock = RunLock.take(folder)  # after the table has read it
    with qtbot.waitSignal(desk.removed, timeout=20_000) as removed:
        desk.remove(records)
    assert removed.args[0] == Removal((), (), (records[0].shown_name,)) and folder.exists()
    lock.release()
    qtbot.waitUntil(lambda: not desk.runs.is_reading, timeout=20_000)


def moved(folder: Path, place: Path) -> Path:
    """As Qt does it: the folder goes below files/, a note of where it was into info/."""
    for name in ("files", "info"):
        (place / name).mkdir(exist_ok=True)
    (place / "info" / f"{folder.name}.trashinfo").write_text("[Trash Info]")
    target = place / "files" / folder.name
    folder.rename(target)
    return target


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux can a test have a trash apart from the user's own")
def test_the_systems_own_trash_takes_a_folder_and_tells_where(
    tmp_path: Path, workbench_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The folder "data" is missing, as it is for a new user. Qt takes the home's trash for what is on the home's drive.
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = make_run(tmp_path / "runs")
    place = trash._moved(folder)
    assert (tmp_path / "data").is_dir()
    assert place is not None
    assert not folder.exists() and (place / "events.jsonl").exists()
    assert trash.Trashed(folder, place, folder.name).bring_back() and (folder / "events.jsonl").exists()
    assert not list((tmp_path / "data" / "Trash" / "info").iterdir())
    assert trash._moved(tmp_path / "none") is None


def test_what_the_system_does_not_take_stays_and_is_named(
    qtbot: QtBot, desk: RunDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_moved", lambda folder: None)
    folder = make_run(runs_folder())
    records = read(qtbot, desk)
    with qtbot.waitSignal(desk.removed, timeout=20_000) as removed:
        desk.remove(records)
    assert removed.args == [Removal((), (records[0].shown_name,))] and folder.exists() and len(desk.runs.records) == 1
    qtbot.waitUntil(lambda: not desk.runs.is_reading, timeout=20_000)


def test_the_settings_are_taken_over_and_trained(qtbot: QtBot, desk: RunDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[float] = []
    session = desk._session
    monkeypatch.setattr(session, "train", lambda: trained.append(session.store.spec.optimizer.lr))
    spec = SPEC.edited("optimizer.lr", 0.123)
    make_run(runs_folder(), spec=spec)
    (record,) = read(qtbot, desk)
    with qtbot.waitSignal(desk.train_wanted):
        desk.train_again(record)
    assert trained == [0.123] and session.store.can_undo


def test_a_repeat_is_a_card_for_each_seed_that_is_missing(
    qtbot: QtBot, desk: RunDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    session = desk._session
    monkeypatch.setattr(session, "train_card", lambda spec, folder, now: begun.append(spec.loop.seed))
    make_run(runs_folder(), "2026-11-01_12-00-00_a")
    make_run(runs_folder(), "2026-11-01_12-00-02_c", spec=SPEC.edited("loop.seed", 2), events=[started()])
    (record,) = [record for record in read(qtbot, desk) if record.status == "finished"]
    with qtbot.waitSignal(desk.queue_wanted):
        desk.repeat(record)
    assert [card.spec.loop.seed for card in desk.queue.cards] == [1, 2] and desk.worker.is_on
    assert [card.title[-6:] for card in desk.queue.cards] == ["seed 1", "seed 2"]
    qtbot.waitUntil(lambda: begun == [1], timeout=20_000)
    desk.worker.switch(False)
    desk.repeat(record)  # others wait: it is said, and not switched on
    assert len(desk.queue.cards) == 4 and not desk.worker.is_on
    qtbot.waitUntil(lambda: desk._tasks.current is None, timeout=20_000)


def test_an_opened_run_that_has_gone_on_or_has_ended_is_read_again(qtbot: QtBot, desk: RunDesk) -> None:
    make_run(runs_folder())
    (record,) = read(qtbot, desk)
    desk.opened.ask(record)
    qtbot.waitUntil(lambda: desk.opened.history(record) is not None, timeout=20_000)
    before = replace(record, step=record.step - 1), replace(record, status="running")
    for other in before:
        assert desk.opened.history(other) is None
        assert desk.opened.latest(other) is desk.opened.history(record), "meanwhile the old one is shown"
    with qtbot.waitSignal(desk.opened.opened, timeout=20_000):
        desk.opened.ask(before[1])
    assert desk.opened.history(before[1]) is not None
