"""The data before the first step: progress as events, Stop and edits meanwhile, wrong labels and numbers named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.helpers import small_spec
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Edit, Edited, Event, RunEnded, RunStarted, Stepped, Stop
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped
from workbench.engine.data.loading import checked
from workbench.engine.report.data_summary import data_summary
from workbench.engine.run_store.history import History
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train, train_loop
from workbench.engine.training.set_up import set_up


def points(count: int = 40) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset(rng.normal(size=(count, 2)).astype(np.float32), np.arange(count) % 2, ("a", "b"))


class Reader:
    """What happened to a source that is read in five bits."""

    def __init__(self) -> None:
        self.closed = self.loads = 0


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Reader:
    reader = Reader()

    def loading(self: DataSource) -> Loadings:
        try:
            for done in range(5):
                yield Loading(done, 5, "Reading")
        except GeneratorExit:
            reader.closed += 1
            raise
        reader.loads += 1
        return points()

    monkeypatch.setattr(type(SPEC.data.source), "loading", loading)
    return reader


SPEC = small_spec().edited("loop.epochs", 1)


def run(
    spec: ExperimentSpec, commands: Callable[[Event], Command | None], folder: RunFolder | None = None
) -> list[Event]:
    events: list[Event] = []
    drive(train(spec, folder), commands, events.append)
    return events


def test_progress_comes_before_the_start_and_the_data_is_read_once(slow: Reader) -> None:
    events = run(SPEC, lambda event: None)
    assert [event.done for event in events if isinstance(event, Loading)] == [0, 1, 2, 3, 4]
    assert isinstance(events[5], RunStarted)
    assert events[-1].reason == "completed"
    assert slow.loads == 1


def test_stop_ends_the_reading(slow: Reader, tmp_path: Path) -> None:
    folder = RunFolder.create(ExperimentSpec(), tmp_path)
    stop = lambda event: Stop() if isinstance(event, Loading) and event.done == 2 else None  # noqa: E731
    events = run(SPEC, stop, folder)
    assert [type(event) for event in events] == [Loading, Loading, Loading, RunEnded]
    assert (events[-1].reason, events[-1].message) == ("stopped", "Stopped while the data was read.")
    assert slow.closed == 1
    assert not folder.path.exists()  # nothing was begun, so nothing is kept


def test_closing_ends_the_reading_and_the_folder(slow: Reader, tmp_path: Path) -> None:
    folder = RunFolder.create(ExperimentSpec(), tmp_path)
    events = train(SPEC, folder)
    next(events)
    events.close()
    assert slow.closed == 1


def test_an_edit_made_meanwhile_is_applied_at_the_start(slow: Reader) -> None:
    """Every command is answered by one event, and no step is made before it acts."""
    asked = [Edit("optimizer.lr", 0.25), Edit("loop.epochs", 2)]
    give = lambda event: asked.pop(0) if isinstance(event, Loading) and asked else None  # noqa: E731
    events = run(SPEC, give)
    edited = [(event.path, event.new) for event in events if isinstance(event, Edited)]
    assert edited == [("optimizer.lr", 0.25), ("loop.epochs", 2)]
    assert not any(isinstance(event, Stepped) for event in events[: events.index(Edited(0, "loop.epochs", 1, 2))])


def test_the_numbers_are_those_of_an_unwatched_load(slow: Reader) -> None:
    spec = SPEC
    events = run(spec, lambda event: None)
    direct: list[Event] = []
    drive(train_loop(set_up(spec, dataset=points())), lambda event: None, direct.append)
    losses = [[e.val.loss for e in each if hasattr(e, "val")] for each in (events, direct)]
    assert losses[0] == losses[1] != []


def test_an_ensemble_reads_once_and_with_progress(slow: Reader) -> None:
    spec = SPEC.edited("ensemble", {"kind": "independent", "members": 2})
    events = run(spec, lambda event: None)
    assert sum(isinstance(event, Loading) for event in events) == 5
    assert events[-1].reason == "completed"
    assert slow.loads == 1


def test_history_knows_how_far_the_reading_is() -> None:
    history = History()
    history.fold(Loading(3, 7, "Reading"))
    assert history.loading == Loading(3, 7, "Reading")


def test_the_headless_command_shows_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.engine.pictures.test_class_folders import two_classes

    root = two_classes(tmp_path / "data", each=12)
    spec = tmp_path / "spec.toml"
    spec.write_text(
        f'version = 1\n[data.source]\nkind = "folder"\nfolder = "{root.as_posix()}"\nsize = 8\n[loop]\nepochs = 1\n'
    )
    assert main([str(spec), "--runs", str(tmp_path / "runs")]) == 0
    assert "Reading pictures: " in capsys.readouterr().out


# --- What cannot be trained on (TR02, TR07) ---------------------------------------------------------------------


@pytest.mark.parametrize("label", [-1, 2, 900])
def test_a_label_out_of_range_is_named_before_the_first_step(label: int) -> None:
    data = points()
    data.labels[[17, 30]] = label
    with pytest.raises(WorkbenchError) as caught:
        checked(data, "Own points")
    known = (
        f"Example 18 of Own points has the label {label}, but the 2 classes count from 0 to 1, and 1 more are wrong."
    )
    assert caught.value.message == known


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 17, 5000])
def test_one_value_that_is_no_number_names_its_example(value: float, row: int) -> None:
    data = points(6000)
    data.inputs[row, 1] = value
    with pytest.raises(
        WorkbenchError, match=rf"^Example {grouped(row + 1)} of Own points holds a value that is NaN or infinite"
    ):
        checked(data, "Own points")
    named = Dataset(data.inputs, data.labels, data.classes, files=tuple(f"/data/{i}.csv" for i in range(6000)))
    with pytest.raises(WorkbenchError, match=rf"^/data/{row}\.csv of Own points holds"):
        checked(named, "Own points")


def test_both_are_found_by_a_run_and_by_the_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small_spec()
    source = type(spec.data.source)
    real = source.load

    def broken(self: DataSource) -> Dataset:
        data = real(self)
        data.labels[3] = 99
        return data

    monkeypatch.setattr(source, "load", broken)
    for use in (data_summary, set_up, lambda s: drive_or_raise(train(s))):
        with pytest.raises(WorkbenchError, match=r"Example 4 of .* has the label 99"):
            use(spec)


def drive_or_raise(events: Any) -> None:
    list(events)


def test_counts_that_differ_are_refused() -> None:
    data = points()
    with pytest.raises(WorkbenchError, match="40 examples and 39 labels"):
        checked(Dataset(data.inputs, data.labels[:39], data.classes), "X")


@pytest.mark.parametrize("cls", [c for c in members_of(DataSource).values() if c().kind in ("digits", "moons")])
def test_what_the_program_brings_is_sound(cls: type[DataSource]) -> None:
    data = cls().load()
    assert checked(data, "x") is data
