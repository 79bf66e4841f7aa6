"""Own data at the window: dropped as the system drops it, recognised by content, refused in a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, Qt
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.views.data.drops import class_folders, drag, drop, said, settled, source
from tests.views.dragging import files
from tests.views.helpers import long_run, parts, services, texts, wait_for_steps
from workbench.engine.catalog.datasets.folders.choices import Choices
from workbench.engine.catalog.datasets.folders.layout import Layout, read_layout
from workbench.engine.pictures import decode_entry
from workbench.engine.pictures.decode import Fit, Range
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save
from workbench.views.window.main_window import MainWindow


def idx_folder(root: Path, count: int = 40) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    images = np.random.Generator(np.random.PCG64(1)).integers(0, 255, (count, 8, 8), np.uint8)
    for name, values in (("images-idx3", images), ("labels-idx1", (np.arange(count) % 10).astype(np.uint8))):
        head = bytes((0, 0, 8, values.ndim)) + b"".join(size.to_bytes(4, "big") for size in values.shape)
        (root / f"train-{name}-ubyte").write_bytes(head + values.tobytes())
    return root


@pytest.mark.parametrize("where", ["plots", "settings", "a field"])
def test_a_folder_can_be_dropped_anywhere(qtbot: QtBot, window: MainWindow, tmp_path: Path, where: str) -> None:
    root = class_folders(tmp_path / "pets")
    panels = parts(window).panels
    panels.show_setting("optimizer.lr")
    below = {"plots": parts(window).page.plots, "settings": panels, "a field": window.focusWidget()}[where]
    place = below.mapTo(window, below.rect().center())
    target = parts(window).own_data.target
    assert drag(window, files([root]), place)
    assert target.isVisible() and "pets" in target.words and target.geometry() == window.rect()
    drop(window, root, place=place)
    assert not target.isVisible()
    settled(qtbot, window)
    kind, found = source(window)
    assert kind == "folder" and Path(found.folder) == root
    assert panels.panel("data").is_open and "pets" in said(window)
    summary = services(window).previews.data
    assert summary is not None and summary.classes == ("cats", "dogs")
    parts(window).actions["undo"].trigger()
    assert source(window)[0] == "digits"


def test_one_dropped_folder_is_listed_and_decoded_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recognition, preview, check, browser and run look at it: each folder is scanned, each picture decoded once."""
    root = class_folders(tmp_path / "pets")
    folders = [root, root / "cats", root / "dogs"]
    for folder in folders:
        os.utime(folder, (1_700_000_000, 1_700_000_000))  # it is not being unpacked
    scans: list[Path] = []
    decodes: list[str] = []
    scandir, read_both = os.scandir, decode_entry.read_both

    def scanning(folder: Any = ".") -> Any:
        scans.extend([Path(folder)] if isinstance(folder, str | Path) else [])
        return scandir(folder)

    def decoding(file: Path, size: int, gray: bool, fit: Fit, values: Range) -> Any:
        decodes.append(f"{file.parent.name}/{file.name}")
        return read_both(file, size, gray, fit, values)

    monkeypatch.setattr(os, "scandir", scanning)
    monkeypatch.setattr(decode_entry, "read_both", decoding)
    drop(window, root)
    settled(qtbot, window)
    checking = services(window).checking
    qtbot.waitUntil(lambda: checking.report is not None, timeout=60_000)
    services(window).browsing.watch(True)
    qtbot.waitUntil(lambda: services(window).browsing.found is not None, timeout=60_000)
    services(window).store.edit("loop.epochs", 1)
    services(window).session.train()
    qtbot.waitUntil(lambda: not services(window).session.is_active, timeout=60_000)
    assert services(window).session.history.ended.reason == "completed"
    services(window).browsing.watch(False)
    assert sorted(each for each in scans if each in folders) == folders
    assert sorted(decodes) == sorted(f"{name}/{n}.png" for name in ("cats", "dogs") for n in range(6))


