"""What a record says comes from evidence: who holds the folder, the last events of the log, the files."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.shelf.made_runs import SPEC, curve, ended, evaluated, lines, make_run, started
from workbench.engine.core.events import Edited, EnsembleMeasured, Evaluated, Measured, MeasuredOnTest, Notice
from workbench.engine.run_store.event_lines import line_of_event
from workbench.engine.run_store.resumable import NOTHING_KEPT, resumable
from workbench.engine.run_store.run_lock import RunLock
from workbench.engine.shelf.about import About, write_about
from workbench.engine.shelf.columns import COLUMNS
from workbench.engine.shelf.for_programs import json_text, run_object
from workbench.engine.shelf.payload import payload_of, record_of
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord
from workbench.engine.spec.experiment import plain

FIXTURES = Path(__file__).parents[2] / "fixtures" / "state_78c5c68" / "kept"


def record(folder: Path) -> RunRecord:
    found = read_record(folder)
    assert found is not None
    return found


NAMES = ("float", "loss", "accuracy", "kind", "loop", "epochs", "data", "source", "model", "step", "event")
BEGUN = [started(), *curve((0.5, 0.8, 0.7))]
GOES_ON = {"event": "Resumed", "step": 10, "checkpoint": "last.pt"}


@pytest.mark.parametrize(
    ("events", "status", "reason"),
    [
        ([*BEGUN, ended()], "finished", "Finished."),
        ([*BEGUN, ended("stopped", message="Stopped after 15 steps.")], "stopped", "Stopped after 15 steps."),
        ([*BEGUN, ended("failed", message="No room.", code="out_of_memory")], "failed", "No room."),
        ([*BEGUN, ended("failed", message="Diverged.", code="diverged")], "diverged", "Diverged."),
        (BEGUN, "lost", "It ended without a last word after 15 steps"),
        ([started()], "lost", "before its first evaluation"),
        ([*BEGUN, ended("stopped"), GOES_ON], "lost", "after 10 steps"),
        ([*BEGUN, ended("stopped"), GOES_ON, evaluated(3, 0.9), ended()], "finished", "Finished."),
        ([*BEGUN, ended("stopped"), GOES_ON, ended("stopped", message="Again.")], "stopped", "Again."),
    ],
)
def test_the_status_comes_from_the_last_events(tmp_path: Path, events: list[Any], status: str, reason: str) -> None:
    found = record(make_run(tmp_path, events=events))
    assert found.status == status and reason in found.reason and not found.problem


def test_a_run_whose_folder_is_held_is_running_or_paused(tmp_path: Path) -> None:
    folder = make_run(tmp_path, events=BEGUN)
    lock = RunLock.take(folder)
    found = record(folder)
    assert found.status == "running" and found.is_live and found.obstacle == found.reason != ""
    lock.mark_paused(True)
    assert record(folder).status == "paused"
    lock.release()
    assert record(folder).status == "lost"


def test_a_member_of_an_ensemble_trains_while_the_ensemble_does(tmp_path: Path) -> None:
    folder = make_run(tmp_path, events=BEGUN)
    member = make_run(folder, "member-1", events=BEGUN)
    lock = RunLock.take(folder)
    assert record(member).status == "running" and record(member).name == f"{folder.name}/member-1"
    lock.release()
    assert record(member).status == "lost"


def test_what_was_reached(tmp_path: Path) -> None:
    tested = MeasuredOnTest(15, Measured(0.4, 0.75, 100, 0.01, 0.02), 1)
    events = [started(), *curve((0.5, 0.8, 0.7)), tested, ended()]
    found = record(make_run(tmp_path, events=events))
    assert found.best is not None and found.last is not None
    assert (found.best_accuracy, found.best.epoch, found.best.step) == (0.8, 2, 10)
    assert found.last.val is not None and found.last.val.accuracy == 0.7 and found.last.epoch == 3
    assert found.best.gap == pytest.approx(0.1)
    assert (found.test, found.seconds, found.step, found.epoch, found.epochs) == (0.75, 4.5, 15, 3, 3)
    assert found.sparkline == (0.1, 0.5, 0.8, 0.7)
    assert (found.train_size, found.val_size, found.classes, found.parameters) == (80, 359, 10, 618)
    assert found.settings == plain(SPEC) and found.spec == SPEC and found.seed == 0
    assert found.data == "Digits" or "igits" in found.data


def test_an_evaluation_within_an_epoch_belongs_to_it(tmp_path: Path) -> None:
    within = Evaluated(**{name: getattr(evaluated(1, 0.9, is_best=True), name) for name in Evaluated.__slots__})
    events = [started(), *curve((0.5,)), replace(within, step=7)]
    found = record(make_run(tmp_path, events=events))
    assert found.best is not None and (found.best.epoch, found.best.step, found.epoch) == (2, 7, 1)


def test_the_start_is_never_the_best(tmp_path: Path) -> None:
    """Older programs marked it so."""
    events = [started(), replace(evaluated(0, 0.9), is_best=True), evaluated(1, 0.5)]
    assert record(make_run(tmp_path, events=events)).best is None


def test_without_validation_there_is_no_best_accuracy(tmp_path: Path) -> None:
    found = record(make_run(tmp_path, accuracies=(None, None)))
    assert found.best_accuracy is None and found.status == "finished"
    assert found.sparkline == (0.1, 0.9, 0.9)  # the training examples then


def test_epochs_and_changes_of_live_settings(tmp_path: Path) -> None:
    changes = [Edited(3, "loop.epochs", 3, 8), *(Edited(n, "optimizer.lr", 0.05, 0.1) for n in range(100))]
    found = record(make_run(tmp_path, changes=changes))
    assert found.epochs == 8 and found.change_count == 101 and len(found.changes) == 64
    assert found.changes[0].path == "loop.epochs"


def test_a_sparkline_has_the_first_the_last_and_no_more_than_48(tmp_path: Path) -> None:
    accuracies = [n / 1000 for n in range(1000)]
    found = record(make_run(tmp_path, accuracies=accuracies))
    assert len(found.sparkline) == 48 and found.sparkline[0] == 0.1 and found.sparkline[-1] == 0.999


def test_a_sparkline_keeps_the_evaluation_at_the_step_that_it_goes_on_from(tmp_path: Path) -> None:
    found = record(make_run(tmp_path, events=[*BEGUN, GOES_ON]))
    assert found.sparkline == (0.1, 0.5, 0.8)


def test_numbers_that_are_not_finite_are_kept(tmp_path: Path) -> None:
    broken = replace(evaluated(1, 0.5), val=Measured(math.nan, 0.1, 359, math.inf, 0.1))
    found = record(make_run(tmp_path, events=[started(), broken]))
    assert found.last is not None and found.last.val is not None and math.isnan(found.last.val.loss)


def test_a_fork_names_its_parent(tmp_path: Path) -> None:
    begun = {**line_of_event(started()), "parent": "other-run", "parent_step": 40}
    found = record(make_run(tmp_path, events=[begun, *curve((0.5,)), ended()]))
    assert (found.parent, found.parent_step) == ("other-run", 40)


def test_the_best_of_a_fork_that_does_not_beat_its_parent_is_its_own_highest(tmp_path: Path) -> None:
    """What its parent had reached before the fork is no result of the fork's changes."""
    values = [evaluated(epoch, value) for epoch, value in ((3, 0.8), (4, 0.9), (5, 0.9), (6, 0.7))]
    begun = {**line_of_event(started()), "parent": "a", "parent_step": 7}
    forked = record(make_run(tmp_path, events=[begun, *values, ended()]))
    assert forked.best_accuracy == 0.9 and forked.best is not None and forked.best.epoch == 4
    alone = record(make_run(tmp_path, "b", events=[started(), *values, ended()]))
    assert alone.best_accuracy is None


