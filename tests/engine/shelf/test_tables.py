"""Choosing, sorting, grouping, thinning and exporting runs."""

from __future__ import annotations

import csv
import io
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine.shelf.made_runs import SPEC, curve, ended, make_run, started
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.run_store.finished_runs import finished_runs
from workbench.engine.run_store.run_lock import FolderIsHeld, RunLock
from workbench.engine.shelf import tensorboard
from workbench.engine.shelf.about import About, write_about
from workbench.engine.shelf.choose import chosen, groups
from workbench.engine.shelf.columns import COLUMNS, USUAL, column, ordered
from workbench.engine.shelf.compare import compare
from workbench.engine.shelf.disk import Thinned, ThinPlan, disk_use, old_runs, superfluous, thin
from workbench.engine.shelf.export import csv_of_comparison, csv_of_runs, markdown_of_comparison, markdown_of_runs
from workbench.engine.shelf.opened import opening
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord

KEPT = Path(__file__).parents[2] / "fixtures" / "state_78c5c68" / "kept"


def record(folder: Path) -> RunRecord:
    found = read_record(folder)
    assert found is not None
    return found


@pytest.fixture
def runs(tmp_path: Path) -> tuple[RunRecord, ...]:
    """Four runs: two seeds of one rate, another rate that was stopped, one without validation that is hidden."""
    settings: list[dict[str, Any]] = [
        {},
        {"loop.seed": 1},
        {"optimizer.lr": 0.5},
        {"optimizer": {"kind": "adam", "lr": 0.001}},
    ]
    curves: list[tuple[float | None, ...]] = [(0.5, 0.8), (0.5, 0.84), (0.9,), (None,)]
    abouts = [About("First", ("baseline",)), About(), About(note="Try a lower rate"), About(hidden=True)]
    made = []
    for number, (edits, accuracies, about) in enumerate(zip(settings, curves, abouts, strict=True), 1):
        spec = SPEC
        for path, value in edits.items():
            spec = spec.edited(path, value)
        reason = "stopped" if number == 3 else "completed"
        events = [started(spec), *curve(accuracies), ended(reason)]
        folder = make_run(tmp_path, f"2026-11-0{number}_12-00-00_r{number}", spec, events)
        write_about(folder, about)
        made.append(record(folder))
    return tuple(made)


def numbers(records: Any) -> list[int]:
    return [int(each.folder.name[-1]) for each in records]


@pytest.mark.parametrize(
    ("words", "want"),
    [
        ("", [1, 2, 3]),
        ("FIRST", [1]),
        ("lower rate", [3]),
        ("status:stopped", [3]),
        ("status:fin", [1, 2]),
        ("-status:stopped", [1, 2]),
        ("tag:base", [1]),
        ("-tag:base r2", [2]),
        ("digits", [1, 2, 3]),
        ("nothing", []),
        ("-", [1, 2, 3]),
    ],
)
def test_runs_are_chosen_by_words(runs: tuple[RunRecord, ...], words: str, want: list[int]) -> None:
    assert numbers(chosen(runs, words)) == want


def test_hidden_ones_are_shown_on_request(runs: tuple[RunRecord, ...]) -> None:
    assert numbers(chosen(runs, "", hidden=True)) == [1, 2, 3, 4]


def test_those_without_a_value_come_last_both_ways(runs: tuple[RunRecord, ...]) -> None:
    assert numbers(ordered(runs, "best_accuracy")) == [1, 2, 3, 4]
    assert numbers(ordered(runs, "best_accuracy", descending=True)) == [3, 2, 1, 4]
    assert numbers(ordered(runs, "settings.optimizer.lr")) == [4, 1, 2, 3]
    assert numbers(ordered(runs, "settings.optimizer.momentum"))[-1] == 4


@pytest.mark.parametrize("key", [each.key for each in COLUMNS])
def test_every_column_sorts_and_has_a_text(runs: tuple[RunRecord, ...], key: str) -> None:
    assert len(ordered(runs, key)) == 4 and all(column(key).text(each) for each in runs)


def test_the_usual_columns_are_known() -> None:
    assert all(column(key).title for key in USUAL)
    assert column("settings.optimizer.lr").title == "Learning rate"
    with pytest.raises(KeyError):
        column("nothing")


