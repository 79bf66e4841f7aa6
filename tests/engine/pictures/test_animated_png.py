"""Animated PNG files: that only their first frame is used is said, and no file of one frame is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.pictures.pages import pages_text


def save(file: Path, frames: int = 1, **settings: Any) -> Path:
    file.parent.mkdir(exist_ok=True)
    first, *others = [Image.new("L", (8, 8), 40 * level) for level in range(frames)]
    first.save(file, save_all=frames > 1, append_images=others, **settings)
    return file


def test_only_animated_files_are_said_to_be_read_by_their_first_frame(tmp_path: Path) -> None:
    for name in ("cat", "dog"):
        save(tmp_path / name / "film.png", 3)
        save(tmp_path / name / "still.png")
    data = PictureFolder(folder=str(tmp_path), size=8).load()
    text = "2 files have several pages; only the first page is used: cat/film.png, dog/film.png."
    assert text in data.notes


def test_the_number_of_frames_is_found_behind_other_chunks(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("Comment", "of a long film " * 1000)
    film = save(tmp_path / "film.apng", 2, format="PNG", pnginfo=info, dpi=(72, 72))
    assert "film.apng" in pages_text([film], tmp_path)


def test_files_that_say_no_number_of_frames_are_not_named(tmp_path: Path) -> None:
    whole = save(tmp_path / "film.png", 2).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:20])
    (tmp_path / "text.png").write_bytes(b"acTL" * 20)
    still = whole.replace(b"acTL\0\0\0\x02", b"acTL\0\0\0\x01")
    (tmp_path / "one.png").write_bytes(still)
    names = ("cut.png", "text.png", "one.png", "gone.png")
    assert still != whole and not pages_text([tmp_path / name for name in names], tmp_path)