def test_whether_it_can_be_gone_on_with(tmp_path: Path) -> None:
    """The list says what going on would say: one source."""
    folder = make_run(tmp_path, events=[started(), *curve((0.5,)), ended("stopped", 1, "Stopped.")])
    assert record(folder).obstacle == resumable(folder) == NOTHING_KEPT
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "previous.pt").write_bytes(b"x" * 1000)
    found = record(folder)
    assert found.obstacle == "" and found.size >= 1000 and isinstance(resumable(folder), int)
    whole = make_run(tmp_path, "2026-11-02_12-00-00_whole")
    assert record(whole).obstacle == resumable(whole) and "has ended" in record(whole).obstacle


# --- what is damaged, newer, or no run ----------------------------------------------------------------------


def test_a_damaged_line_is_passed_over_and_named(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    log = (folder / "events.jsonl").read_bytes().split(b"\n")
    log[2] = b"\xff\x00{" + log[2][5:]
    (folder / "events.jsonl").write_bytes(b"\n".join(log))
    found = record(folder)
    assert found.status == "finished" and found.best_accuracy == 0.8 and "damaged in line 3" in found.problem


@pytest.mark.parametrize(
    "line",
    [b"[]", b"7", b'{"event": 5}', b'{"event": "EpochEnded"}', b"[" * 100_000, b'{"event": "Edited", "step": []}'],
)
def test_lines_of_any_kind_are_survived(tmp_path: Path, line: bytes) -> None:
    folder = make_run(tmp_path)
    with (folder / "events.jsonl").open("ab") as file:
        file.write(line + b"\n")
    assert record(folder).status == "finished" and record(folder).problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner),
    max_leaves=8,
)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=60) | JSON.map(lambda each: json.dumps(each).encode()), max_size=4), st.data())
def test_no_log_whatsoever_ends_the_list(rows: list[bytes], data: st.DataObject) -> None:
    """Bytes, JSON of any shape, and lines of ours with some values replaced by others."""
    ours = line_of_event(data.draw(st.sampled_from([*BEGUN, ended()])))
    name = data.draw(st.sampled_from(sorted(ours)))
    mixed = [*rows, json.dumps({**ours, name: data.draw(JSON)}).encode()]
    with tempfile.TemporaryDirectory() as place:
        folder = make_run(Path(place))
        (folder / "events.jsonl").write_bytes(b"\n".join(mixed) + b"\n")
        found = record(folder)
        assert record_of(folder, payload_of(found)).folder == folder and json_text(run_object(found))
        assert all(each.text(found) for each in COLUMNS)


