"""Previews show what a run really does: its pictures, its network, its data; and they disturb no run."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.examples import Examples, chunks
from workbench.engine.data.split import batch_borders, split
from workbench.engine.data.store import DataStore
from workbench.engine.report import augmentation_sheet
from workbench.engine.report.augmentation_sheet import VARIANTS, contact_sheet
from workbench.engine.report.data_summary import MAX_POINTS, data_summary
from workbench.engine.report.model_summary import model_table
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.network import build_network
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up


def spec_of(**edits: Any) -> ExperimentSpec:
    spec = ExperimentSpec()
    for path, value in edits.items():
        spec = spec.edited(path.replace("__", "."), value)
    return spec


AUGMENTED = spec_of(augmentations=[{"kind": "rotation"}, {"kind": "random_crop"}, {"kind": "colour_jitter"}])


def picture_folder(root: Path, colours: dict[str, list[int]], size: int = 12) -> dict[str, Any]:
    """A folder source with one constant gray picture for each value."""
    for name, values in colours.items():
        (root / name).mkdir(parents=True)
        for number, value in enumerate(values):
            Image.fromarray(np.full((size, size), value, np.uint8)).save(root / name / f"{number}.png")
    return {"kind": "folder", "folder": str(root), "size": size}


def output_of(code: str) -> str:
    """What a fresh interpreter prints."""
    root = Path(__file__).parents[3]
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root).stdout


def trained_on(spec: ExperimentSpec, indices: np.ndarray, epoch: int) -> np.ndarray:
    """What ``training_batch`` of a run gives for these examples, as uint8 (B, H, W, 3)."""
    examples = Examples(spec.data.source.load(), "cpu")
    x, _ = examples.training_batch(indices, spec.augmentations, spec.loop.seed, epoch)
    return np.rint(x.expand(-1, 3, -1, -1).permute(0, 2, 3, 1).numpy() * 255).clip(0, 255).astype(np.uint8)


# --- The contact sheet ------------------------------------------------------------------------------------------


def chosen_of(spec: ExperimentSpec, sheet: augmentation_sheet.Sheet) -> np.ndarray:
    """The indices of the examples on a sheet, found by their originals."""
    inputs = spec.data.source.load().inputs
    train = split(spec.data.source.load(), spec.data).train
    originals = sheet.pictures.reshape(sheet.rows, sheet.columns, *sheet.pictures.shape[1:])[:, 0, :, :, 0]
    return np.array([next(i for i in train if np.array_equal(inputs[i, 0], original)) for original in originals])


@pytest.mark.parametrize("roll", [0, 7])
def test_a_sheet_shows_what_the_run_trains_on(roll):
    sheet = contact_sheet(AUGMENTED, 4, roll)
    assert sheet.pictures.shape == (4 * (1 + VARIANTS), 8, 8, 3)
    assert sheet.epochs == tuple(range(roll, roll + VARIANTS))
    chosen = chosen_of(AUGMENTED, sheet)
    shown = sheet.pictures.reshape(4, 1 + VARIANTS, 8, 8, 3)
    for column, epoch in enumerate(sheet.epochs, 1):
        assert np.array_equal(shown[:, column], trained_on(AUGMENTED, chosen, epoch))


@pytest.mark.parametrize("full_batch", [False, True])
def test_mixed_examples_are_those_of_the_batches_of_the_run(full_batch, monkeypatch):
    """The partner comes from the batch, so the sheet must cut the epoch as a run does."""
    monkeypatch.setattr(SGD, "full_batch", full_batch)
    spec = spec_of(
        augmentations=[{"kind": "mixup", "alpha": 1.0}, {"kind": "rotation"}, {"kind": "cutmix"}],
        optimizer={"kind": "sgd"},
        loop__batch_size=37,
    )
    sheet = contact_sheet(spec, 4, 2)
    shown = sheet.pictures.reshape(4, 1 + VARIANTS, 8, 8, 3)
    dataset = spec.data.source.load()
    training, chosen, found = set_up(spec), chosen_of(spec, sheet), 0
    for indices, epoch in batches_of(training, range(2, 2 + VARIANTS)):
        x, y = training.data.examples.training_batch(indices, spec.augmentations, spec.loop.seed, epoch)
        raw = x / training.data.examples.standardizer.inverse_std + training.data.examples.standardizer.mean
        shades = (raw * 255).round().clamp(0, 255).byte()
        for row, index in enumerate(chosen):
            for place in np.flatnonzero(indices == index):
                column = 1 + epoch - 2
                assert np.abs(shown[row, column, :, :, 0].astype(int) - shades[place, 0].numpy().astype(int)).max() <= 1
                largest = dataset.classes[int(y[place].argmax())]
                words = sheet.mixtures[row * (1 + VARIANTS) + column]
                assert words.startswith(f"{100 * float(y[place].max()):.0f}\xa0% {largest}")
                found += 1
    assert found == 4 * VARIANTS
    assert sheet.mixtures[0] == "100\xa0% 0"
    assert any(", " in words for words in sheet.mixtures)


def batches_of(training: RunContext, epochs: range) -> Iterator[tuple[np.ndarray, int]]:
    """The batches that a run's updates take, as its TrainStep is asked for them."""
    for epoch in epochs:
        order = training.batches._epoch_order(epoch)
        if training.spec.optimizer.full_batch:
            yield from ((part, epoch) for part in chunks(order, training.spec.loop.batch_size))
        else:
            yield from ((order[a:b], epoch) for a, b in itertools.pairwise(training.batches.borders))