def test_leaving_takes_the_drop_target_away(window: MainWindow, tmp_path: Path) -> None:
    assert drag(window, files([tmp_path]), QPoint(50, 50))
    assert parts(window).own_data.target.isVisible()
    QCoreApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())
    assert not parts(window).own_data.target.isVisible()


def test_text_that_is_dragged_shows_no_target(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("0.1")
    drag(window, data, QPoint(50, 50))
    assert not parts(window).own_data.target.isVisible()
    QCoreApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())


def test_what_the_folder_held_before_stays_set(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    for name in ("one", "two"):
        drop(window, class_folders(tmp_path / name))
        settled(qtbot, window)
        if name == "one":
            services(window).store.edit("data.source.size", 16)
    assert source(window)[1].size == 16 and Path(source(window)[1].folder).name == "two"  # type: ignore[attr-defined]


def test_idx_files_one_by_one_together_or_as_a_folder(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root = idx_folder(tmp_path / "numbers")
    for dropped in ([root], sorted(root.iterdir()), [root / "train-labels-idx1-ubyte"]):
        services(window).store.edit("data.source", ExperimentSpec().data.source)
        drop(window, *dropped)
        settled(qtbot, window)
        assert source(window)[0] == "idx" and Path(source(window)[1].folder) == root  # type: ignore[attr-defined]


def test_a_folder_with_its_own_split(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    for part in ("train", "validation", "test"):
        class_folders(tmp_path / "set" / part)
    drop(window, tmp_path / "set")
    settled(qtbot, window)
    summary = services(window).previews.data
    assert summary is not None and (summary.train, summary.val) == (12, 12)


def test_an_unpacked_archive_with_one_folder_inside(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    inner = class_folders(tmp_path / "download" / "pets")
    drop(window, tmp_path / "download")
    settled(qtbot, window)
    assert Path(source(window)[1].folder) == inner  # type: ignore[attr-defined]


def test_a_settings_file_is_opened(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    save(ExperimentSpec().edited("loop.epochs", 7), tmp_path / "mine.txt")
    drop(window, tmp_path / "mine.txt")
    settled(qtbot, window)
    assert services(window).store.spec.loop.epochs == 7


def test_an_npz_and_a_table_are_recognised_by_content(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    images = np.random.Generator(np.random.PCG64(1)).integers(0, 255, (20, 8, 8), np.uint8)
    with (tmp_path / "arrays.dat").open("wb") as stream:
        np.savez(stream, images=images, labels=np.arange(20) % 2)
    root = class_folders(tmp_path / "pets")
    rows = "".join(f"pets/{file.relative_to(root).as_posix()};{file.parent.name}\n" for file in root.rglob("*.png"))
    (tmp_path / "list.txt").write_text(rows)
    for name, kind, count in (("arrays.dat", "npz", 20), ("list.txt", "csv", 12)):
        drop(window, tmp_path / name)
        settled(qtbot, window)
        summary = services(window).previews.data
        assert source(window)[0] == kind, said(window)
        assert summary is not None and summary.train + summary.val == count


def test_the_last_of_several_drops_wins_and_each_is_said_at_once(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    names = ("pets", "birds", "fish")
    for name in names:
        class_folders(tmp_path / name)
    for before, name in zip(("", *names), names, strict=False):
        drop(window, tmp_path / name)
        assert said(window) == (f"Reading “{name}” instead of “{before}”…" if before else f"Reading “{name}”…")
    settled(qtbot, window)
    assert Path(source(window)[1].folder) == tmp_path / "fish"  # type: ignore[attr-defined]
    assert "fish" in said(window) and "Reading" not in said(window)


def test_during_a_run_the_drop_is_for_the_next_one(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    drop(window, class_folders(tmp_path / "pets"))
    qtbot.waitUntil(lambda: source(window)[0] == "folder", timeout=20_000)
    assert "next run" in said(window) and services(window).session.is_active
    running = services(window).store.running_spec
    assert running is not None and running.data.source.kind == "digits"
    assert [offer.text() for offer in parts(window).pages.banner.offers] == ["Restart with this"]
    services(window).session.stop()
    qtbot.waitUntil(lambda: not services(window).session.is_active, timeout=30_000)


def test_a_drive_that_does_not_answer_leaves_the_window_alive(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EN10: the look at the disk hangs; after the patience has ended it is said, and giving up frees the way."""
    import threading

    from workbench.engine.data import detect_layouts

    released = threading.Event()

    def hang(root: Path, choices: Choices, scans: FolderScans) -> Layout:
        released.wait(60)
        return read_layout(root, choices, scans)

    monkeypatch.setattr(detect_layouts, "read_layout", hang)
    services(window).opening._patience.setInterval(50)
    drop(window, class_folders(tmp_path / "slow"))
    qtbot.waitUntil(lambda: "Still waiting for slow" in said(window), timeout=20_000)
    (offer,) = parts(window).pages.banner.offers
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: services(window).inspecting.current is None, timeout=20_000)
    assert source(window)[0] == "digits"
    released.set()


def test_a_large_archive_tells_how_far_it_is_and_is_not_read_on_when_it_is_given_up(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from workbench.engine.catalog.datasets.array_archive import ArrayArchive
    from workbench.engine.core.responsive_io import Abandoned

    ended = threading.Event()

    def slow(archive: ArrayArchive, *_: Any) -> None:
        told = archive._told
        assert told is not None
        try:
            while not ended.wait(0.01):
                told.tell(1, 4)
        except Abandoned:
            ended.set()
            raise

    monkeypatch.setattr(ArrayArchive, "read_into", slow)
    np.savez(tmp_path / "large.npz", x=np.zeros((40, 8, 8), np.uint8), y=np.arange(40) % 4)
    services(window).opening._patience.setInterval(1000)
    drop(window, tmp_path / "large.npz")
    qtbot.waitUntil(lambda: "Reading “large.npz”: 25\xa0%" in said(window), timeout=20_000)
    assert not services(window).opening._patience.isActive()  # the drive is not slow
    (offer,) = parts(window).pages.banner.offers
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(ended.is_set, timeout=20_000)
    qtbot.waitUntil(lambda: services(window).inspecting.current is None, timeout=20_000)
    assert source(window)[0] == "digits"


def test_reading_tells_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that takes long: a bar and words in the Data panel; after Stop nothing is lost and it can go on."""
    import threading
    from collections.abc import Generator

    from workbench.engine.catalog.datasets import picture_load
    from workbench.engine.core.progress import Loading
    from workbench.engine.pictures.request import Decoded, Wanted

    real, go_on = picture_load.decoded, threading.Event()

    def slow(wanted: Wanted, memory: object) -> Generator[Loading, None, Decoded]:
        done = 0
        while not go_on.wait(0.02):
            done += 1
            yield Loading(min(done, 99), 100, "Reading pictures")
        return (yield from real(wanted, memory))

    monkeypatch.setattr(picture_load, "decoded", slow)
    services(window).store.edit("data.source", {"kind": "folder", "folder": str(class_folders(tmp_path / "pets"))})
    services(window).checking.cancel()
    parts(window).panels.open("data")
    view = parts(window).previews.data
    qtbot.waitUntil(lambda: "of 100" in texts(view), timeout=20_000)
    (stop,) = [b for b in view.findChildren(QPushButton) if b.text() == "Stop reading" and b.isVisible()]
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert "stopped" in texts(view) and not stop.isVisible()
    qtbot.waitUntil(lambda: services(window).tasks.current is None, timeout=10_000)
    go_on.set()
    (again,) = [b for b in view.findChildren(QPushButton) if b.text() == "Read the data again" and b.isVisible()]
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: services(window).previews.data is not None, timeout=20_000)
    assert "10 training / 2 validation" in texts(view)