def test_a_torn_last_line_is_no_damage(tmp_path: Path) -> None:
    folder = make_run(tmp_path, events=BEGUN)
    with (folder / "events.jsonl").open("ab") as file:
        file.write(lines([evaluated(4, 0.9)])[:50])
    assert record(folder).problem == "" and record(folder).step == 15


def test_the_log_of_a_newer_version_is_listed_with_a_sentence(tmp_path: Path) -> None:
    events = [started(), {"event": "Teleported", "step": 3}, *curve((0.5, 0.8)), ended(epoch=2)]
    found = record(make_run(tmp_path, events=events))
    assert found.best_accuracy == 0.8 and "newer version" in found.problem


def test_settings_of_a_newer_version_are_listed_with_a_sentence(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    begun = replace(started(), spec={**plain(SPEC), "wormholes": 3})
    (folder / "events.jsonl").write_bytes(lines([begun, *curve((0.5,)), ended()]))
    found = record(folder)
    assert found.status == "finished" and found.title == folder.name and "wormholes" in found.problem
    assert found.setting("optimizer.lr") == 0.05


def test_a_run_that_was_killed_while_its_data_was_read_is_lost(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "events.jsonl").unlink()
    found = record(folder)
    assert found.status == "lost" and found.settings == plain(SPEC) and "first evaluation" in found.reason


def test_without_its_settings_file_the_log_has_the_settings(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "spec.toml").unlink()
    assert record(folder).settings == plain(SPEC)


def test_a_log_of_nothing_but_noise_is_listed_beside_good_settings(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "events.jsonl").write_bytes(b"\x80\n\x81\n")
    found = record(folder)
    assert found.status == "lost" and found.settings == plain(SPEC) and "damaged in line 1" in found.problem


@pytest.mark.parametrize(
    "files",
    [{}, {"notes.txt": "hello"}, {"spec.toml": "[tool]\nname = 'other'"}, {"spec.toml": "a." * 30_000 + "a = 1"}],
)
def test_a_foreign_folder_is_no_run(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_record(tmp_path) is None


def test_a_log_of_another_program_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text('{"message": "hello"}\n', encoding="utf-8")
    assert read_record(tmp_path) is None


# --- the user's words, the index's payload, older states --------------------------------------------------------------


def test_the_users_words_are_in_the_record(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    log = (folder / "events.jsonl").read_bytes()
    about = About.of("  My\nrun ", ["good", "good", " a,b "], "See page 3.\n", pinned=True)
    write_about(folder, about)
    found = record(folder)
    assert found.name == "My run" and found.about == About("My run", ("good", "a b"), "See page 3.", True, False)
    assert (folder / "events.jsonl").read_bytes() == log


@pytest.mark.parametrize("data", [b"\xff\xfe", b"name = ", b"a." * 50_000 + b"a = 1", b"x = 1\n" * 20_000])
def test_words_that_cannot_be_read_are_left_out_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    folder = make_run(tmp_path)
    (folder / "about.toml").write_bytes(data)
    found = record(folder)
    assert found.about == About() and "about.toml" in found.problem


def test_words_of_a_newer_version_stay(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "about.toml").write_text('stars = 5\nname = "old"\n', encoding="utf-8")
    write_about(folder, About("new"))
    assert "stars = 5" in (folder / "about.toml").read_text(encoding="utf-8") and record(folder).name == "new"


def test_the_index_gives_the_record_back(tmp_path: Path) -> None:
    changes = [Edited(1, "model.hidden", (8, 4), (8,)), Edited(2, "optimizer.lr", 0.1, 0.2)]
    ensemble = EnsembleMeasured(1, 5, (0.4, 0.5), Measured(0.1, 0.6, 10, 0.1, 0.1), (1.0,), 5)
    events = [started(), *changes, *curve((0.5, None)), ensemble, Notice(1, "x", "y"), ended()]
    found = record(make_run(tmp_path, events=events))
    assert found.averaged == 0.6 and found.members == 2 and found.changes[0].old == (8, 4)
    assert record_of(found.folder, payload_of(found)) == found


def test_runs_of_an_older_state() -> None:
    """A run, an ensemble and a transfer run, written by the program of before this room."""
    run, ensemble, transfer = (record(path) for path in sorted(FIXTURES.iterdir()) if path.is_dir())
    assert [each.status for each in (run, ensemble, transfer)] == ["finished"] * 3
    assert [each.problem for each in (run, ensemble, transfer)] == [""] * 3
    assert run.title == "Kept run" and run.change_count == 2 and run.epochs == 4
    assert str(run.started) == "2026-01-01 12:00:00"
    assert (run.best is not None and run.best.epoch == 4) or run.best_accuracy is not None
    assert ensemble.members == 2 and ensemble.averaged == 142 / 359
    assert run.obstacle and run.size > 10_000