def test_a_sheet_depends_on_the_batches_only_if_examples_are_mixed():
    mixed = spec_of(augmentations=[{"kind": "mixup"}])
    other = [spec.edited("loop.batch_size", 16) for spec in (AUGMENTED, mixed)]
    assert augmentation_sheet.sheet_depends_on(AUGMENTED) == augmentation_sheet.sheet_depends_on(other[0])
    assert augmentation_sheet.sheet_depends_on(mixed) != augmentation_sheet.sheet_depends_on(other[1])
    assert contact_sheet(AUGMENTED, 3, 0).mixtures == ()


def test_the_same_roll_gives_the_same_sheet_and_another_roll_another():
    first, again, other = (contact_sheet(AUGMENTED, 3, roll) for roll in (0, 0, VARIANTS))
    assert np.array_equal(first.pictures, again.pictures)
    originals = slice(None, None, first.columns)
    assert np.array_equal(first.pictures[originals], other.pictures[originals])
    assert not np.array_equal(first.pictures, other.pictures)


def test_examples_are_of_different_classes_and_from_training_only():
    assert contact_sheet(AUGMENTED, 3, 0).names == ("0", "4", "9")
    assert sorted(contact_sheet(AUGMENTED, 10, 0).names) == list("0123456789")
    names = contact_sheet(AUGMENTED, 25, 0).names
    assert {names.count(name) for name in set(names)} == {2, 3}


def test_notes_stand_once_and_name_their_augmentation():
    spec = spec_of(augmentations=[{"kind": "rotation"}, {"kind": "rotation"}, {"kind": "horizontal_flip"}])
    notes = contact_sheet(spec, 1, 0).notes
    assert len(notes) == 2
    assert notes[0].startswith("Rotation: ")


@pytest.mark.parametrize("kind", list(members_of(Augmentation)))
def test_every_member_has_a_sheet_and_its_note_for_digits(kind):
    spec = spec_of(augmentations=[{"kind": kind}])
    sheet = contact_sheet(spec, 3, 0)
    assert sheet.pictures.shape == (3 * (1 + VARIANTS), 8, 8, 3)
    assert sheet.notes == (f"{spec.augmentations[0].title}: {spec.augmentations[0].note_for(1)}",)
    assert sheet.notes[0].endswith(".")


def test_the_sheet_follows_the_order_of_the_list():
    kinds = ["rotation", "random_crop", "random_erasing"]
    sheets = [
        contact_sheet(spec_of(augmentations=[{"kind": kind} for kind in order]), 3, 0).pictures
        for order in (kinds, kinds[::-1])
    ]
    assert not np.array_equal(*sheets)


