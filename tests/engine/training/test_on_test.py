"""The test part is measured once, at the end, apart from validation; and each look is counted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from tests.engine.data.layouts.layout import pictures
from tests.engine.helpers import Recorder, nothing, small_spec
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import (
    Command,
    EpochEnded,
    EvalProgress,
    Event,
    MeasuredOnTest,
    Notice,
    RunEnded,
    RunStarted,
    Stop,
)
from workbench.engine.core.progress import finished
from workbench.engine.data.looks_at_test import NAME, count_look, fingerprint
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.evaluation.results_table import table
from workbench.engine.report.words_on_test import look_words
from workbench.engine.run_store.history import History
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training.evaluate import measure
from workbench.engine.training.set_up import set_up


def trained(
    spec: ExperimentSpec, commands: Callable[[Event], Command | None] = nothing, folder: RunFolder | None = None
) -> Recorder:
    recorder = Recorder()
    drive(train(spec, folder, recorder.steps), commands, recorder.events.append)
    return recorder


def on_test(recorder: Recorder) -> list[MeasuredOnTest]:
    return recorder.of(MeasuredOnTest)


def test_the_share_is_measured_once_with_the_best_weights_and_each_look_is_counted(tmp_path: Path) -> None:
    spec = small_spec(data__test_fraction=0.2, loop__epochs=2)
    folder = RunFolder.create(spec, tmp_path)
    recorder = trained(spec, folder=folder)
    (event,) = on_test(recorder)
    assert recorder.events.index(event) > recorder.events.index(recorder.of(EpochEnded)[-1])
    run = set_up(spec)
    weights = load_file(folder.path / "best.safetensors")
    run.network.module.load_state_dict({name: each for name, each in weights.items() if "preprocessing" not in name})
    held = run.data.split.test
    assert len(held) == event.measured.n == 359  # 20 % of each digit
    assert finished(measure(run.network.module.eval(), run.data.examples, held)) == event.measured
    words = recorder.of(RunEnded)[0].message
    assert "Best validation accuracy" in words and "Test accuracy" in words
    assert words.endswith("(359 examples of the test share, 1st look)")
    assert list(read_events(folder.path)).count(event) == 1
    again = trained(spec)
    assert on_test(again)[0].looks == 2
    assert "2nd look at these examples, by any run or weights: the more looks" in again.of(RunEnded)[0].message
    history = History()
    for each in again.events:
        history.fold(each)
    assert history.tested == on_test(again)[0]


def test_it_changes_nothing_in_the_run_and_can_be_left_untouched() -> None:
    spec = small_spec(data__test_fraction=0.2, loop__epochs=2)
    looked, not_looked = trained(spec), trained(spec.edited("data.measure_test", False))
    assert looked.numbers() == not_looked.numbers()
    assert on_test(not_looked) == []
    assert "Test" not in not_looked.of(RunEnded)[0].message


def test_a_run_that_is_stopped_has_not_looked() -> None:
    spec = small_spec(data__test_fraction=0.2, loop__epochs=2)
    stopped = trained(spec, lambda event: Stop() if isinstance(event, EpochEnded) else None)
    assert on_test(stopped) == []
    ends = 0

    def within_the_test(event: Event) -> Command | None:
        nonlocal ends
        ends += isinstance(event, EpochEnded)
        return Stop() if ends == 3 and isinstance(event, EvalProgress) else None

    late = trained(spec, within_the_test)
    assert on_test(late) == [] and late.of(RunEnded)[0].reason == "completed"
    assert on_test(trained(spec))[0].looks == 1


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Digits with a test part of the file's own."""
    data = Digits().load()
    images, labels = data.inputs[:, 0], data.labels
    arrays = {"x_train": images[:300], "y_train": labels[:300], "x_test": images[300:400], "y_test": labels[300:400]}
    np.savez(tmp_path / "own.npz", **arrays)
    return tmp_path / "own.npz"


