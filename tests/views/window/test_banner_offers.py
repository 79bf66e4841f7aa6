"""Every button of the banner does what it says, also if a setting was changed after it appeared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.views.data.drops import class_folders, drop
from tests.views.helpers import parts, press, services
from workbench.engine.core.events import Notice, RunEnded
from workbench.engine.report.suggestions import Suggestion
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.main_window import MainWindow

Starts = list[ExperimentSpec]
Say = Callable[[MainWindow], object]
Effect = Callable[[MainWindow, Starts], bool]


@pytest.fixture
def starts(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Starts:
    """The settings of every run that is asked for; none is started."""
    asked: Starts = []
    store, runner = services(window).store, services(window).runner
    monkeypatch.setattr(type(runner), "start", lambda *_, **__: bool(asked.append(store.spec)))
    return asked


def failed(code: str = "", path: str = "", **more: str) -> Say:
    ended = RunEnded("failed", 9, 0, 1.0, "It failed.", path, code=code, **more)

    def say(window: MainWindow) -> None:
        services(window).session.trained = services(window).store.spec
        services(window).runner.finished.emit(ended)

    return say


def diverged(window: MainWindow) -> None:
    parts(window).messages.show_notice(Notice(9, "diverged", "The loss is NaN.", "error"))


def suggested(window: MainWindow) -> None:
    parts(window).messages.follow(Suggestion("loop.epochs", 80, "train 80 epochs"))


def suggested_in_a_run(window: MainWindow) -> None:
    store = services(window).store
    store.set_running(store.spec)
    parts(window).messages.follow(Suggestion("loop.batch_size", 32, "batch size 32"))


def chosen_for_the_panel(window: MainWindow) -> bool:
    return parts(window).panels.panel("data").is_open


TABLE: list[tuple[Say, str, Effect]] = [
    (diverged, "Restart with learning rate 0.005", lambda _, starts: starts[-1].optimizer.lr == 0.005),
    (failed("diverged"), "Restart with learning rate 0.005", lambda _, starts: starts[-1].optimizer.lr == 0.005),
    (
        failed("out_of_memory", "loop.accumulate"),
        "Train again with batch 32 × 2",
        lambda _, starts: (starts[-1].loop.batch_size, starts[-1].loop.accumulate) == (64, 2),
    ),
    (suggested, "Undo", lambda window, starts: services(window).store.spec.loop.epochs == 15 and not starts),
    (suggested_in_a_run, "Restart with this", lambda _, starts: starts[-1].loop.batch_size == 32),
    (failed(path="data.source"), "Choose other data", lambda window, starts: chosen_for_the_panel(window)),
    (
        failed(details="Traceback"),
        "Copy details",
        lambda *_: QGuiApplication.clipboard().text() == "It failed.\n\nTraceback",
    ),
]


@pytest.mark.parametrize(("say", "words", "effect"), TABLE, ids=[words for _, words, _ in TABLE])
def test_its_words_are_its_effect(window: MainWindow, starts: Starts, say: Say, words: str, effect: Effect) -> None:
    store = services(window).store
    say(window)
    store.edit("optimizer.lr", 0.3)
    if store.spec.loop.batch_size == 64:
        store.edit("loop.batch_size", 16)
    (button,) = [each for each in parts(window).pages.banner.offers if each.text() == words]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert effect(window, starts)
    store.set_running(None)


def test_a_way_out_of_unreadable_files_is_set_and_then_trained_with(
    qtbot: QtBot, window: MainWindow, starts: Starts, tmp_path: Path
) -> None:
    drop(window, class_folders(tmp_path / "pets"))
    store, banner = services(window).store, parts(window).pages.banner
    qtbot.waitUntil(lambda: store.spec.data.source.kind == "folder", timeout=20_000)
    failed(path="data.source.skip_unreadable")(window)
    assert [each.text() for each in banner.offers] == ["Leave unreadable files out", "Check the data…"]
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    assert store.spec.at("data.source.skip_unreadable") is True and not starts
    assert banner.message == "Set: leave unreadable files out."
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    assert starts[-1].at("data.source.skip_unreadable") is True
    failed(path="data.source")(window)
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    dialog = parts(window).checks.check_dialog
    assert dialog is not None and dialog.isVisible()
    dialog.close()


def test_a_run_that_is_not_kept_asks_for_a_folder(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda _, title: asked.append(title) or "")
    failed(not_kept="The disk is full.")(window)
    QTest.mouseClick(parts(window).pages.banner.offers[0], Qt.MouseButton.LeftButton)
    assert asked == ["Keep the run in another folder"]


def test_stop_in_the_banner_of_a_diverged_run_stops_it(qtbot: QtBot, window: MainWindow) -> None:
    services(window).store.edit("optimizer.lr", 1e6)
    session, banner = services(window).session, parts(window).pages.banner
    press(window, "train")
    qtbot.waitUntil(lambda: [each.text() for each in banner.offers][-1:] == ["Stop"], timeout=60_000)
    QTest.mouseClick(banner.offers[-1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not session.is_active and session.history.ended is not None, timeout=60_000)


def test_where_the_folder_is_gone_other_data_can_be_chosen(window: MainWindow, tmp_path: Path) -> None:
    services(window).store.edit("data.source", {"kind": "folder", "folder": str(tmp_path / "gone")})
    failed(path="data.source.folder")(window)
    buttons = {each.text(): each for each in parts(window).pages.banner.offers}
    assert list(buttons) == ["Check the data…", "Choose other data"]
    QTest.mouseClick(buttons["Choose other data"], Qt.MouseButton.LeftButton)
    assert parts(window).panels.panel("data").is_open


def test_what_was_set_is_said_with_its_old_value(window: MainWindow) -> None:
    before = services(window).store.spec.loop.epochs
    suggested(window)
    assert parts(window).pages.banner.message == f"Set: Epochs {before} → 80."