def test_notes_on_colour_are_for_colour_pictures(monkeypatch):
    spec = spec_of(augmentations=[{"kind": "colour_jitter"}, {"kind": "grayscale"}])
    assert [note.count("gray") for note in contact_sheet(spec, 1, 0).notes] == [1, 1]
    give(monkeypatch, np.full((6, 3, 5, 4), 128, np.uint8), ("only",))
    assert all("Where classes differ by colour" in note for note in contact_sheet(spec, 1, 0).notes)


@pytest.mark.parametrize(
    ("spec", "word"),
    [
        (ExperimentSpec(), "No augmentation is on"),
        (AUGMENTED.edited("data.source", {"kind": "moons"}), "points"),
    ],
)
def test_an_empty_sheet_says_why(spec, word):
    sheet = contact_sheet(spec, 3, 0)
    assert word in sheet.reason
    assert len(sheet.pictures) == sheet.rows == 0


def test_constant_pictures(tmp_path):
    source = picture_folder(tmp_path / "flat", {"dark": [0] * 5, "light": [255] * 5})
    sheet = contact_sheet(AUGMENTED.edited("data.source", source), 3, 0)
    assert sheet.pictures.shape == (3 * (1 + VARIANTS), 12, 12, 3)
    assert set(sheet.names) == {"dark", "light"}


def test_more_rows_than_examples(tmp_path):
    source = picture_folder(tmp_path / "few", {"a": [1, 2], "b": [3, 4]})
    spec = AUGMENTED.edited("data.source", source).edited("data.validation_fraction", 0.0)
    assert contact_sheet(spec, 50, 0).rows == 4


def give(monkeypatch: pytest.MonkeyPatch, inputs: np.ndarray, classes: tuple[str, ...]) -> None:
    """Let the digits be these pictures, all of the first class."""
    made = Dataset(inputs, np.zeros(len(inputs), np.int64), classes)
    monkeypatch.setattr(Digits, "load", lambda self: made)


def test_one_class_of_constant_pictures(monkeypatch):
    give(monkeypatch, np.full((6, 3, 5, 4), 128, np.uint8), ("only",))
    sheet = contact_sheet(AUGMENTED, 3, 0)
    assert sheet.pictures.shape == (3 * (1 + VARIANTS), 5, 4, 3)
    assert data_summary(AUGMENTED).class_train == (5,)
    assert model_table(AUGMENTED).rows[-1].output == (1,)


# --- The model --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(members_of(Model)))
@pytest.mark.parametrize("regularization", [[], [{"kind": "dropout", "conv": True}]])
def test_the_table_counts_the_network_that_is_trained(kind, regularization):
    spec = spec_of(model={"kind": kind}, regularization=regularization)
    table = model_table(spec)
    module = build_network(spec, (1, 8, 8), 10).module
    assert table.parameters == table.trainable == sum(p.numel() for p in module.parameters())
    assert table.memory == sum(t.numel() * t.element_size() for t in module.state_dict().values())
    assert sum(row.parameters for row in table.rows) == table.parameters
    assert {row.name for row in table.rows} == {n for n, m in module.named_modules() if not list(m.children())}
    assert table.rows[-1].output == (10,)
    assert table.activations == 4 * sum(int(np.prod(row.output)) for row in table.rows)


def test_a_model_larger_than_memory_is_counted_but_not_run():
    table = model_table(spec_of(model={"kind": "mlp", "hidden": [16_384] * 60}))
    assert table.memory > 60e9
    assert table.rows[-1].parameters == 16_384 * 10 + 10
    assert {row.output for row in table.rows} == {()}
    assert table.activations == 0


def test_a_model_that_does_not_fit_its_data_is_a_sentence():
    with pytest.raises(WorkbenchError, match=r"^Model needs pictures, .*\.$"):
        model_table(spec_of(data__source={"kind": "moons"}))


def test_what_torch_refuses_is_a_sentence(monkeypatch):
    monkeypatch.setattr(MLP, "build", lambda self, shape, classes, parts: torch.nn.Linear(3, classes))
    with pytest.raises(WorkbenchError, match=r"^The model cannot be built for 8×8 gray inputs: .*\.$"):
        model_table(spec_of(model=MLP()))


# --- The data ---------------------------------------------------------------------------------------------------