def own(archive: Path, **edits: Any) -> ExperimentSpec:
    return small_spec(data__source={"kind": "npz", "file": str(archive)}, loop__epochs=1, **edits)


def test_the_test_part_that_the_data_bring_is_used_and_the_share_goes_first(archive: Path) -> None:
    """And the last words say which of the two it was."""
    run = trained(own(archive))
    (event,) = on_test(run)
    assert event.measured.n == 100 == run.of(RunStarted)[0].test_size
    assert run.of(RunEnded)[0].message.endswith("(100 examples of the data's own test part, 1st look)")
    (share,) = on_test(trained(own(archive, data__test_fraction=0.1)))
    assert share.measured.n < 40 and share.looks == 1


def test_the_test_part_of_folders_and_of_well_known_sets_is_counted_at_the_start(tmp_path: Path) -> None:
    pictures(tmp_path / "set", {"train/cat": 8, "train/dog": 8, "test/cat": 3, "test/dog": 2})
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for head, count in (("train", 20), ("t10k", 7)):
        for kind, values in (("images-idx3", np.zeros((count, 28, 28))), ("labels-idx1", np.arange(count) % 10)):
            sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
            file = raw / f"{head}-{kind}-ubyte"
            file.write_bytes(bytes([0, 0, 8, values.ndim]) + sizes + values.astype(np.uint8).tobytes())
    for source, size in (
        ({"kind": "folder", "folder": str(tmp_path / "set"), "size": 16}, 5),
        ({"kind": "torchvision_set", "name": "MNIST", "folder": str(tmp_path)}, 7),
    ):
        run = trained(small_spec(data__source=source, loop__epochs=1))
        assert run.of(RunStarted)[0].test_size == size == on_test(run)[0].measured.n


def test_evaluating_weights_on_the_test_part_is_a_look_as_well(tmp_path: Path, archive: Path) -> None:
    folder = RunFolder.create(own(archive), tmp_path)
    (event,) = on_test(trained(own(archive), folder=folder))
    again = evaluate([folder.path], archive, "test")
    assert again.measured[0].measured.accuracy == event.measured.accuracy and again.measured[0].measured.n == 100
    assert "test examples, 2nd look" in table(again)
    assert "look" not in table(evaluate([folder.path], archive, "validation"))
    assert on_test(trained(own(archive)))[0].looks == 3
    shared = small_spec(data__test_fraction=0.2, loop__epochs=1)
    assert on_test(trained(shared))[0].looks == 1
    weights = RunFolder.create(shared, tmp_path)
    assert on_test(trained(shared, folder=weights))[0].looks == 2
    assert "3rd look" in table(evaluate([weights.path], shared.data, "test"))  # the same examples as the run's


def test_weights_that_could_not_be_measured_are_no_look(tmp_path: Path, archive: Path) -> None:
    five = write(tmp_path, as_zip(network(2, 5).state_dict()), "five.pt")
    found = evaluate([five], archive, "test")
    assert found.failed and "look" not in table(found)
    assert on_test(trained(own(archive)))[0].looks == 1


def test_evaluating_measures_the_share_held_out_as_the_run_does(tmp_path: Path, archive: Path) -> None:
    """Though the data bring a test part: by the settings of the run, in its folder or in a copied file, or as given."""
    settings = own(archive, data__test_fraction=0.1)
    folder = RunFolder.create(settings, tmp_path / "runs")
    (event,) = on_test(trained(settings, folder=folder))
    copied = Path(shutil.copy(folder.path / "best.safetensors", tmp_path / "copied.safetensors"))
    for path, data in ((folder.path, archive), (copied, settings.data.source), (copied, settings.data)):
        result = evaluate([path], data, "test")
        (found,) = result.measured
        assert (found.measured.accuracy, found.measured.n) == (event.measured.accuracy, event.measured.n)
        assert not found.doubt and "test examples, the test share held out of the data" in table(result)
    brought = evaluate([copied], own(archive).data.model_copy(update={"validation_fraction": 0.3}), "test")
    assert brought.measured[0].measured.n == event.measured.n  # how the weights were trained goes before the settings


