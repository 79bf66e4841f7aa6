"""An opened run's settings are shown as the form calls them, and its file can be copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, make_run
from workbench.engine.core.events import Edited
from workbench.engine.shelf.read_record import read_record
from workbench.views.runs.settings_view import SettingsView, _items
from workbench.views.widgets.theme import theme


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    spec = SPEC.edited("optimizer.lr", 0.02).edited("augmentations", [{"kind": "rotation", "degrees": 12.0}])
    return make_run(tmp_path, spec=spec, changes=[Edited(4, "optimizer.lr", 0.02, 0.002)])


@pytest.fixture
def view(qtbot: QtBot, folder: Path) -> SettingsView:
    view, record = SettingsView(), read_record(folder)
    qtbot.addWidget(view)
    assert record is not None
    view.show_run(record)
    view.resize(360, 500)
    view.show()
    return view


def rows(view: SettingsView) -> dict[str, str]:
    """Value by label of the rows that are shown, where a label has been first."""
    items = [item for item in _items(view.table.invisibleRootItem()) if not _is_hidden(item)]
    return {item.text(0): item.text(1) for item in reversed(items)}


def _is_hidden(item: QTreeWidgetItem) -> bool:
    return item.isHidden() or (item.parent() is not None and _is_hidden(item.parent()))


def test_settings_are_said_as_the_form_does_with_units_and_defaults(view: SettingsView) -> None:
    found = rows(view)
    assert found["Learning rate"] == "0.02 (default 0.05)" and found["Model"] == "Small CNN"
    assert found["Largest angle"] == "12 degrees (default 15 degrees)" and found["Batch norm on the input"] == "off"
    assert found["Learning rate at step 4"] == "0.02 → 0.002"
    bold = [item.text(0) for item in _items(view.table.invisibleRootItem()) if item.font(1).bold()]
    assert bold == ["Augmentation", "Largest angle", "Learning rate", "Epochs"]
    assert view.trouble.isHidden()


def test_only_what_differs_with_the_titles_above_it(view: SettingsView) -> None:
    QTest.mouseClick(view.only, Qt.MouseButton.LeftButton, pos=view.only.rect().center() / 4)
    assert list(rows(view))[::-1] == [
        *("Augmentation", "Rotation", "Largest angle", "Optimizer", "Learning rate", "Run", "Epochs"),
        *("Changed while it trained", "Learning rate at step 4"),
    ]
    view.only.click()
    assert "Model" in rows(view)


def test_the_file_is_copied_as_it_is(view: SettingsView, folder: Path) -> None:
    QTest.mouseClick(view.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == (folder / "spec.toml").read_text("utf-8")


def test_settings_of_a_newer_program_and_a_file_that_is_gone_are_said(view: SettingsView, folder: Path) -> None:
    text = (folder / "events.jsonl").read_text("utf-8").replace('"small_cnn"', '"quantum"', 1)
    (folder / "events.jsonl").write_text(text, encoding="utf-8")
    (folder / "spec.toml").unlink()
    record = read_record(folder)
    assert record is not None
    view.show_run(record)
    assert view.trouble.isVisible() and "cannot be read" in view.trouble.text()
    assert not view.copy.isEnabled() and not view.table.topLevelItemCount()


@pytest.mark.parametrize("large", [False, True])
def test_both_columns_are_seen_in_a_narrow_view(qtbot: QtBot, view: SettingsView, large: bool) -> None:
    theme().set_large(large)
    try:
        view.resize(380, 400)
        qtbot.waitUntil(lambda: view.table.columnWidth(1) > 0.3 * view.width(), timeout=5_000)
        assert not view.table.horizontalScrollBar().maximum()
    finally:
        theme().set_large(False)
