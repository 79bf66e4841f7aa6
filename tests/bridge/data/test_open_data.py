"""Data that cannot be used does not take the place of other data."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.engine.data.layouts.layout import all_layouts, pictures
from workbench.bridge.data.open_data import Opening, Refused
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import understand

REFUSED = {name: layout for name, layout in all_layouts().items() if layout.refused and not layout.doubt}
#: Those that a setting mends, or that stay open so that a column or a folder can be chosen.
MENDED = {
    "attributes: 1 and -1 in a table of another name": "Class column",
    "attributes: the table of CelebA": "Class column",
    "classes_in_cells: scores of each class": "soft labels",
    "columns_of_other_things: votes for each class": "soft labels",
    "desktop: no pictures under names of pictures": "Leave unreadable files out",
    "held_back_in_columns: two classes of every picture": "Pictures named twice",
    "kaggle_tables: a column for each of several labels": "Class column",
    "medical: a class of DICOM files": "Leave empty classes out",
    "moved_tables: nothing is where it was": "Folder of the pictures",
    "named_otherwise: numbers from another start": "column with the paths",
    "neighbours: numbers of DICOM files beside another set": "export it as PNG",
    "other_suffixes: two numbers without a picture": "Leave unreadable files out",
    "stand_ins: a picture in Git LFS": "a Git LFS pointer",
    "tables: a number that is measured": "class column",
    "tables_of_parts: a picture for two parts": "choose to read one table only",
    "torchvision_folders: an empty class folder": "Leave empty classes out",
    "verdicts_and_marks: findings none of which is ever denied": "beside the paths there are",
    "words_for_nothing: a number that is measured, with gaps": "class column",
}


class Window:
    """What an opening tells."""

    def __init__(self, qtbot: QtBot, tasks: Tasks) -> None:
        self.store = SpecStore()
        self.loaded = DataStore()
        self.opening = Opening(self.store, tasks, self.loaded)
        self._qtbot = qtbot
        self._refused: list[Refused] = []
        self.opening.refused.connect(self._refused.append)

    def refused(self, path: Path) -> str:
        """Why ``path`` was not opened; empty if it was."""
        self._refused.clear()
        with self._qtbot.waitSignal(self.opening.ended, timeout=30_000):
            self.opening.open([path])
        return self._refused[0].message if self._refused else ""


@pytest.fixture
def window(qtbot: QtBot, tasks: Tasks) -> Window:
    return Window(qtbot, tasks)


@pytest.mark.parametrize("name", REFUSED)
def test_a_layout_that_is_refused_leaves_the_data_before(name: str, window: Window, tmp_path: Path) -> None:
    root = tmp_path / "pets"
    root.mkdir()
    path = REFUSED[name].make(root) or root
    before = window.store.spec
    message = window.refused(path)
    if name in MENDED:
        assert not message and window.store.spec != before
        assert MENDED[name] in (finished(understand(window.store.spec, window.loaded)).refused or "")
    else:
        assert REFUSED[name].refused in message and window.store.spec == before


def _archive(root: Path) -> Path:
    x = np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), np.uint8)
    np.savez_compressed(root / "a.npz", x=x, y=np.arange(40) % 2)
    return root / "a.npz"


def _idx(root: Path) -> Path:
    head = bytes((0, 0, 8, 3)) + b"".join(n.to_bytes(4, "big") for n in (40, 28, 28))
    values = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8).tobytes()
    (root / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(head + values, mtime=0))
    labels = bytes((0, 0, 8, 1)) + (40).to_bytes(4, "big") + bytes(range(10)) * 4
    (root / "train-labels-idx1-ubyte").write_bytes(labels)
    return root / "train-images-idx3-ubyte.gz"


@pytest.mark.parametrize("make", [_archive, _idx])
def test_a_file_that_is_damaged_inside_leaves_the_data_before(
    make: Callable[[Path], Path], window: Window, tmp_path: Path
) -> None:
    """Heads and labels are whole: only the pictures tell."""
    file = make(tmp_path)
    whole = file.read_bytes()
    broken = bytearray(whole)
    broken[len(whole) // 2 : len(whole) // 2 + 8] = bytes(8)
    file.write_bytes(broken)
    before = window.store.spec
    assert "damaged" in window.refused(file) and window.store.spec == before
    file.write_bytes(whole)
    assert window.refused(file) == "" and window.store.spec != before


def test_one_picture_that_can_be_read_is_enough(window: Window, tmp_path: Path) -> None:
    pictures(tmp_path, {"cat": 3, "dog": 3})
    files = sorted(tmp_path.rglob("*.png"))
    for file in files:
        file.write_bytes(b"no picture")
    assert "cannot be read" in window.refused(tmp_path)
    pictures(tmp_path, {"dog": 1})
    assert window.refused(tmp_path) == ""
