"""The transfer wizard on picture files: the size at which they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QWizard
from pytestqt.qtbot import QtBot

from tests.views.helpers import services
from tests.views.transfer.helpers import LONG, click, items, on_page, opened, press
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.views.transfer.wizard import TransferWizard
from workbench.views.window.main_window import MainWindow


def wizard_on_files(qtbot: QtBot, window: MainWindow, folder: Path, side: int, size: int = 4) -> TransferWizard:
    """The page of the head, for files of ``side`` pixels that the settings read at ``size``; the letters take 8."""
    for name in ("cat", "dog"):
        for number in range(6):
            file = folder / name / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((side, side), 30 * number + len(name), np.uint8)).save(file)
    services(window).store.edit("data.source", PictureFolder(folder=str(folder), size=size))
    wizard = opened(qtbot, window)
    press(wizard, QWizard.WizardButton.NextButton)
    on_page(qtbot, wizard, 1)
    press(wizard, QWizard.WizardButton.NextButton)
    on_page(qtbot, wizard, 2)
    return wizard


def test_picture_files_are_read_as_large_as_the_network_takes_them(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    wizard, store = wizard_on_files(qtbot, window, tmp_path / "data", 64), services(window).store
    button = wizard.head.larger_button
    wanted = wizard.draft.larger_pictures
    assert wanted == 8 and str(wanted) in button.text()
    said = items(wizard.head.checks)[0].text(3)
    assert "The settings read the files at 4×4, and most have about 64 pixels: let them be read larger." in said
    click(button)
    qtbot.waitUntil(lambda: items(wizard.head.checks)[0].text(3) == "Unchanged.", timeout=LONG)
    assert not button.isVisible() and store.spec.data.source.size == 4
    assert wizard.draft.changes()["data"].source.size == wanted


def test_files_that_are_smaller_than_the_network_takes_are_said_to_be_enlarged(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """Files of 6 pixels: reading them at 8 keeps their detail, and enlarges them."""
    wizard = wizard_on_files(qtbot, window, tmp_path / "data", 6)
    checks, button = wizard.head.checks, wizard.head.larger_button
    assert "most have about 6 pixels: read larger they keep their detail, but are still" in items(checks)[0].text(3)
    click(button)
    enlarged = "Unchanged. Most files have about 6 pixels and are enlarged."
    qtbot.waitUntil(lambda: items(checks)[0].text(3) == enlarged, timeout=LONG)


def test_files_with_no_more_pixels_than_are_read_are_not_offered_larger(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    wizard = wizard_on_files(qtbot, window, tmp_path / "data", 4)
    assert wizard.draft.larger_pictures is None and not wizard.head.larger_button.isVisible()
    assert items(wizard.head.checks)[0].text(3) == "Enlarged 2 times."
