"""Data that is dropped on the window and cannot be used as it is: refused or offered otherwise, in a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.data.drops import class_folders, drop, picture, said, settled, source
from tests.views.helpers import parts, services
from workbench.views.window.main_window import MainWindow


def refusals(root: Path) -> dict[str, tuple[list[Path], str]]:
    """What cannot be used, and a part of the sentence about it."""
    (root / "empty").mkdir()
    (root / "text").mkdir()
    (root / "text" / "read me.md").write_text("hello")
    (root / "nothing").write_bytes(b"")
    (root / "program.py").write_text('"""One, two."""\nimport a, b\nf(a, b)\n')
    (root / "words.doc").write_bytes(b"\xff\xfehello")
    (root / "a.zip").write_bytes(b"PK\x03\x04 cut off")
    (root / "a.tar.gz").write_bytes(b"\x1f\x8b\x08" + b"x" * 50)
    (root / "pixels.csv").write_text("\n".join(",".join(map(str, [i % 2, *[i + 2] * 784])) for i in range(12)))
    (root / "w.pth").write_bytes(b"\x80\x02cposix\nsystem\n")
    return {
        "an empty folder": ([root / "empty"], "is empty"),
        "a folder without pictures": ([root / "text"], "holds no folders"),
        "a table of pixels": ([root / "pixels.csv"], "28 × 28 pixels in a row"),
        "an empty file": ([root / "nothing"], "is empty"),
        "another file": ([root / "words.doc"], "no data that the program knows"),
        "a text with commas": ([root / "program.py"], "no data that the program knows"),
        "a damaged archive": ([root / "a.zip"], "damaged"),
        "an archive": ([root / "a.tar.gz"], "Unpack it"),
        "weights": ([root / "w.pth"], "transfer learning"),
        "one picture": ([picture(root / "photos" / "cat.png")], "single picture"),
        "something gone": ([root / "gone"], "There is no"),
        "several things": ([root / "text", root / "nothing"], "2 things were dropped"),
    }


def test_what_cannot_be_used_is_said(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    for name, (paths, words) in refusals(tmp_path).items():
        drop(window, *paths)
        settled(qtbot, window)
        assert words in said(window), f"{name}: {said(window)}"
        assert source(window)[0] == "digits" and not services(window).store.can_undo, name


def test_class_folders_dropped_together_offer_their_parent(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "pets")
    for dropped in ([root / "cats", root / "dogs"], [root / "cats"], [root / "dogs" / "0.png"]):
        drop(window, *dropped)
        settled(qtbot, window)
        (offer,) = parts(window).pages.banner.offers
        assert "pets" in offer.text() and source(window)[0] == "digits"
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert Path(source(window)[1].folder) == root  # type: ignore[attr-defined]


def test_archives_side_by_side_are_offered_one_by_one(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        np.savez(tmp_path / name, x=np.zeros((8, 6, 6), np.uint8), y=np.arange(8) % 2)
    drop(window, tmp_path)
    settled(qtbot, window)
    offers = parts(window).pages.banner.offers
    assert [each.text() for each in offers] == ["Open “a.npz”", "Open “b.npz”"]
    QTest.mouseClick(offers[1], Qt.MouseButton.LeftButton)
    settled(qtbot, window)
    assert Path(source(window)[1].file) == tmp_path / "b.npz"  # type: ignore[attr-defined]


def test_after_a_refused_drop_it_is_said_which_data_stays(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    drop(window, class_folders(tmp_path / "pets"))
    settled(qtbot, window)
    (tmp_path / "empty").mkdir()
    drop(window, tmp_path / "empty")
    settled(qtbot, window)
    assert said(window).endswith("The data set stays “pets”.")
    assert Path(source(window)[1].folder) == tmp_path / "pets"  # type: ignore[attr-defined]
