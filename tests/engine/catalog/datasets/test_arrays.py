"""NumPy files and tables of pictures: what is understood, what is kept apart, and a sentence for everything wrong."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.pictures.folder_scans import FolderScans

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (12, 6, 5, 3), dtype=np.uint8)
LABELS = np.arange(12) % 3


def npz(folder: Path, **arrays: Any) -> ArrayFile:
    np.savez(folder / "data.npz", **arrays)
    return ArrayFile(file=str(folder / "data.npz"))


def refusal(source: Any, test: bool = False) -> str:
    with pytest.raises(WorkbenchError) as caught:
        load_part(source, "test") if test else source.load()
    assert caught.value.path.startswith("data.source")
    assert caught.value.message.endswith(".")
    assert "Traceback" not in caught.value.message
    return caught.value.message


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


def test_the_cifar_file_of_the_project_is_read() -> None:
    file = Path(__file__).parents[4].parent / "shared" / "data" / "cifar10-test" / "cifar10_test.npz"
    if not file.exists():
        pytest.skip("the file is not here")
    data = ArrayFile(file=str(file)).load()
    assert data.inputs.shape == (10_000, 3, 32, 32)
    assert data.classes[:3] == ("airplane", "automobile", "bird")
    assert np.bincount(data.labels).tolist() == [1000] * 10


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


# --- Tables -----------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for number in range(6):
        file = tmp_path / "data" / "pictures" / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number * 40, 0, 0)).save(file)
    return tmp_path / "data"


def table(folder: Path, text: str, encoding: str = "utf-8") -> PictureTable:
    (folder / "table.csv").write_bytes(text.encode(encoding))
    return PictureTable(file=str(folder / "table.csv"), size=8, colour="rgb")


def rows(delimiter: str = ",", labels: str = "ab") -> str:
    return "".join(f"pictures/{i}.png{delimiter}{labels[i % 2]}\n" for i in range(6))


def reds(data: Dataset) -> list[int]:
    return (data.inputs[:, 0, 0, 0] // 40).tolist()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["", "path{}label\n", "\ufeffpath{}label\n"])
def test_a_table_is_read_with_and_without_a_header(pictures: Path, delimiter: str, header: str) -> None:
    data = table(pictures, header.format(delimiter) + rows(delimiter)).load()
    assert reds(data) == [0, 1, 2, 3, 4, 5]
    assert data.classes == ("a", "b")
    assert data.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert data.validation is None
    assert data.notes == ()
    assert data.files[1] == str(pictures / "pictures" / "1.png")


def test_what_spreadsheets_and_quotes_do_to_a_table_is_understood(pictures: Path) -> None:
    os.replace(pictures / "pictures" / "1.png", pictures / "pictures" / "1\n.png")
    lines = rows(";").replace("pictures/1.png", '"pictures/1\n.png"')
    data = table(pictures, f"sep=;\r\npath;label\r\n{lines}").load()
    assert reds(data) == [0, 1, 2, 3, 4, 5] and data.classes == ("a", "b")


@pytest.mark.timeout(60)
def test_in_a_large_table_all_double_rows_are_asked_about_at_once(pictures: Path) -> None:
    lines = "".join(f"pictures/{i}.png,{'ab'[i % 2]}\n" for i in range(40_000))
    twice = "".join(f"pictures/{i}.png,{'ba'[i % 2]}\n" for i in (7, 39_999))
    (doubt,) = table(pictures, lines + twice).reading(FolderScans()).doubts
    assert "2 pictures more than once with different classes: 7.png (a and b), 39999.png (a and b)" in doubt.sentence
    assert [reading.settings for reading in doubt.readings] == [(("repeated", "leave_out"),), (("repeated", "first"),)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_a_table_is_named_and_not_waited_for(pictures: Path) -> None:
    os.mkfifo(pictures / "pipe.png")
    assert "pipe.png (not a file but a pipe or a device)" in refusal(table(pictures, rows() + "pipe.png,a\n"))


def test_columns_are_found_by_what_they_hold(pictures: Path) -> None:
    lines = [f'{i},"{"xy"[i % 2]}, z",some words,pictures/{i}.png\n' for i in range(6)]
    data = table(pictures, "id,Category,comment,image\n" + "".join(lines)).load()
    assert data.classes == ("x, z", "y, z")
    assert reds(data) == [0, 1, 2, 3, 4, 5]


def test_a_column_of_parts_splits(pictures: Path) -> None:
    parts = ["train", "Train", "val", "validation", "test", "train"]
    lines = "".join(f"{part},pictures/{i}.png,{'ab'[i % 2]}\n" for i, part in enumerate(parts))
    source = table(pictures, "split,file,label\n" + lines)
    data = source.load()
    assert data.validation is not None
    assert (reds(data), data.validation.tolist()) == ([0, 1, 2, 3, 5], [False, False, True, True, False])
    test = load_part(source, "test")
    assert (reds(test), test.labels.tolist(), test.classes) == ([4], [0], ("a", "b"))


def test_paths_elsewhere_are_resolved_and_shown(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LD27."""
    (pictures / "tables").mkdir()
    monkeypatch.setenv("HOME", str(pictures))
    absolute = pictures / "pictures" / "2.png"
    text = f"../pictures/0.png,a\n~/pictures/1.png,b\n{absolute},a\n./../pictures/../pictures/3.png,b\n"
    data = table(pictures / "tables", text).load()
    assert data.files == tuple(str(pictures / "pictures" / f"{i}.png") for i in range(4))
    assert f"4 of the pictures lie outside of {pictures / 'tables'}: {pictures / 'pictures' / '0.png'}" in data.notes[0]
    home = PictureTable(file="~/tables/table.csv", size=8)
    assert reds(home.load()) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("path,label\n", "a header and no row below it"),
        ("pictures/0.png\n", "one column only"),
        ("a,b\nc,d\n", "no column with the paths of pictures"),
        ("pictures/0.png,a\npictures/1.png,\n", "no class in its row 2"),
        ("file,label\npictures/0.png,a\n,b\n", "no path in its row 2"),
        ("pictures/0.png,a\npictures/1.png,a\n", "only one class, 'a'"),
        ("pictures/0.png,a\npictures/0.png,b\n", "more than once, as 'a' and 'b'; leave one"),
        ("pictures/0.png,a\npictures/../pictures/0.png,b\n", "more than once, as 'a' and 'b'"),
        ("pictures/0.png,a\nhttps://example.org/1.png,b\n", "a web address in its row 2"),
        ("pictures/0.png,a\nfile:///pictures/1.png,b\n", "/pictures/1.png (No such file or directory)"),
        ('pictures/0.png,a\n"pictures/1.png,b\n', "one column only in its row 2"),
        ("made by hand\npictures/0.png,a\npictures/1.png,b\n", "one column only in its row 1"),
        (
            "f,l,s\npictures/0.png,a,train\npictures/1.png,b,train\npictures/2.png,c,val\n",
            "'c' in validation but not in",
        ),
        ('"pictures/0.png,a\n', "one row alone, and that names no picture"),
        ("pictures/0.png,a\x00\npictures/1.png,b\n", None),
    ],
)
def test_every_fault_of_a_table_gets_a_sentence(pictures: Path, text: str, words: str | None) -> None:
    message = refusal(table(pictures, text)) if words else ""
    if words:
        assert words in message
        assert str(pictures) in message


