"""No room, no memory, no home, a folder that is gone, an error in a slot: said in the window, with a way out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener
from tests.views.helpers import finished, parts, press, services
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import RunEnded
from workbench.views.window.main_window import MainWindow


def test_an_error_in_a_slot_is_one_banner_and_the_program_goes_on(
    qtbot: QtBot, window: MainWindow, workbench_home: Path
) -> None:
    """QT06."""
    try:
        raise ValueError("the lamp is broken")
    except ValueError as error:
        for _ in range(20):
            services(window).crash.report(error)
    qtbot.waitUntil(lambda: bool(parts(window).pages.banner.message), timeout=10_000)
    assert "the lamp is broken" in parts(window).pages.banner.message
    assert "Traceback" not in parts(window).pages.banner.message
    log = workbench_home / "workbench.log"
    assert "the lamp is broken" in log.read_text()
    log.write_text("")  # this error was wanted
    services(window).store.edit("loop.epochs", 1)
    press(window, "train")
    assert finished(qtbot, window).reason == "completed"


def test_a_save_without_room_is_said(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from workbench.engine.core import atomic_write

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_write.os, "fsync", full)
    parts(window).files.save_file(tmp_path / "x.toml")
    assert "The disk is full" in parts(window).pages.banner.message
    monkeypatch.undo()


def test_train_is_refused_beside_the_button_where_no_run_can_be_kept(qtbot: QtBot, window: MainWindow) -> None:
    """CK04: the runs folder is a file. The reason is shown and goes by itself; a run that loses its folder is offered
    another place, and the place that is chosen takes it."""
    runs_folder().parent.mkdir(parents=True, exist_ok=True)
    runs_folder().write_text("in the way")
    services(window).session._asking.setInterval(50)
    press(window, "train")
    assert not parts(window).actions["train"].isEnabled()
    assert "Runs cannot be kept in" in parts(window).pages.refusal.message
    runs_folder().unlink()
    qtbot.waitUntil(parts(window).actions["train"].isEnabled, timeout=20_000)
    assert not parts(window).pages.refusal.message
    services(window).store.edit("loop.epochs", 1)
    press(window, "train")
    assert finished(qtbot, window).reason == "completed"
    assert not parts(window).pages.banner.message


def test_a_run_that_lost_its_folder_is_kept_in_the_folder_that_is_chosen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CK22 in the window: the first choice is refused, the second takes it."""
    services(window).store.edit("loop.epochs", 1)
    services(window).session.updated.connect(lambda events: shutil.rmtree(runs_folder(), ignore_errors=True))
    press(window, "train")
    assert finished(qtbot, window).not_kept
    (tmp_path / "file").touch()
    banner = parts(window).pages.banner
    for chosen, said in (("file", "It is still in memory"), ("", "not kept yet"), ("other", "The run is kept in")):
        folder = str(tmp_path / chosen) if chosen else ""
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, folder=folder: folder)
        assert [button.text() for button in banner.offers] == ["Keep it in another folder…"]
        QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda said=said: said in banner.message, timeout=60_000)
    (kept,) = (tmp_path / "other").iterdir()
    assert (kept / "best.safetensors").exists() and str(kept) in banner.message


def test_out_of_memory_offers_the_batch_in_parts(qtbot: QtBot, window: MainWindow) -> None:
    """TR09: what the button says is what the settings have then; a restart of a diverged run is another button."""
    messages = parts(window).messages
    ended = RunEnded("failed", 9, 0, 1.0, "Out of memory at step 10.", "loop.accumulate", code="out_of_memory")
    messages.show_end(ended)
    banner = parts(window).pages.banner
    assert [button.text() for button in banner.offers] == ["Train again with batch 32 × 2"]
    services(window).store.edit("loop.epochs", 1)
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    assert services(window).store.spec.loop.accumulate == 2
    assert finished(qtbot, window).reason == "completed"
    messages.show_end(RunEnded("failed", 9, 0, 1.0, "Training diverged.", code="diverged"))
    assert [button.text().partition(" 0.")[0] for button in banner.offers] == ["Restart with learning rate"]
    qtbot.waitUntil(lambda: len(banner.offers) == 2, timeout=60_000)  # its log is read in the background
    back, restart = (button.text() for button in banner.offers)
    assert back.startswith("Back to step") and restart.startswith("Restart with learning rate")
    messages.show_end(RunEnded("failed", 9, 0, 1.0, "An error.", details="Traceback"))
    assert [button.text() for button in banner.offers] == ["Copy details"]


def test_a_home_that_cannot_be_written_is_said(
    open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "file" / "home"))
    window = open_window()
    assert "Nothing can be saved in" in parts(window).pages.banner.message
