"""Data of the user's own, and drops of it on the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QCoreApplication, QMimeData, QPoint
from pytestqt.qtbot import QtBot

from tests.views.dragging import dropping, entering, files, moving
from tests.views.helpers import parts, services
from workbench.views.window.main_window import MainWindow


def picture(file: Path, seed: int = 0) -> Path:
    """A small picture that is unlike all others."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.Generator(np.random.PCG64(seed)).integers(0, 255, (12, 10, 3), np.uint8)
    Image.fromarray(pixels).save(file)
    return file


def class_folders(root: Path, classes: Sequence[str] = ("cats", "dogs"), each: int = 6) -> Path:
    for index, name in enumerate(classes):
        for number in range(each):
            picture(root / name / f"{number}.png", seed=100 * index + number)
    return root


def drag(window: MainWindow, data: QMimeData, place: QPoint) -> bool:
    """The system says that something is dragged over the window; whether it may be dropped there."""
    QCoreApplication.sendEvent(window.windowHandle(), entering(place, data))
    move = moving(place, data)
    QCoreApplication.sendEvent(window.windowHandle(), move)
    return move.isAccepted()


def drop(window: MainWindow, *paths: Path, place: QPoint | None = None) -> None:
    """Drag files over the window and let go, as the system tells it."""
    place = place or window.rect().center()
    data = files(paths)
    assert drag(window, data, place)
    QCoreApplication.sendEvent(window.windowHandle(), dropping(place, data))


def settled(qtbot: QtBot, window: MainWindow) -> None:
    """Everything asked for in the background has been answered, and no edits are being gathered."""
    own = services(window)

    def is_quiet() -> bool:
        timers = (own.checking._gather, own.browsing._gather, own.previews._gather)
        workers = (own.inspecting, own.tasks, own.thumbnails)
        return all(each.current is None for each in workers) and not any(timer.isActive() for timer in timers)

    for _ in range(3):
        qtbot.waitUntil(is_quiet, timeout=60_000)
        qtbot.wait(20)


def said(window: MainWindow) -> str:
    return parts(window).pages.banner.message


def source(window: MainWindow) -> tuple[str, object]:
    found = services(window).store.spec.data.source
    return found.kind, found
