"""Sanity checks in the real window: start, watch the results come, change a setting, stop."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from tests.views.helpers import long_run, parts, press, services, wait_for_steps
from workbench.engine.experiments.sanity import checks
from workbench.engine.experiments.sanity.questions import QUESTIONS
from workbench.views.insight.sanity_dialog import SanityDialog
from workbench.views.window.main_window import MainWindow


def opened(window: MainWindow) -> SanityDialog:
    parts(window).actions["sanity"].trigger()
    dialog = parts(window).commands.sanity_dialog
    assert dialog is not None
    return dialog


def click(button: QPushButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(dialog: SanityDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog))


def area(dialog: SanityDialog) -> QScrollArea:
    found = dialog.findChild(QScrollArea)
    assert found is not None
    return found


def fill(dialog: SanityDialog) -> float:
    """Which share of the room for the checks they take."""
    return (dialog.cards[-1].geometry().bottom() + 1) / area(dialog).viewport().height()


def test_results_come_one_by_one_and_belong_to_their_settings(qtbot: QtBot, window: MainWindow) -> None:
    dialog, store = opened(window), services(window).store
    store.edit("data.source", {"kind": "blobs"})
    store.edit("model", {"kind": "mlp", "hidden": [16]})
    store.edit("optimizer.lr", 1e-7)
    before = store.spec
    assert "Press Start" in words(dialog) and all(each.asks in words(dialog) for each in QUESTIONS)
    assert not area(dialog).verticalScrollBar().maximum() and fill(dialog) > 0.6
    click(dialog.start_button)
    qtbot.waitUntil(lambda: all(card.result for card in dialog.cards), timeout=60_000)
    qtbot.waitUntil(lambda: not services(window).sanity.is_running, timeout=60_000)
    qtbot.waitUntil(lambda: "Passed: Time" in words(dialog), timeout=60_000)
    assert "1 check failed: Overfits 20 examples." in words(dialog)
    assert "Failed: Overfits 20 examples" in words(dialog) and "Passed: Loss at the start" in words(dialog)
    advice = next(card.result.advice for card in dialog.cards if card.result and card.result.outcome == "fail")
    assert advice in words(dialog)
    qtbot.waitUntil(lambda: not area(dialog).verticalScrollBar().maximum() and fill(dialog) > 0.8, timeout=5_000)
    assert store.spec == before and not services(window).session.is_active
    store.edit("optimizer.lr", 0.05)
    assert "These results are of other settings than now." in words(dialog)
    click(dialog.start_button)
    qtbot.waitUntil(lambda: "Nothing speaks against a long run." in words(dialog), timeout=60_000)
    dialog.close()


def test_stop_keeps_what_was_found(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SECONDS", math.inf)
    dialog, store = opened(window), services(window).store
    store.edit("data.source", {"kind": "blobs"})
    store.edit("model", {"kind": "mlp", "hidden": [16]})
    store.edit("optimizer.lr", 1e-7)
    monkeypatch.setattr("workbench.engine.experiments.sanity.few_examples.STEPS", 10**9)
    click(dialog.start_button)
    qtbot.waitUntil(lambda: sum(card.result is not None for card in dialog.cards) == 2, timeout=60_000)
    click(dialog.cancel_button)
    qtbot.waitUntil(lambda: "Stopped." in words(dialog), timeout=60_000)
    qtbot.waitUntil(lambda: "Passed: Memory" in words(dialog), timeout=60_000)
    dialog.close()


def test_no_checks_while_a_run_is_under_way(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    dialog = opened(window)
    assert not dialog.start_button.isEnabled() and "stop it first" in words(dialog)
    press(window, "stop")
    qtbot.waitUntil(lambda: dialog.start_button.isEnabled(), timeout=60_000)
    dialog.close()
