"""Folders of pictures: which files are found, their classes and parts, and a sentence for everything wrong."""

from __future__ import annotations

import io
import os
import struct
import threading
import time
import zlib
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from tests.engine.pictures.made_pictures import BLUE, GREEN, RED, load, picture, refusal, two_classes
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.pictures import cache_file
from workbench.engine.pictures.decode import Fit, Unreadable, read_picture
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.ignored import Ignored, ignored_in


def test_one_class_a_folder(tmp_path: Path) -> None:
    data = load(two_classes(tmp_path))
    assert data.classes == ("cat", "dog")
    assert data.inputs.shape == (6, 3, 8, 8)
    assert data.inputs.dtype == np.uint8
    assert data.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert data.validation is None
    assert data.files[3] == str(tmp_path / "dog" / "0.png")
    assert (data.inputs[0].transpose(1, 2, 0) == RED).all()
    assert (data.inputs[5].transpose(1, 2, 0) == BLUE).all()


def test_the_order_is_natural_and_fixed(tmp_path: Path) -> None:
    for name in ("10", "9", "1"):
        for file in ("b10.png", "b9.png", "a.PNG"):
            picture(tmp_path / name / file)
    data = load(tmp_path)
    assert data.classes == ("1", "9", "10")
    assert [Path(file).name for file in data.files[:3]] == ["a.PNG", "b9.png", "b10.png"]