def test_the_summary_counts_the_split():
    spec = ExperimentSpec()
    summary, parts = data_summary(spec), split(Digits().load(), spec.data)
    assert (summary.train, summary.val, summary.train_eval) == tuple(
        len(part) for part in (parts.train, parts.val, parts.train_eval)
    )
    assert (sum(summary.class_train), sum(summary.class_val)) == (summary.train, summary.val)
    assert summary.sentence == "Digits: 1\u202f438 training / 359 validation examples, 10 classes, 8×8 gray, 0.1 MB"
    assert summary.points is None


def test_points_are_drawn_from_every_class_and_split():
    spec = spec_of(data__source={"kind": "blobs", "classes": 10, "examples": 20_000})
    points = data_summary(spec).points
    assert points is not None
    assert len(points.places) == len(points.labels) == len(points.held_back) == MAX_POINTS
    assert set(points.labels.tolist()) == set(range(10))
    assert 0.15 < points.held_back.mean() < 0.25
    few = data_summary(spec_of(data__source={"kind": "moons", "examples": 50})).points
    assert few is not None
    assert len(few.places) == 50


@pytest.mark.parametrize("batch_size", [1, 2, 63, 64, 359, 1437, 1438, 60_000])
@pytest.mark.parametrize("per_class", [None, 1, 13])
def test_steps_of_an_epoch(batch_size, per_class):
    summary = data_summary(spec_of(data__examples_per_class=per_class))
    assert summary.steps_per_epoch(batch_size) == len(batch_borders(summary.train, batch_size)) - 1


def test_nothing_to_train_on_is_a_sentence(monkeypatch):
    give(monkeypatch, np.zeros((1, 1, 8, 8), np.uint8), ("a", "b"))
    for ask in (data_summary, lambda spec: contact_sheet(spec, 3, 0)):
        with pytest.raises(WorkbenchError, match="left for training"):
            ask(AUGMENTED)


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path):
    spec = AUGMENTED.edited("data.source", {"kind": "folder", "folder": str(tmp_path / "none")})
    asks = [data_summary, model_table, lambda s: contact_sheet(s, 3, 0)]
    for ask in asks:
        with pytest.raises(WorkbenchError, match="there is no folder"):
            ask(spec)


def test_too_big_for_memory_is_a_sentence(monkeypatch):
    def load(self: Any) -> Dataset:
        raise MemoryError

    monkeypatch.setattr(Digits, "load", load)
    with pytest.raises(WorkbenchError, match="does not fit"):
        data_summary(ExperimentSpec())


# --- Beside a run -----------------------------------------------------------------------------------------------


def test_the_data_is_read_once(monkeypatch):
    loads: list[int] = []
    load, data = Digits.load, DataStore()
    monkeypatch.setattr(Digits, "load", lambda self: loads.append(1) or load(self))
    for seed in range(3):
        spec = AUGMENTED.edited("data.split_seed", seed)
        data_summary(spec, data), model_table(spec, data), contact_sheet(spec, 3, seed, data)
    assert len(loads) == 1
    data.outdate()
    data_summary(AUGMENTED, data)
    assert len(loads) == 1, "it has no files that could have changed"
    data.forget()
    data_summary(AUGMENTED, data)
    assert len(loads) == 2


def test_torchs_generator_and_threads_are_left_alone():
    torch.manual_seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    for kind in members_of(Model):
        model_table(spec_of(model={"kind": kind}))
    for roll in range(3):
        contact_sheet(AUGMENTED, 3, roll)
    data_summary(AUGMENTED)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_a_run_beside_previews_has_the_same_numbers():
    from tests.engine.helpers import record, small_spec

    spec = small_spec()
    alone = record(spec).numbers()
    done = threading.Event()

    def look() -> None:
        roll = 0
        while not done.is_set():
            contact_sheet(AUGMENTED, 3, roll)
            model_table(spec)
            roll += 1

    thread = threading.Thread(target=look)
    thread.start()
    try:
        assert record(spec).numbers() == alone
    finally:
        done.set()
        thread.join()


def test_importing_it_does_not_load_torch():
    assert output_of("import sys, workbench.engine.report.model_summary; print('torch' in sys.modules)") == "False\n"
