"""NumPy archives: what is understood, what is kept apart, and a sentence for everything wrong."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.catalog.datasets.helpers import refusal
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped

RNG = np.random.default_rng(0)


RGB = RNG.integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)


LABELS = np.arange(12) % 3


def npz(folder: Path, **arrays: Any) -> ArrayFile:
    np.savez(folder / "data.npz", **arrays)
    return ArrayFile(file=str(folder / "data.npz"))


# --- .npz: what is understood -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        (RGB, RGB.transpose(0, 3, 1, 2)),
        (RGB.transpose(0, 3, 1, 2), RGB.transpose(0, 3, 1, 2)),
        (RGB[..., 0], RGB[:, None, :, :, 0]),
        (RGB[..., :1], RGB[:, None, :, :, 0]),
        (RGB.astype(np.int64), RGB.transpose(0, 3, 1, 2)),
        (RGB.astype(">i4"), RGB.transpose(0, 3, 1, 2)),
        (RGB / 255, RGB.transpose(0, 3, 1, 2)),
        ((RGB / 255).astype(np.float32), RGB.transpose(0, 3, 1, 2)),
        (RGB.astype(np.uint16) * 257, RGB.transpose(0, 3, 1, 2)),
        (RGB > 99, (RGB > 99).transpose(0, 3, 1, 2) * np.uint8(255)),
        (np.asfortranarray(RGB), RGB.transpose(0, 3, 1, 2)),
        (np.concatenate([RGB, np.full_like(RGB[..., :1], 255)], 3), RGB.transpose(0, 3, 1, 2)),
        (np.concatenate([RGB, np.zeros_like(RGB[..., :1])], 3), np.full((12, 3, 6, 5), 255)),
    ],
    ids=[
        *("NHWC", "NCHW", "NHW", "one channel", "int64", "big end", "fractions", "float32", "16 bits", "bool"),
        *("fortran", "opaque", "transparent"),
    ],
)
def test_pictures_are_found_by_shape_and_type(tmp_path: Path, pictures: Any, expected: Any) -> None:
    data = npz(tmp_path, whatever=pictures, other=LABELS.astype(np.uint8)).load()
    assert np.array_equal(data.inputs, expected)
    assert data.inputs.dtype == np.uint8
    assert data.inputs.flags.c_contiguous
    assert np.array_equal(data.labels, LABELS)
    assert data.labels.dtype == np.int64
    assert data.classes == ("0", "1", "2")


def test_many_pictures_are_converted_some_at_a_time(tmp_path: Path) -> None:
    many = np.random.default_rng(1).integers(0, 256, (1500, 4, 4, 3), dtype=np.uint8)
    source = npz(tmp_path, x=many, y=np.arange(1500) % 7)
    assert np.array_equal(source.load().inputs, many.transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    ("labels", "names", "classes"),
    [
        (LABELS, {"classes": np.array(["cat", "dog", "emu"])}, ("cat", "dog", "emu")),
        (LABELS, {"label_names": np.array([b"cat", b"dog", b"emu", b"fox"])}, ("cat", "dog", "emu", "fox")),
        (LABELS[:, None], {}, ("0", "1", "2")),
        (LABELS.astype(float), {}, ("0", "1", "2")),
        (np.array(["b", "a", "c"])[LABELS], {}, ("a", "b", "c")),
        (LABELS, {"filenames": np.array([f"{i}.png" for i in range(12)])}, ("0", "1", "2")),
    ],
    ids=["texts", "bytes", "a column", "floats", "labels as texts", "file names"],
)
def test_labels_and_class_names(tmp_path: Path, labels: Any, names: Any, classes: Any) -> None:
    data = npz(tmp_path, images=RGB, labels=labels, **names).load()
    assert data.classes == classes
    expected = LABELS if labels.dtype.kind != "U" else np.array([1, 0, 2])[LABELS]
    assert np.array_equal(data.labels, expected)


@pytest.mark.parametrize("names", ["x_{}", "{}_images", "{}X"])
def test_parts_are_kept_apart(tmp_path: Path, names: str) -> None:
    labels = names.replace("x", "y").replace("images", "labels").replace("X", "Y")
    arrays = {}
    for part, chosen in (("train", slice(0, 6)), ("val", slice(6, 9)), ("test", slice(9, 12))):
        arrays |= {names.format(part): RGB[chosen], labels.format(part): LABELS[chosen]}
    source = npz(tmp_path, **arrays)
    data = source.load()
    assert np.array_equal(data.inputs, RGB[:9].transpose(0, 3, 1, 2))
    assert data.validation is not None
    assert data.validation.tolist() == [False] * 6 + [True] * 3
    test = load_part(source, "test")
    assert np.array_equal(test.inputs, RGB[9:].transpose(0, 3, 1, 2))
    assert test.classes == data.classes
    assert np.array_equal(load_part(source, "validation").inputs, data.inputs[6:])
    assert len(load_part(source, "train").labels) == 6


def test_an_archive_that_also_has_the_names_of_files_is_read(tmp_path: Path) -> None:
    """The arrays of CIFAR-10's test set as it is often passed on: images, labels, filenames, classes."""
    images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    labels = (np.arange(40) % 4).astype(np.uint8)
    names = np.array([f"bird_s_{number:06}.png" for number in range(40)])
    classes = np.array(["airplane", "automobile", "bird", "cat"])
    np.savez(tmp_path / "a.npz", images=images, labels=labels, filenames=names, classes=classes)
    data = ArrayFile(file=str(tmp_path / "a.npz")).load()
    assert np.array_equal(data.inputs, images.transpose(0, 3, 1, 2))
    assert data.classes == ("airplane", "automobile", "bird", "cat")
    assert np.bincount(data.labels).tolist() == [10] * 4