def test_comments_above_the_rows_are_no_rows_and_a_header_may_begin_as_one(pictures: Path) -> None:
    plain = table(pictures, rows()).load()
    for above in ("# made by hand\n# in May\n", "#file,label\n"):
        found = table(pictures, above + rows()).load()
        assert found.files == plain.files and found.classes == plain.classes


def test_other_texts_are_refused(pictures: Path) -> None:
    (pictures / "bad").write_bytes(b"\xff\xfep\x00a\x00\xd8\xd8")
    assert "begins as UTF-16" in refusal(PictureTable(file=str(pictures / "bad")))
    assert "is no readable table" in refusal(table(pictures, f"pictures/0.png,{'x' * 200_000}\n"))


def test_a_missing_picture_is_named(pictures: Path) -> None:
    source = table(pictures, rows() + "pictures/99.png,a\n")
    assert "pictures/99.png (No such file or directory)" in refusal(source)
    assert len(source.model_copy(update={"skip_unreadable": True}).load().labels) == 6


# --- Corrections, for folders and tables alike ------------------------------------------------------------------


def as_folder(pictures: Path) -> PictureFolder:
    for number in range(6):
        target = pictures / "folder" / "ab"[number % 2]
        target.mkdir(parents=True, exist_ok=True)
        os.replace(pictures / "pictures" / f"{number}.png", target / f"{number}.png")
    return PictureFolder(folder=str(pictures / "folder"), size=8, colour="rgb")


def named(source: Any, number: int) -> str:
    return f"{'ab'[number % 2]}/{number}.png" if isinstance(source, PictureFolder) else f"pictures/{number}.png"


@pytest.fixture(params=["folder", "table"])
def source(request: pytest.FixtureRequest, pictures: Path) -> Any:
    return as_folder(pictures) if request.param == "folder" else table(pictures, rows())


def test_leaving_out_and_renaming_is_honoured_and_can_be_undone(source: Any) -> None:
    before = source.load()
    corrections = source.corrections()
    content = {file: Path(file).read_bytes() for file in before.files}
    corrections.exclude([named(source, 2), Path(before.files[-1])])
    corrections.relabel([named(source, 0)], "b")
    data = source.load()
    assert dict(zip(reds(data), data.labels.tolist(), strict=True)) == {0: 1, 1: 1, 3: 1, 4: 0}
    assert data.notes[-1].endswith("as you chose: 2 left out and 1 given another class.")
    listed = {entry.name: entry for entry in load_entries(source)}
    assert listed[named(source, 2)].excluded
    assert (listed[named(source, 0)].label, listed[named(source, 0)].relabelled) == ("a", "b")
    assert listed[named(source, 0)].used_label == "b"
    corrections.undo()
    assert source.load().labels.tolist().count(0) == 2
    corrections.undo()
    assert not corrections.can_undo
    again = source.load()
    assert np.array_equal(again.inputs, before.inputs)
    assert np.array_equal(again.labels, before.labels)
    assert content == {file: Path(file).read_bytes() for file in before.files}