@pytest.mark.parametrize("names", [("train", "validation", "test"), ("Training", "val"), ("train", "valid")])
def test_the_split_of_the_folders_is_used_and_test_is_left_alone(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        two_classes(tmp_path / name, each={"t": 4, "v": 2}[name[0].lower()])
    data = load(tmp_path)
    assert data.validation is not None
    assert data.validation.sum() == 4
    assert len(data.labels) == 12
    assert not any(f"{os.sep}test{os.sep}" in file for file in data.files)
    assert [names[1] in file for file in data.files] == data.validation.tolist()


def test_train_and_test_alone_leave_the_split_to_the_spec(tmp_path: Path) -> None:
    two_classes(tmp_path / "train")
    two_classes(tmp_path / "test")
    data = load(tmp_path)
    assert data.validation is None
    assert len(data.labels) == 6


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    for name in ("train", "plane"):
        picture(tmp_path / name / "a.png")
    assert load(tmp_path).classes == ("plane", "train")


def test_a_class_only_in_validation_is_refused(tmp_path: Path) -> None:
    two_classes(tmp_path / "train")
    two_classes(tmp_path / "val")
    picture(tmp_path / "val" / "emu" / "a.png")
    assert "'emu' in validation but not in train" in refusal(tmp_path)


def test_hidden_things_and_other_files_are_ignored(tmp_path: Path) -> None:
    two_classes(tmp_path)
    for name in (".git", "__MACOSX"):
        picture(tmp_path / name / "a.png")
    picture(tmp_path / "cat" / "._0.png")
    (tmp_path / "cat" / "notes.txt").write_text("x")
    (tmp_path / "readme.md").write_text("x")
    assert len(load(tmp_path).labels) == 6


def test_folders_below_a_class_belong_to_it(tmp_path: Path) -> None:
    two_classes(tmp_path)
    picture(tmp_path / "cat" / "young" / "a.png")
    assert load(tmp_path).labels.tolist() == [0] * 4 + [1] * 3


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators create symbolic links")
def test_links_are_followed_but_not_in_loops(tmp_path: Path) -> None:
    two_classes(tmp_path / "data")
    elsewhere = two_classes(tmp_path / "elsewhere")
    (tmp_path / "data" / "emu").symlink_to(elsewhere / "dog", target_is_directory=True)
    (tmp_path / "data" / "cat" / "loop").symlink_to(tmp_path / "data" / "cat", target_is_directory=True)
    (tmp_path / "data" / "dog" / "up").mkdir()
    (tmp_path / "data" / "dog" / "up" / "again").symlink_to(tmp_path / "data" / "dog", target_is_directory=True)
    assert load(tmp_path / "data").labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only administrators create symbolic links")
def test_links_that_lead_nowhere_are_named(tmp_path: Path) -> None:
    """A set that was moved without what its links lead to must not shrink in silence."""
    two_classes(tmp_path)
    (tmp_path / "cat" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    (tmp_path / "cat" / "itself.png").symlink_to("itself.png")
    (tmp_path / "itself").symlink_to("itself")
    text = refusal(tmp_path)
    assert "2 of 8 pictures" in text and f"cat{os.sep}gone.png (" in text.replace("/", os.sep) and "itself.png" in text
    assert len(load(tmp_path, skip_unreadable=True).labels) == 6
    assert ignored_in(PictureFolder(folder=str(tmp_path)).tree(FolderScans())) == Ignored((), (), 0)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes among its files")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    two_classes(tmp_path)
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert len(load(tmp_path).labels) == 6
    with pytest.raises(Unreadable, match="a pipe"):  # named by a table it is opened all the same
        read_picture(tmp_path / "cat" / "pipe.png", 8, gray=False)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not allow these file names")
@pytest.mark.parametrize("name", ["new\nline", "\u202egnp.cat", "<b>bold</b>".replace("/", ""), "日本", " ", "a" * 250])
def test_odd_names_of_classes_are_kept_as_they_are(tmp_path: Path, name: str) -> None:
    two_classes(tmp_path)
    picture(tmp_path / name / f"{name[:40]}.PnG")
    assert name in load(tmp_path).classes


def test_a_folder_named_as_a_picture_is_a_folder(tmp_path: Path) -> None:
    two_classes(tmp_path)
    (tmp_path / "cat" / "empty.png").mkdir()
    picture(tmp_path / "cat" / "x.png" / "inside.png")
    assert load(tmp_path).labels.tolist() == [0] * 4 + [1] * 3


def test_a_very_long_picture_is_cut_before_it_is_resized(tmp_path: Path) -> None:
    """1 × 5000 pixels resized by the shorter side would be 8 × 40,000."""
    long = picture(tmp_path / "long.png", GREEN, size=(1, 5000))
    wide = picture(tmp_path / "wide.png", GREEN, size=(5000, 1))
    for file in (long, wide):
        assert read_picture(file, 8, gray=False)[1].min() == 255


def strip(file: Path, size: tuple[int, int]) -> Path:
    """Red in the first quarter of the longer side, green in the last, blue between them."""
    image = Image.new("RGB", size, BLUE)
    wide, high = size
    quarter = (max(1, wide // 4), high) if wide > high else (wide, max(1, high // 4))
    image.paste(RED, (0, 0, *quarter))
    image.paste(GREEN, (wide - quarter[0], high - quarter[1], wide, high))
    image.save(file)
    return file


@pytest.mark.parametrize("size", [(192, 48), (48, 192), (191, 47), (1, 5000)])
def test_crop_loses_the_ends_squeeze_and_pad_keep_them(tmp_path: Path, size: tuple[int, int]) -> None:
    file, is_wide = strip(tmp_path / "long.png", size), size[0] > size[1]
    crop, squeeze, pad = (read_picture(file, 16, False, fit).transpose(1, 2, 0) for fit in get_args(Fit))
    crop, squeeze, pad = (each if is_wide else each.transpose(1, 0, 2) for each in (crop, squeeze, pad))
    assert (crop == BLUE).all()
    assert (squeeze[:, 1] == RED).all() and (squeeze[:, -2] == GREEN).all() and (squeeze[:, 8] == BLUE).all()
    filled = pad.any(2).any(1)
    rows = max(1, round(16 * min(size) / max(size)))
    first = (16 - rows) // 2
    assert filled.sum() == rows and filled[first]
    assert (pad[first, 1] == RED).all() and (pad[first, -2] == GREEN).all()
    assert (pad[0] == 0).all()


def test_a_square_picture_is_the_same_by_every_rule(tmp_path: Path) -> None:
    file = picture(tmp_path / "a.png", GREEN, size=(20, 20))
    crop, squeeze, pad = (read_picture(file, 8, False, fit) for fit in get_args(Fit))
    assert np.array_equal(crop, squeeze) and np.array_equal(crop, pad)


def test_gray_pictures_are_padded_with_black_too(tmp_path: Path) -> None:
    pixels = read_picture(picture(tmp_path / "a.png", (255, 255, 255), size=(20, 10)), 8, True, "pad")
    assert pixels.shape == (1, 8, 8) and pixels[0, :, 0].tolist() == [0, 0, 255, 255, 255, 255, 0, 0]


def test_a_thousand_classes_of_one_picture_each(tmp_path: Path) -> None:
    for number in range(1000):
        picture(tmp_path / f"class {number}" / "a.png", (number % 256, 0, 0), size=(2, 2))
    data = load(tmp_path, size=4)
    assert data.classes[2] == "class 2" and data.labels.tolist() == list(range(1000))


def test_unusable_folders_get_a_sentence_each(tmp_path: Path) -> None:
    assert "is empty" in refusal(tmp_path)
    picture(tmp_path / "a.png")
    assert "holds pictures but no class folders" in refusal(tmp_path)
    picture(tmp_path / "cat" / "a.png")
    assert "only one class, 'cat'" in refusal(tmp_path)
    (tmp_path / "dog").mkdir()
    (tmp_path / "cat" / "a.png").unlink()
    assert "all of them are without a picture (.apng, .bmp" in refusal(tmp_path)


def test_empty_class_folders_are_all_named_at_once_and_can_be_left_out(tmp_path: Path) -> None:
    two_classes(tmp_path / "train")
    two_classes(tmp_path / "val")
    two_classes(tmp_path / "test")
    for name in ("leer", "empty"):
        (tmp_path / "train" / name).mkdir()
    picture(tmp_path / "val" / "leer" / "a.png")
    picture(tmp_path / "test" / "leer" / "a.png")
    assert "of the 2 classes 'empty', 'leer'" in refusal(tmp_path)
    source = PictureFolder(folder=str(tmp_path), size=8, skip_empty=True)
    data = source.load()
    assert data.classes == ("cat", "dog") and not any("leer" in file for file in data.files)
    assert any("left out: empty, leer." in note for note in data.notes)
    test = finished(source.loading_test())
    assert test.classes == data.classes and not any("leer" in file for file in test.files)


def test_a_class_without_validation_pictures_is_no_refusal(tmp_path: Path) -> None:
    two_classes(tmp_path / "train")
    two_classes(tmp_path / "val")
    for file in (tmp_path / "val" / "dog").iterdir():
        file.unlink()
    (tmp_path / "val" / "unknown").mkdir()
    data = load(tmp_path)
    assert data.validation is not None and set(data.labels[data.validation].tolist()) == {0}


def test_an_empty_split_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "val").mkdir()
    assert "without class folders" in refusal(tmp_path)


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="Windows and the superuser may read files without read permission"
)
def test_a_forbidden_class_folder_is_named(tmp_path: Path) -> None:
    two_classes(tmp_path)
    (tmp_path / "dog").chmod(0)
    try:
        assert "Permission denied" in refusal(tmp_path)
    finally:
        (tmp_path / "dog").chmod(0o755)


# --- unreadable files ---------------------------------------------------------------------------------------------


def png_of(width: int, height: int) -> bytes:
    """A correct PNG of black pixels, packed row by row so that it needs no memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bad_files(folder: Path) -> int:
    """Files that cannot be read, of every kind; how many."""
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "JPEG")
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0)
    contents = {
        "empty.png": b"",
        "text.png": b"this is no picture",
        "drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "page.jpg": b"<!DOCTYPE html><html></html>",
        "cut.jpg": buffer.getvalue()[: len(buffer.getvalue()) // 2],
        "postscript.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        "huge.png": head + struct.pack(">I", zlib.crc32(head[12:])) + b"\0\0\0\0IEND\xaeB`\x82",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return len(contents)


def test_unreadable_files_stop_the_load_with_names_and_count(tmp_path: Path) -> None:
    bad = bad_files(two_classes(tmp_path) / "cat")
    message = refusal(tmp_path)
    assert message.startswith(f"{bad} of {6 + bad} pictures")
    assert f"{os.path.join('cat', 'cut.jpg')} (damaged or cut off)" in message
    assert "and 2 more" in message
    assert "Leave unreadable files out" in message


def test_unreadable_files_are_left_out_if_asked_and_that_is_said(tmp_path: Path) -> None:
    bad = bad_files(two_classes(tmp_path) / "cat")
    data = load(tmp_path, skip_unreadable=True)
    assert data.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert len(data.files) == len(data.inputs) == 6
    assert (data.inputs[3].transpose(1, 2, 0) == BLUE).all()
    assert len(data.notes) == 1
    assert data.notes[0].startswith(f"{bad} of {6 + bad} pictures")


def test_a_class_without_a_readable_picture_is_refused(tmp_path: Path) -> None:
    two_classes(tmp_path)
    (tmp_path / "emu").mkdir()
    (tmp_path / "emu" / "a.png").write_bytes(b"")
    assert "can be read of the class 'emu'" in refusal(tmp_path, skip_unreadable=True)


def test_a_picture_of_too_many_pixels_is_never_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """20,000 × 20,000 pixels in a file of some hundred KB; here a limit of 10,000 pixels stands for it."""
    from workbench.engine.pictures import decode

    monkeypatch.setattr(decode, "MAX_PIXELS", 10_000)
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    file = tmp_path / "a.png"
    file.write_bytes(png_of(101, 100))
    with pytest.raises(Unreadable, match="101 × 100 pixels are too many"):
        read_picture(file, 8, gray=True)


def test_pillows_own_limit_is_an_unreadable_file_too(tmp_path: Path) -> None:
    bad_files(tmp_path)
    with pytest.raises(Unreadable, match="too many"):
        read_picture(tmp_path / "huge.png", 8, gray=True)


def test_without_a_cache_the_set_must_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    free = psutil.virtual_memory()._replace(available=100)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    monkeypatch.setattr(cache_file, "LIMIT", 0)
    with pytest.raises(WorkbenchError, match=r"memory for 6 pictures of 8 × 8 pixels: .* are free"):
        load(two_classes(tmp_path))


def test_a_drive_that_does_not_answer_holds_no_edit_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """EN10: the form asks at every edit whether the folder is there; a hanging drive is asked once, not waited for."""
    from workbench.engine.catalog import path_settings

    released, asked = threading.Event(), []

    def hang(place: str) -> str:
        asked.append(place)
        released.wait(60)
        return "there is nothing"

    monkeypatch.setattr(path_settings, "_folder_trouble", hang)
    monkeypatch.setattr(path_settings, "PATIENCE", 0.01)
    folder = str(tmp_path)
    for _ in range(3):
        assert list(path_settings.folder_problems(folder, "data.source.folder")) == []
    assert asked == [folder]
    released.set()
    while path_settings._hanging:
        time.sleep(0.001)
    monkeypatch.setattr(path_settings, "PATIENCE", 10.0)
    assert [problem.message for problem in path_settings.folder_problems(folder, "p")] == ["there is nothing"]


def test_a_whole_disk_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.engine.pictures import folder_tree

    two_classes(tmp_path)
    monkeypatch.setattr(folder_tree, "MAX_FOLDERS", 2)
    assert "more than 2 folders" in refusal(tmp_path)
