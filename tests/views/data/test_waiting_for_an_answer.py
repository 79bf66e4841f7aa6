"""While it is open how data is read, the window says what it waits for, and never that the data was checked."""

from __future__ import annotations

import shutil
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.views.data.drops import class_folders, drop, said, settled, source
from tests.views.helpers import parts, services
from workbench.bridge.data import understand_data
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import understand
from workbench.views.data.summary import DataSummaryView
from workbench.views.data.understanding_view import UnderstandingView
from workbench.views.widgets.basics import Words
from workbench.views.window.main_window import MainWindow


def asked_about(root: Path) -> Path:
    """Either level of folders may be the classes; one picture is there twice."""
    for zoom in ("10x", "40x"):
        class_folders(root / zoom, ("healthy", "sick"))
    return root


def choose(window: MainWindow, words: str) -> None:
    view = parts(window).panels.findChildren(UnderstandingView)[0]
    button = next(each for each in view.findChildren(QPushButton) if words in each.accessibleName())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_banner_status_and_panel_wait_for_the_answer(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    status = parts(window).status
    drop(window, asked_about(tmp_path / "cells"))
    qtbot.waitUntil(lambda: bool(services(window).store.asked), timeout=60_000)
    settled(qtbot, window)
    assert services(window).checking.report is not None and "was checked" not in said(window)
    assert "either level" in services(window).store.reason()
    assert status.text.startswith("Training waits for an answer in the Data panel") and "Ready" not in status.text
    assert "validation examples" not in status.text
    assert services(window).store.asked and services(window).store.asked in status.text
    line = parts(window).checks.line
    assert line.words.text() == "The data will be checked when it is chosen how it is read."
    parts(window).checks.check()
    dialog = parts(window).checks.check_dialog
    assert dialog is not None and "Nothing is checked" in dialog.head.text()
    dialog.close()

    choose(window, "one level below")
    qtbot.waitUntil(lambda: not services(window).store.asked, timeout=60_000)
    settled(qtbot, window)
    qtbot.waitUntil(lambda: status.text.startswith("Ready") or "cannot start" in status.text, timeout=60_000)
    assert "waits for an answer" not in status.text
    assert "The data was checked" in said(window)  # the pictures of both zooms are the same


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def test_a_question_is_answered_by_keys_alone(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    drop(window, asked_about(tmp_path / "cells"))
    qtbot.waitUntil(lambda: bool(services(window).store.asked), timeout=60_000)
    settled(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_F8)
    qtbot.waitUntil(parts(window).pages.refusal.offers[0].hasFocus)
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    for _ in range(2):  # the header, the pin
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused().accessibleName().startswith("Choose: ")
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not services(window).store.asked, timeout=60_000)
    settled(qtbot, window)
    assert parts(window).panels.findChildren(UnderstandingView)[0].isAncestorOf(focused())


def test_of_a_folder_that_is_gone_no_count_stays(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "pets")
    drop(window, root)
    settled(qtbot, window)
    view = parts(window).panels.findChildren(UnderstandingView)[0]
    assert "2 classes (cats: 6, dogs: 6)." in shown(view)
    shutil.rmtree(root)
    services(window).previews.refresh()
    settled(qtbot, window)
    asked = services(window).understanding  # it looks again a moment after the summary has failed
    qtbot.waitUntil(lambda: "cats: 6" not in shown(view) and not asked.is_busy, timeout=60_000)
    summary = parts(window).panels.findChildren(DataSummaryView)[0]
    assert "is gone" in shown(view) + shown(summary) or "no folder" in shown(view) + shown(summary)
    assert "10 training" not in shown(summary)


def shown(view: UnderstandingView | DataSummaryView) -> str:
    return "\n".join(words.text() for words in view.findChildren(Words) if words.isVisible())


def test_train_waits_while_data_is_opened_and_while_a_setting_of_it_is_read(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader is held back, as on a slow drive: what was chosen before must not be trained instead."""
    held = Event()
    recognised = DataStore.recognised

    def waits(*args: Any) -> Any:
        assert held.wait(60)
        return recognised(*args)

    def understands(*args: Any) -> Any:
        assert held.wait(60)
        return (yield from understand(*args))

    monkeypatch.setattr(DataStore, "recognised", waits)
    own, status, train = services(window), parts(window).status, parts(window).actions["train"]
    states: list[str] = []
    own.store.reason_changed.connect(states.append)
    drop(window, class_folders(tmp_path / "pets"))
    assert not train.isEnabled() and "“pets” is being read" in train.toolTip()
    assert status.text.startswith("“pets” is being read") and "examples" not in status.text
    own.session.train()
    assert not own.session.is_active
    held.set()
    settled(qtbot, window)
    assert source(window)[0] == "folder" and train.isEnabled()
    qtbot.waitUntil(lambda: status.text.startswith("Ready"), timeout=60_000)
    assert states[-1] == "" and "" not in states[:-1]  # at no moment before was Train possible

    held.clear()
    monkeypatch.setattr(understand_data, "understand", understands)
    own.store.edit("data.source.parts", "none")
    assert "“pets” is being read" in status.text and "Ready" not in status.text
    held.set()
    qtbot.waitUntil(lambda: status.text.startswith("Ready"), timeout=60_000)