def load_entries(source: Any) -> Any:
    from workbench.engine.core.progress import finished

    return finished(source.steps().entries())


def test_a_class_that_is_gone_or_emptied_gets_a_sentence(source: Any) -> None:
    source.corrections().relabel([named(source, 1)], "zebra")
    assert "was given the class 'zebra', which is no longer there" in refusal(source)
    source.corrections().relabel([named(source, 1)], "")
    source.corrections().exclude([named(source, i) for i in (1, 3, 5)])
    assert "There is no picture to train on of the class 'b'" in refusal(source)


@pytest.mark.parametrize(
    "text",
    [
        *("", "version = 2", "not toml [", "version = 1\nexcluded = 3", "version = 1\nrelabelled = 1"),
        "version = 1\n[relabelled]\na.b = 'c'",
        f"version = 1\nexcluded = {'[' * 5000}",
        f"version = 1\n{'.'.join('a' * 40_000)} = 1",  # half a minute, if it is parsed
    ],
    ids=range(8),
)
def test_a_damaged_file_of_corrections_is_named(source: Any, text: str) -> None:
    where = source.corrections().where
    where.write_text(text)
    message = refusal(source)
    assert str(where) in message
    assert "damaged" in message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_corrections_is_not_waited_for(source: Any) -> None:
    os.mkfifo(source.corrections().where)
    assert "is damaged (it is no file)" in refusal(source)


@pytest.mark.skipif(os.name == "nt", reason="names are texts on Windows")
def test_names_that_are_no_text_can_be_left_out(pictures: Path) -> None:
    source = as_folder(pictures)
    odd = os.fsdecode(os.fsencode(pictures / "folder" / "a") + b"/\xff.png")
    Image.new("RGB", (8, 8), (240, 0, 0)).save(pictures / "new.png")
    os.rename(pictures / "new.png", odd)
    assert sorted(reds(source.load())) == [0, 1, 2, 3, 4, 5, 6]
    source.corrections().exclude([Path(odd)])
    assert sorted(reds(source.load())) == [0, 1, 2, 3, 4, 5]
    excluded = [entry for entry in load_entries(source) if entry.excluded]
    assert [entry.path for entry in excluded] == [Path(odd)]
    source.corrections().exclude([excluded[0].name], False)
    assert sorted(reds(source.load())) == [0, 1, 2, 3, 4, 5, 6]
    with pytest.raises(WorkbenchError, match="rename its folder first"):
        source.corrections().relabel([named(source, 0)], "\udcff")


def test_where_the_folder_may_not_be_written_they_are_kept_elsewhere(
    source: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.pictures import corrections as module

    real = module._writable
    monkeypatch.setattr(module, "_writable", lambda file: False)
    corrections = source.corrections()
    corrections.exclude([named(source, 2)])
    assert corrections.note.startswith(f"{corrections.root} may not be written, so ")
    assert str(corrections.where) in corrections.note
    assert not corrections.where.is_relative_to(corrections.root)
    monkeypatch.setattr(module, "_writable", real)
    assert len(source.load().labels) == 5  # found again, even where it could be written now


def test_entries_name_the_parts(pictures: Path) -> None:
    for part, numbers in (("train", (0, 1)), ("val", (2, 3)), ("test", (4, 5))):
        for number in numbers:
            target = pictures / "parts" / part / "ab"[number % 2]
            target.mkdir(parents=True, exist_ok=True)
            os.replace(pictures / "pictures" / f"{number}.png", target / f"{number}.png")
    source = PictureFolder(folder=str(pictures / "parts"), size=8, colour="rgb")
    assert [(e.name, e.part) for e in load_entries(source)][::2] == [
        ("train/a/0.png", "train"),
        ("val/a/2.png", "validation"),
        ("test/a/4.png", "test"),
    ]
    assert reds(load_part(source, "test")) == [4, 5]
    assert reds(load_part(source, "validation")) == [2, 3]
    assert reds(source.load()) == [0, 1, 2, 3]


def test_the_test_part_must_be_there_and_know_its_classes(pictures: Path) -> None:
    source = as_folder(pictures)
    assert "no test folder" in refusal(source, test=True)
    for part, names in (("train", "ab"), ("test", "abc")):
        for name in names:
            target = pictures / "parts" / part / name
            target.mkdir(parents=True)
            Image.new("L", (8, 8)).save(target / "0.png")
    split = PictureFolder(folder=str(pictures / "parts"), size=8)
    assert "the class 'c' in test but not in train" in refusal(split, test=True)