def test_groups_by_a_setting_have_mean_and_spread(runs: tuple[RunRecord, ...]) -> None:
    found = groups(runs, "optimizer.lr")
    assert [group.value for group in found] == ["0.001", "0.05", "0.5"]
    seeds = found[1]
    assert seeds.mean == pytest.approx(0.82) and seeds.spread == pytest.approx(0.02 * 2**0.5) and seeds.only_seeds
    assert found[0].mean is None and found[2].spread is None
    kinds = groups(runs, "optimizer")
    assert len(kinds) == 2 and not next(group for group in kinds if len(group.records) == 3).only_seeds
    assert [group.value for group in groups(runs, "nothing.at.all")] == ["–"]


# --- exports -------------------------------------------------------------------------------------------------------


def test_groups_are_in_the_order_of_their_values_and_unset_ones_come_last(tmp_path: Path) -> None:
    values = (None, "wide", 10, 2, None, -1)
    made = [
        RunRecord(tmp_path / str(at), "finished", settings={} if value is None else {"a": {"b": value}})
        for at, value in enumerate(values)
    ]
    found = groups(made, "a.b")
    assert [[int(record.folder.name) for record in group.records] for group in found] == [[5], [3], [2], [1], [0, 4]]


def test_those_that_were_refused_are_not_counted_as_thinned(runs: tuple[RunRecord, ...]) -> None:
    done = Thinned(ThinPlan(runs[:3], 9_000_000, 5_000_000), 4_000_000, ("First is kept as it is: It is in use.",))
    assert done.words.startswith("2 runs thinned to curves and best weights: 9.0 MB → 5.0 MB.")
    assert done.words.endswith(" First is kept as it is: It is in use.")


def test_csv_has_plain_numbers(runs: tuple[RunRecord, ...]) -> None:
    head, *rows = csv.reader(io.StringIO(csv_of_runs(runs, ("name", "status", "best_accuracy", "settings.loop.seed"))))
    assert head == ["name", "status", "best_accuracy", "settings.loop.seed"]
    assert rows[0] == ["First", "finished", "0.8", "0"] and rows[3][2] == ""


def test_a_name_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    write_about(folder, About.of('=HYPERLINK("x")'))
    assert next(csv.reader(io.StringIO(csv_of_runs([record(folder)], ("name",)).splitlines()[1]))) == [
        '\'=HYPERLINK("x")'
    ]


