"""Reading own pictures in the window: it says how far it is, and Stop, another choice and closing act meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from workbench.bridge.runner import State
from workbench.engine.core import responsive_io
from workbench.engine.pictures import background_decoder, decode_entry
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

LONG = 60_000


class Gate:
    """Pictures are decoded up to the third; the others wait until it opens."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.decoded = 0
        self._real = decode_entry.read_both

    def __call__(self, *arguments: Any) -> Any:
        self.decoded += 1
        if self.decoded > 3:
            self.opened.wait(60)
        return self._real(*arguments)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    monkeypatch.setattr(decode_entry, "read_both", made)
    yield made
    made.opened.set()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for number in range(40):
        file = tmp_path / ("cat", "dog")[number % 2] / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)).save(file)
    return tmp_path


def workspace(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def choose(window: MainWindow, folder: Path) -> None:
    workspace(window).services.store.edit("data.source", {"kind": "folder", "folder": str(folder), "size": 8})


def press(window: MainWindow, name: str) -> None:
    button = workspace(window).run_bar.widgetForAction(workspace(window).actions[name])
    assert button is not None and button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def bar_text(window: MainWindow) -> str:
    return workspace(window).run_bar.findChild(QProgressBar).text()


def said(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisibleTo(window))


def test_train_shows_how_far_it_is_and_stop_ends_it(
    qtbot: QtBot, window: MainWindow, gate: Gate, pictures: Path
) -> None:
    choose(window, pictures)
    press(window, "train")
    services = workspace(window).services
    qtbot.waitUntil(lambda: "Reading pictures" in workspace(window).status.text, timeout=LONG)
    assert services.runner.state is State.STARTING
    qtbot.waitUntil(lambda: bar_text(window).endswith(" of 40 files"), timeout=LONG)
    press(window, "stop")
    qtbot.waitUntil(lambda: not services.session.is_active, timeout=LONG)
    assert services.session.history.ended is not None
    assert services.session.history.ended.message == "Stopped while the data was read."
    assert workspace(window).status.text.startswith("Stopped while the data was read.")
    gate.opened.set()
    press(window, "train")
    qtbot.waitUntil(lambda: services.session.history.steps.count > 0, timeout=LONG)
    press(window, "stop")
    qtbot.waitUntil(lambda: not services.session.is_active, timeout=LONG)


def test_the_panel_says_it_and_another_choice_ends_it(
    qtbot: QtBot, window: MainWindow, gate: Gate, pictures: Path
) -> None:
    previews = workspace(window).services.previews
    qtbot.waitUntil(lambda: previews.data is not None, timeout=LONG)
    workspace(window).panels.show_setting("data.source")
    told: list[str] = []
    previews.reading.connect(lambda _fraction, words: told.append(words))
    choose(window, pictures)
    qtbot.waitUntil(lambda: any("of 40" in words for words in told), timeout=LONG)
    qtbot.waitUntil(lambda: "Reading pictures" in said(window), timeout=LONG)
    workspace(window).services.store.edit("data.source", {"kind": "moons"})
    qtbot.waitUntil(lambda: previews.data is not None and previews.data.title == "Moons", timeout=LONG)
    assert gate.decoded < 40


def test_a_silent_drive_is_named_while_the_window_lives(
    qtbot: QtBot, window: MainWindow, gate: Gate, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EN10."""
    for module in (responsive_io, background_decoder):
        monkeypatch.setattr(module, "SILENCE", 0.3)
    choose(window, pictures)
    press(window, "train")
    status = workspace(window).status
    qtbot.waitUntil(lambda: "Is the drive connected?" in status.text, timeout=LONG)
    assert str(pictures) in status.text
    assert "no answer for" in status.text
    press(window, "stop")
    qtbot.waitUntil(lambda: not workspace(window).services.session.is_active, timeout=LONG)