# --- .npz: faults -----------------------------------------------------------------------------------------------


def with_value(array: Any, value: float, dtype: Any = np.float64) -> Any:
    changed = (array / 255).astype(dtype)
    changed[7, 2, 3, 1] = value
    return changed


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (
            {"x": with_value(RGB, np.nan), "y": LABELS},
            "NaN or infinite in 'x' at example 8, place [2, 3, 1]",
        ),
        ({"x": with_value(RGB, 1.5), "y": LABELS}, "outside 0 to 1 in 'x' at example 8"),
        ({"x": RGB, "y": LABELS[:11]}, "12 pictures and 11 labels"),
        ({"x": RGB, "y": LABELS + 0.5}, "no whole numbers"),
        ({"x": RGB, "y": LABELS * 10**6}, "numbers no class"),
        ({"x": RGB, "y": LABELS * 0}, "only one class"),
        ({"x": RGB}, "no pair of pictures"),
        ({"y": LABELS}, "no pair of pictures"),
        ({"x": RGB.reshape(12, -1), "y": LABELS}, "it has x uint8 12×90, y int64 12"),
        ({"x": RGB[:0], "y": LABELS[:0]}, "no pictures in the array 'x'"),
        ({"x": np.zeros((12, 6, 5, 7), np.uint8), "y": LABELS}, "1, 3 or 4 channels"),
        ({"x": RGB, "y": np.array([{}] * 12, object)}, "Python objects in 'y', which are never loaded"),
        ({"x_val": RGB, "y_val": LABELS}, "for validation but none for training"),
        ({"x_train": RGB, "y_train": LABELS, "x_val": RGB[:, 1:], "y_val": LABELS}, "of different shapes"),
    ],
)
def test_every_fault_of_an_archive_gets_a_sentence(tmp_path: Path, arrays: Any, words: str) -> None:
    message = refusal(npz(tmp_path, **arrays))
    assert words in message
    assert str(tmp_path / "data.npz") in message


def npy_head(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


def test_16_bit_pictures_that_count_to_255_are_not_made_black(tmp_path: Path) -> None:
    data = npz(tmp_path, x=RGB.astype(np.uint16), y=LABELS).load()
    assert np.array_equal(data.inputs, RGB.transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    ("names", "why"), [(["cat", "dog", "cat"], "the same name twice"), (["cat", " ", "dog"], "an empty name")]
)
def test_class_names_that_name_no_class_are_said_and_not_used(tmp_path: Path, names: list[str], why: str) -> None:
    data = npz(tmp_path, x=RGB, y=LABELS, names=np.array(names)).load()
    assert data.classes == ("0", "1", "2")
    assert len(data.notes) == 1 and why in data.notes[0] and "'names'" in data.notes[0]


@pytest.mark.parametrize("label", [10**9, 2**63])
def test_an_absurd_label_is_refused(tmp_path: Path, label: int) -> None:
    labels = LABELS.astype(np.uint64)
    labels[4] = label
    assert f"the label {grouped(label)}" in refusal(npz(tmp_path, x=RGB, y=labels))


@pytest.mark.parametrize("shape", [(10**9, 28, 28), (12, 6, 5, 4), (-12, 6, 5, 3), (2**62, 4, 4)])
def test_a_lying_head_allocates_nothing(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("x.npy", npy_head(shape) + RGB.tobytes())
        archive.writestr("y.npy", npy_head((12,), "<i8") + LABELS.tobytes())
    tracemalloc.start()
    try:
        message = refusal(ArrayFile(file=str(tmp_path / "data.npz")))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "announces" in message or "damaged head" in message
    assert peak < 4_000_000


def test_a_bomb_is_measured_against_the_free_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    np.savez_compressed(tmp_path / "data.npz", x=np.zeros((900, 64, 64), np.uint8), y=np.arange(900) % 2)
    free = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert "not enough memory" in refusal(ArrayFile(file=str(tmp_path / "data.npz")))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<!DOCTYPE html>", b"\x80\x04pickle", bytes(5000)])
def test_files_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.npz").write_bytes(content)
    refusal(ArrayFile(file=str(tmp_path / "data.npz")))


def test_mutated_archives_are_read_or_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "good.npz", x=RGB, y=LABELS, classes=np.array(["a", "b", "c"]))
    good = (tmp_path / "good.npz").read_bytes()
    rng = np.random.default_rng(3)
    for _ in range(150):
        data = bytearray(good)
        for place in rng.integers(0, len(data), rng.integers(1, 5)):
            data[place] = rng.integers(0, 256)
        (tmp_path / "bad.npz").write_bytes(data[: rng.integers(1, len(data) + 1)] if rng.random() < 0.3 else data)
        try:
            loaded = ArrayFile(file=str(tmp_path / "bad.npz")).load()
        except WorkbenchError as error:
            assert str(tmp_path) in error.message  # noqa: PT017
            continue
        assert loaded.inputs.dtype == np.uint8


@pytest.mark.parametrize("cls", [ArrayFile, PictureTable])
def test_a_missing_file_is_a_problem_of_the_settings(cls: Any, tmp_path: Path) -> None:
    for file, words in (
        ("", "choose a file"),
        (str(tmp_path), "is a folder"),
        (str(tmp_path / "x"), "there is no file"),
    ):
        problems = list(cls(file=file).problems(None, "data.source"))
        assert [p.path for p in problems] == ["data.source.file"]
        assert words in problems[0].message
        assert words in refusal(cls(file=file))
