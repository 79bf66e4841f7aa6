"""Comparing with training from scratch in the real window: one click, curves, a table, stop, and refusals."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from tests.views.helpers import long_run, parts, services, wait_for_steps
from workbench.bridge.runner import State
from workbench.bridge.transfer import comparison
from workbench.bridge.transfer.comparison import ComparisonStage
from workbench.engine.catalog.freezing.line import FrozenBelow
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.experiments.transfer_comparison import compare
from workbench.views.transfer.comparison_dialog import ComparisonDialog, numbers
from workbench.views.window.main_window import MainWindow

FITS = QComboBox.SizeAdjustPolicy.AdjustToContents
LONG = 60_000


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "compare", partial(compare, epochs=3))


def opened(qtbot: QtBot, window: MainWindow) -> ComparisonDialog:
    store = services(window).store
    store.edit_all({"model": Transfer(freezing=FrozenBelow(line=1)), "preprocessing": {"kind": "none"}})
    parts(window).actions["compare"].trigger()
    dialog = parts(window).transfer.comparison_dialog
    assert dialog is not None and dialog.isVisible()
    qtbot.waitUntil(lambda: services(window).tasks.current is None, timeout=LONG)
    return dialog


def click(button: Any) -> None:
    assert button.isEnabled(), button.toolTip()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_shots(dialog: ComparisonDialog, text: str) -> None:
    dialog.shots.setFocus()
    dialog.shots.selectAll()
    QTest.keyClicks(dialog.shots, text)


def table(dialog: ComparisonDialog) -> list[list[str]]:
    rows = [dialog.table.topLevelItem(i) for i in range(dialog.table.topLevelItemCount())]
    return [[row.text(c) for c in range(dialog.table.columnCount())] for row in rows if row is not None]


def test_one_click_compares_and_shows_a_table_with_its_spread(qtbot: QtBot, window: MainWindow) -> None:
    dialog, tester = opened(qtbot, window), parts(window).transfer.tester
    assert "Press Start" in dialog.words.text()
    type_shots(dialog, "5; 10")
    history = services(window).session.history
    click(dialog.start_button)
    assert services(window).session.is_active and not parts(window).actions["train"].isEnabled()
    qtbot.waitUntil(lambda: tester.stage is ComparisonStage.DONE, timeout=LONG)
    assert tester.notes == []
    rows = table(dialog)
    assert [row[0] for row in rows] == ["From scratch", "Random, frozen", "Head only", "As chosen"]
    assert all(" ± " in cell and cell.endswith(" %") for row in rows for cell in row[1:]) and len(rows[0]) == 3
    wanted = {(r.arm, r.shots): r for r in tester.rows}
    first = wanted["scratch", 5]
    assert first.mean is not None and first.spread is not None
    assert rows[0][1] == f"{100 * first.mean:.1f} ± {100 * first.spread:.1f} %"
    assert "5 per class: " in dialog.words.text() and "10 per class: " in dialog.words.text()
    assert "points" in dialog.words.text() and "scratch" in dialog.words.text()
    assert not dialog.table.horizontalScrollBar().isVisible()
    needed = dialog.which.minimumSizeHint().width()
    assert dialog.which.width() >= needed and dialog.which.sizeAdjustPolicy() is FITS
    assert len(dialog.plot.labels) == 4 and any(label.startswith("Head only ") for label in dialog.plot.labels)
    assert [dialog.which.itemText(i) for i in range(dialog.which.count())] == [
        "5 examples per class",
        "10 examples per class",
    ]
    # Nothing of it is a run of the form.
    assert services(window).session.history is history and history.ended is None
    assert services(window).store.running_spec is None and parts(window).actions["train"].isEnabled()
    dialog.close()


def test_stop_keeps_what_was_measured(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "compare", partial(compare, epochs=5_000))
    dialog, tester = opened(qtbot, window), parts(window).transfer.tester
    click(dialog.start_button)
    qtbot.waitUntil(lambda: len(tester.points) >= 4, timeout=LONG)
    assert "left" in dialog.words.text() or "so far" in dialog.words.text()
    click(dialog.stop_button)
    qtbot.waitUntil(lambda: tester.stage is ComparisonStage.CANCELLED, timeout=LONG)
    assert "The values measured so far are shown" in dialog.words.text() and len(tester.points) >= 4
    assert dialog.start_button.isEnabled() and not services(window).session.is_active
    dialog.close()


def test_the_window_s_own_stop_ends_it_too(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "compare", partial(compare, epochs=5_000))
    dialog, tester = opened(qtbot, window), parts(window).transfer.tester
    click(dialog.start_button)
    qtbot.waitUntil(lambda: services(window).runner.state is State.RUNNING, timeout=LONG)
    qtbot.waitUntil(lambda: bool(tester.points), timeout=LONG)
    parts(window).actions["stop"].trigger()
    qtbot.waitUntil(lambda: tester.stage is ComparisonStage.CANCELLED, timeout=LONG)
    dialog.close()


def test_what_cannot_be_compared_is_said(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "compare", partial(compare, epochs=1))  # on all there is, because 1000 are too many
    services(window).store.edit("data.examples_per_class", 20)
    parts(window).actions["compare"].trigger()
    dialog = parts(window).transfer.comparison_dialog
    assert dialog is not None
    assert "Choose a trained network first" in dialog.words.text() and not dialog.start_button.isEnabled()
    opened(qtbot, window)
    assert dialog.start_button.isEnabled()
    type_shots(dialog, "five")
    click(dialog.start_button)
    assert "whole numbers" in dialog._wrong.text() and not services(window).session.is_active
    type_shots(dialog, "1000")
    long_run(window)
    wait_for_steps(qtbot, window)
    assert not dialog.start_button.isEnabled() and "Stop it first" in dialog.start_button.toolTip()
    parts(window).actions["stop"].trigger()
    qtbot.waitUntil(lambda: not services(window).session.is_active, timeout=LONG)
    click(dialog.start_button)
    tester = parts(window).transfer.tester
    qtbot.waitUntil(lambda: tester.stage is ComparisonStage.DONE, timeout=LONG)
    assert "No class has 1000 training examples" in dialog.notes.text()
    dialog.close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("5, 20, 80", (5, 20, 80)), ("5;5 20", (5, 20)), ("", ()), ("0", ()), ("-3", ()), ("1.5", ()), ("9" * 40, ())],
)
def test_numbers_are_read_in_any_writing(text: str, wanted: tuple[int, ...]) -> None:
    assert numbers(text) == wanted