def test_data_without_a_test_part_end_as_ever() -> None:
    recorder = trained(small_spec(loop__epochs=1))
    assert on_test(recorder) == [] and not [each for each in recorder.of(Notice) if each.code == "test_failed"]


def test_a_test_part_that_cannot_be_used_is_said_and_the_run_is_whole(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the disk is gone at the end."""
    read = ArrayFile._read

    def gone(self: ArrayFile, test: bool, *how: Any) -> Dataset:
        if test:
            raise WorkbenchError(f"Cannot read {self.file}: the disk is gone.")
        return read(self, test, *how)

    monkeypatch.setattr(ArrayFile, "_read", gone)
    recorder = trained(own(archive))
    assert recorder.of(RunEnded)[0].reason == "completed"
    said = next(e for e in recorder.of(Notice) if e.code == "test_failed").message
    assert "The test part was not measured." in said and "the disk is gone" in said


def filed(folder: Path, names: tuple[str, ...]) -> Dataset:
    files = []
    for number, name in enumerate(names):
        file = folder / "ab"[number % 2] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"." * (10 + number))
        files.append(str(file))
    labels = np.arange(len(names)) % 2
    return Dataset(np.zeros((len(names), 1, 2, 2), np.uint8), labels, ("a", "b"), files=tuple(files))


def test_a_copy_elsewhere_is_the_same_test_part_and_other_files_are_another(tmp_path: Path) -> None:
    here, every = filed(tmp_path / "here", ("1.png", "2.png", "3.png")), np.arange(3)
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    there = filed(tmp_path / "there", ("1.png", "2.png", "3.png"))
    assert fingerprint(here, every) == fingerprint(there, every[::-1])
    assert fingerprint(here, every) != fingerprint(here, every[:2])
    assert fingerprint(here, every) != fingerprint(filed(tmp_path / "other", ("1.png", "2.png", "4.png")), every)
    values = Dataset(np.arange(12, dtype=np.uint8).reshape(3, 1, 2, 2), np.zeros(3, np.int64), ("a", "b"))
    assert fingerprint(values, every) != fingerprint(values, every[:2])


def test_the_count_survives_a_damaged_file_and_says_where_it_cannot_be_kept(workbench_home: Path) -> None:
    assert [count_look("a"), count_look("b"), count_look("a")] == [1, 1, 2]
    assert json.loads((workbench_home / NAME).read_text()) == {"a": 2, "b": 1}
    (workbench_home / NAME).write_text("{")
    assert count_look("a") == 1
    (workbench_home / NAME).write_text('{"a": -3, "b": 2, "c": "2", "d": true}')
    assert [count_look(mark) for mark in "abcd"] == [1, 3, 1, 1]
    (workbench_home / NAME).unlink()
    (workbench_home / NAME).mkdir()
    assert count_look("a") == 0
    assert "cannot be counted" in look_words(0)


def test_the_same_names_in_other_folders_or_of_other_sizes_are_another_test_part(tmp_path: Path) -> None:
    def mark(*places: tuple[str, int]) -> str:
        files = [tmp_path / place for place, _ in places]
        for file, (_, size) in zip(files, places, strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"." * size)
        labels = np.arange(len(files)) % 2
        inputs = np.zeros((len(files), 1, 2, 2), np.uint8)
        return fingerprint(Dataset(inputs, labels, ("a", "b"), files=tuple(map(str, files))), np.arange(len(files)))

    first = mark(("a/p1/x.png", 5), ("b/p1/x.png", 5))
    assert first != mark(("a/p1/x.png", 5), ("b/p2/x.png", 5))
    assert first != mark(("a/p1/x.png", 5), ("b/p1/x.png", 6))
    assert first == mark(("a/p1/x.png", 5), ("b/p1/x.png", 5))
