"""A well-known set is downloaded on the user's click alone, with progress and Stop, and a way without a network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.catalog.datasets.test_idx_faults import idx
from tests.views.data.drops import settled as rested
from tests.views.helpers import parts, services
from workbench.bridge.data import download_data as module
from workbench.engine.catalog.datasets.torchvision_sets import TorchvisionSet
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading
from workbench.views.data.download_line import DownloadLine
from workbench.views.window.main_window import MainWindow

Progress = Callable[[Loading], object]


class Net:
    """In the place of the network: what was asked for, and what comes of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Path]] = []
        self.go_on = threading.Event()
        self.trouble = ""

    def download(self, name: str, root: Path, progress: Progress) -> None:
        self.asked.append((name, root))
        done = 0
        while not self.go_on.wait(0.01):
            done += 1000
            progress(Loading(done, 10**9, "Downloading train-images"))
        if self.trouble:
            raise WorkbenchError(self.trouble)
        folder = root / name / "raw"
        folder.mkdir(parents=True)
        for head in ("train", "t10k"):
            (folder / f"{head}-images-idx3-ubyte").write_bytes(idx(np.zeros((20, 8, 8), np.uint8)))
            (folder / f"{head}-labels-idx1-ubyte").write_bytes(idx(np.arange(20, dtype=np.uint8) % 10))


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    made = Net()
    monkeypatch.setattr(module, "download", made.download)
    return made


def chosen(qtbot: QtBot, window: MainWindow, folder: str) -> DownloadLine:
    services(window).store.edit("data.source", TorchvisionSet(name="KMNIST", folder=folder))
    parts(window).panels.open("data")
    rested(qtbot, window)
    return parts(window).own_data.download


def test_nothing_is_asked_for_without_a_click(qtbot: QtBot, window: MainWindow, net: Net, tmp_path: Path) -> None:
    assert not parts(window).own_data.download.isVisible()
    line = chosen(qtbot, window, str(tmp_path))
    assert line.isVisible() and line.button.text() == "Download KMNIST" and not net.asked
    assert str(tmp_path) in line.hint.text() and "Without a network" in line.hint.text()


def test_a_click_brings_the_set_and_reads_it(qtbot: QtBot, window: MainWindow, net: Net, workbench_home: Path) -> None:
    line = chosen(qtbot, window, "")
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "of 1.0 GB" in line.words.text(), timeout=10_000)
    assert line.bar.isVisible() and line.stop.isVisible() and not line.button.isVisible()
    net.go_on.set()
    qtbot.waitUntil(lambda: services(window).fetching.current is None, timeout=10_000)
    rested(qtbot, window)
    assert net.asked == [("KMNIST", workbench_home / "sets")]
    summary = services(window).previews.data
    assert summary is not None and summary.train + summary.val == 20 and not line.isVisible()
    services(window).store.undo()  # the folder was one edit
    assert services(window).store.spec.data.source == TorchvisionSet(name="KMNIST")


def test_a_download_can_be_stopped(qtbot: QtBot, window: MainWindow, net: Net, tmp_path: Path) -> None:
    line = chosen(qtbot, window, str(tmp_path))
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(net.asked), timeout=10_000)
    QTest.mouseClick(line.stop, Qt.MouseButton.LeftButton)
    assert "stopped" in line.words.text() and line.button.isVisible()
    qtbot.waitUntil(lambda: services(window).fetching.current is None, timeout=10_000)
    assert not list(tmp_path.iterdir())


def test_without_a_network_it_says_where_to_put_the_files(
    qtbot: QtBot, window: MainWindow, net: Net, tmp_path: Path
) -> None:
    net.trouble = f"Cannot download it. Without a network, copy it into {tmp_path} from elsewhere."
    net.go_on.set()
    line = chosen(qtbot, window, str(tmp_path))
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: line.words.text() == net.trouble, timeout=10_000)
    assert line.button.isVisible() and services(window).store.spec.data.source.kind == "torchvision_set"


def test_a_silent_network_does_not_keep_the_window_open(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    released = threading.Event()
    monkeypatch.setattr(module, "download", lambda *_: released.wait(60))
    line = chosen(qtbot, window, str(tmp_path))
    QTest.mouseClick(line.button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(window.closed, timeout=30_000):
        window.close()
    assert not released.is_set()
    window.dispose()
    window.deleteLater()
    released.set()
