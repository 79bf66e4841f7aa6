"""Arrays that can be read in more than one way: values, channels, labels; what is said and what each reading gives."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.understanding import Understanding
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (12, 6, 5), dtype=np.uint8)
LABELS = np.arange(12) % 3


def npz(folder: Path, **arrays: Any) -> ArrayFile:
    np.savez_compressed(folder / "data.npz", **arrays)
    return ArrayFile(file=str(folder / "data.npz"))


def understood(source: ArrayFile) -> Understanding:
    return finished(source.understood())


def with_settings(source: ArrayFile, settings: Any) -> ArrayFile:
    return ArrayFile.model_validate({**source.model_dump(), **dict(settings)})


@pytest.mark.parametrize(
    ("pictures", "values"),
    [
        (GRAY.astype(np.uint16) + 400, (400, 660)),
        (GRAY.astype(np.int16) - 500, (-500, -240)),
        (GRAY.astype(np.uint16) + 33_000, (33_000, 33_260)),
        (GRAY.astype(np.int32) * 2, (0, 510)),
        ((GRAY / 127.5 - 1).astype(np.float32), (-1, 1)),
        (GRAY.astype(np.float64), (0, 255)),
        ((GRAY // 30).astype(np.float32), (0, 255)),
        ((GRAY > 99).astype(np.uint8), (0, 1)),
        ((GRAY > 99).astype(np.int64), (0, 1)),
    ],
    ids=[
        "12 bits",
        "signed",
        "offset",
        "over 255",
        "from -1",
        "floats to 255",
        "whole floats",
        "0 and 1",
        "long 0 and 1",
    ],
)
def test_values_are_spread_from_black_to_white(tmp_path: Path, pictures: Any, values: tuple[float, float]) -> None:
    """Right to one gray level, against the rule written down here again."""
    data = npz(tmp_path, x=pictures, y=LABELS).load()
    low, high = values
    wanted = np.clip((pictures.astype(np.float64) - low) / (high - low) * 255, 0, 255)
    assert np.abs(data.inputs[:, 0] - wanted).max() <= 0.5 + 1e-9


def test_the_range_is_that_of_training_and_the_same_for_the_test(tmp_path: Path) -> None:
    dark, bright = GRAY.astype(np.uint16) + 400, GRAY.astype(np.uint16) + 600
    source = npz(tmp_path, x_train=dark, y_train=LABELS, x_test=bright, y_test=LABELS)
    train, test = source.load(), finished(source.loading_test())
    assert train.value_range == test.value_range == (400, 660)
    assert test.inputs.mean() > train.inputs.mean() + 50


def test_a_chosen_range_and_the_full_one(tmp_path: Path) -> None:
    source = npz(tmp_path, x=GRAY.astype(np.uint16) + 400, y=LABELS)
    assert np.ptp(with_settings(source, {"value_range": "full"}).load().inputs) <= 1
    chosen = with_settings(source, {"value_range": "0 1000"}).load()
    assert np.array_equal(chosen.inputs[:, 0], np.rint((GRAY.astype(float) + 400) * 0.255).astype(np.uint8))
    with pytest.raises(WorkbenchError, match="auto, full, or the values of black and white"):
        with_settings(source, {"value_range": "dark"}).load()


def test_fractions_of_no_usual_range_are_asked_about_and_either_reading_is_used(tmp_path: Path) -> None:
    source = npz(tmp_path, x=(GRAY / 100 - 1).astype(np.float32), y=LABELS)
    (doubt,) = understood(source).doubts
    assert not doubt.is_refused and len(doubt.readings) == 2
    first, second = (with_settings(source, reading.settings) for reading in doubt.readings)
    assert np.array_equal(first.load().inputs, source.load().inputs)
    assert not np.array_equal(second.load().inputs, source.load().inputs)
    assert not understood(first).doubts and not understood(second).doubts


def test_channels_first_or_last_is_asked_where_both_fit(tmp_path: Path) -> None:
    pictures = RNG.integers(0, 256, (12, 3, 5, 3), dtype=np.uint8)
    source = npz(tmp_path, x=pictures, y=LABELS)
    (doubt,) = understood(source).doubts
    last, first = (with_settings(source, reading.settings).load().inputs for reading in doubt.readings)
    assert np.array_equal(last, pictures.transpose(0, 3, 1, 2)) and np.array_equal(first, pictures)
    assert np.array_equal(source.load().inputs, last)


def test_labels_of_each_reading_are_those_of_its_array(tmp_path: Path) -> None:
    coarse = LABELS // 2
    source = npz(tmp_path, x_train=GRAY, fine_labels_train=LABELS, coarse_labels_train=coarse)
    (doubt,) = understood(source).doubts
    got = [with_settings(source, reading.settings).load().labels.tolist() for reading in doubt.readings]
    assert got == [LABELS.tolist(), coarse.tolist()]


def test_gaps_are_named_by_their_labels_or_kept(tmp_path: Path) -> None:
    source = npz(tmp_path, x=GRAY, y=np.array([0, 5, 30])[LABELS])
    (doubt,) = understood(source).doubts
    named, kept = (with_settings(source, reading.settings).load() for reading in doubt.readings)
    assert named.classes == ("0", "5", "30") and named.labels.tolist() == LABELS.tolist()
    assert len(kept.classes) == 31 and kept.labels.tolist() == np.array([0, 5, 30])[LABELS].tolist()


def test_test_pictures_of_a_label_that_training_lacks_are_left_out_which_is_said(tmp_path: Path) -> None:
    source = npz(tmp_path, x_train=GRAY, y_train=LABELS * 2, x_test=GRAY, y_test=LABELS)
    test = load_part(source, "test")
    assert test.labels.tolist() == [{0: 0, 2: 1}[label] for label in LABELS.tolist() if label != 1]
    assert np.array_equal(test.inputs[:, 0], GRAY[LABELS != 1])
    assert any("4 pictures of data.npz left out" in note and note.endswith(" has not: 1.") for note in test.notes)


def test_one_hot_labels_are_the_column_of_their_1(tmp_path: Path) -> None:
    assert npz(tmp_path, x=GRAY, y=np.eye(3)[LABELS]).load().labels.tolist() == LABELS.tolist()
    with pytest.raises(WorkbenchError, match="marks no class at example 1 "):
        npz(tmp_path, x=GRAY, y=np.zeros((12, 3), int)).load()


def test_a_quantity_is_refused_as_labels(tmp_path: Path) -> None:
    many = np.zeros((60, 4, 4), np.uint8)
    with pytest.raises(WorkbenchError, match="60 different labels for 60 pictures: a quantity"):
        npz(tmp_path, x=many, y=np.arange(60)).load()


@pytest.mark.parametrize(("pictures", "classes"), [(60, 20), (30, 20), (93, 31)])
@pytest.mark.parametrize("as_label", [int, "{:03}".format], ids=["number", "text"])
def test_twenty_classes_or_a_third_of_the_pictures_are_no_quantity(
    tmp_path: Path, pictures: int, classes: int, as_label: Callable[[int], int | str]
) -> None:
    x = np.zeros((pictures, 4, 4), np.uint8)
    labels = [np.array([as_label(i % most) for i in range(pictures)]) for most in (classes, classes + 1)]
    assert len(npz(tmp_path, x=x, y=labels[0]).load().classes) == classes
    with pytest.raises(WorkbenchError, match=f"{classes + 1} different labels for {pictures} pictures: a quantity"):
        npz(tmp_path, x=x, y=labels[1]).load()


def test_a_small_file_that_unpacks_to_much_is_announced_without_unpacking_it(tmp_path: Path) -> None:
    source = npz(tmp_path, x=np.zeros((30, 2048, 2048), np.uint8), y=np.arange(30) % 2)
    tracemalloc.start()
    try:
        facts = [fact.sentence for fact in understood(source).facts]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert any("unpacks to 125.8 MB" in fact and "are free" in fact for fact in facts)
    assert peak < 600_000_000


def test_files_side_by_side_are_the_arrays_of_one_set(tmp_path: Path) -> None:
    np.save(tmp_path / "X.npy", GRAY)
    np.save(tmp_path / "y.npy", LABELS)
    data = ArrayFile(file=str(tmp_path / "X.npy")).load()
    assert np.array_equal(data.inputs[:, 0], GRAY) and data.labels.tolist() == LABELS.tolist()


def test_a_stray_value_among_fractions_is_named_and_moves_no_black_or_white(tmp_path: Path) -> None:
    pictures = np.tile(GRAY / 255, (1, 2, 2)).astype(np.float32)
    pictures[3, 2, 1] = 7.5
    source = npz(tmp_path, x=pictures, y=LABELS)
    assert not understood(source).doubts
    with pytest.raises(WorkbenchError, match="outside 0 to 1 in 'x' at example 4"):
        source.load()