def test_markdown_is_a_table_whatever_names_hold(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    write_about(folder, About.of("a|b *c*"))
    lines = markdown_of_runs([record(folder)], ("name", "best_accuracy")).splitlines()
    assert lines[0] == "| Name | Best accuracy |" and lines[2] == "| a\\|b \\*c\\* | 80.0\u202f% |".replace(
        "\u202f", " "
    )


def test_a_comparison_as_csv_and_markdown(runs: tuple[RunRecord, ...]) -> None:
    """The names are those that the window shows; the folders are in a row of their own."""
    found = compare(runs[:3])
    names = {each.folder: name for each, name in zip(runs, ("First", "lr 0.05", "lr 0.5", ""), strict=True)}
    rows = list(csv.reader(io.StringIO(csv_of_comparison(found, names))))
    assert rows[0] == ["Setting", "First", "lr 0.05", "lr 0.5"] and ["Seed", "0", "1", "0"] in rows
    assert rows[-3:] == [
        ["Best accuracy", "80.0 %", "84.0 %", "90.0 %"],
        ["Last accuracy", "80.0 %", "84.0 %", "90.0 %"],
        ["Folder", *(each.folder.name for each in runs[:3])],
    ]
    text = markdown_of_comparison(found, names)
    assert "| Learning rate | 0.05 | 0.05 | 0.5 |" in text and "more than noise" in text
    assert "- **lr 0.5**: " in text


def test_without_tensorboard_the_way_to_it_is_said(
    runs: tuple[RunRecord, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tensorboard, "find_spec", lambda name: None)
    with pytest.raises(WorkbenchError, match="pip install tensorboard"):
        tensorboard.export_tensorboard(runs, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_tensorboard_gets_every_number(tmp_path: Path) -> None:
    run = record(next(path for path in sorted(KEPT.iterdir()) if path.is_dir()))
    scalars = list(tensorboard.scalars(run))
    tags = {tag for tag, _, _ in scalars}
    assert {"step/loss", "learning_rate", "loss/train", "accuracy/validation", "accuracy/ema"} <= tags
    history = finished(opening(run.folder))[0]
    assert [value for tag, _, value in scalars if tag == "accuracy/validation"] == history.curve(
        "val", "accuracy"
    ).tolist()


def test_tensorboard_reads_what_was_written(runs: tuple[RunRecord, ...], tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="an optional package")
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    (folder,) = tensorboard.export_tensorboard(runs[:1], tmp_path / "out")
    (file,) = folder.iterdir()
    read = [
        (each.tag, event.step, pytest.approx(each.tensor.float_val[0]))
        for event in EventFileLoader(str(file)).Load()
        for each in event.summary.value
    ]
    assert read == list(tensorboard.scalars(runs[0]))
    with pytest.raises(WorkbenchError, match="there already"):
        tensorboard.export_tensorboard(runs[:1], tmp_path / "out")


# --- opened, thinned -----------------------------------------------------------------------------------------------


def test_a_run_opens_with_its_curves_though_its_log_is_damaged(tmp_path: Path) -> None:
    source = next(path for path in sorted(KEPT.iterdir()) if path.is_dir())
    folder = Path(shutil.copytree(source, tmp_path / source.name))
    whole = finished(opening(folder))[0]
    assert whole.steps.count == 20 and len(whole.evaluations) == 5 and whole.ended is not None
    log = (folder / "events.jsonl").read_bytes().split(b"\n")
    log[3] = b"\xff"
    (folder / "events.jsonl").write_bytes(b"\n".join([*log, b'{"event": "Torn']))
    (folder / "steps.bin").write_bytes(b"noise")
    damaged = finished(opening(folder))[0]
    assert damaged.started is not None and damaged.ended is not None and damaged.steps.count == 0
    assert len(damaged.evaluations) == 4
    assert finished(opening(tmp_path / "missing"))[0].started is None


def test_thinning_leaves_curves_and_best_weights(tmp_path: Path) -> None:
    for source in KEPT.iterdir():
        if source.is_dir():
            shutil.copytree(source, tmp_path / source.name)
    run, ensemble, _ = sorted(tmp_path.iterdir())
    (run / "checkpoints").mkdir()
    for name in ("last.pt", "previous.pt", "manifest.json"):
        (run / "checkpoints" / name).write_bytes(b"x" * 500)
    before = [record(run), record(ensemble)]
    use = disk_use(tmp_path, before)
    assert (
        use.used == sum(each.size for each in before) and use.runs == 2 and use.free > 0 and "2 runs take" in use.words
    )
    freed = thin(run) + thin(ensemble)
    after = [record(run), record(ensemble)]
    assert freed == use.thinnable == use.used - sum(each.size for each in after) > 0
    kept = {
        path.relative_to(tmp_path).as_posix().partition("_kept-")[2] for path in tmp_path.rglob("*") if path.is_file()
    }
    assert {name for name in kept if name.endswith((".safetensors", ".pt"))} == {
        "run/best.safetensors",
        "ensemble/member-1/best.safetensors",
        "ensemble/member-2/best.safetensors",
    }
    assert after[0].sparkline == before[0].sparkline and after[0].obstacle and superfluous(run) == ()
    assert len(finished_runs(tmp_path)) >= 3  # their weights can still be evaluated
    assert thin(run) == 0


def test_the_only_weights_stay(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "last.safetensors").write_bytes(b"x")
    assert thin(folder) == 0 and (folder / "last.safetensors").exists()


def test_a_run_that_is_being_trained_is_not_thinned(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.pt").write_bytes(b"x" * 10)
    lock = RunLock.take(folder)
    with pytest.raises(FolderIsHeld):
        thin(folder)
    assert disk_use(tmp_path, [record(folder)]).thinnable == 0
    assert old_runs([record(folder)], 0, datetime(2030, 1, 1)) == ()
    lock.release()
    assert [each.folder for each in old_runs([record(folder)], 30, datetime(2030, 1, 1))] == [folder]
    assert old_runs([record(folder)], 30, datetime(2026, 11, 20)) == ()
    write_about(folder, About(pinned=True))
    assert old_runs([record(folder)], 30, datetime(2030, 1, 1)) == ()


def test_a_file_that_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_run(tmp_path)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.pt").write_bytes(b"x")
    real = Path.unlink

    def refusing(path: Path, missing_ok: bool = False) -> None:
        if path.name == "last.pt":
            raise PermissionError(13, os.strerror(13))
        real(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refusing)
    with pytest.raises(WorkbenchError, match=r"Cannot remove .*last\.pt"):
        thin(folder)
