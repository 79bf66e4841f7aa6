"""What was opened lately, and what leaves with the data it was said of."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.datasets.points import Spirals
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.main_window import MainWindow
from workbench.views.window.recent import KEPT, Recent


def test_the_newest_comes_first_and_once_and_what_is_gone_leaves_the_list(qtbot: QtBot, tmp_path: Path) -> None:
    recent, wanted = Recent(), []
    recent.wanted.connect(wanted.append)
    assert not recent.menu.isEnabled()
    for number in range(KEPT + 2):
        (tmp_path / str(number)).mkdir()
        recent.add(tmp_path / str(number))
    recent.add(tmp_path / "5")
    assert [path.name for path in recent.paths] == ["5", "9", "8", "7", "6", "4", "3", "2"]

    later = Recent()
    later.recall(recent.words())
    assert later.paths == recent.paths and later.menu.isEnabled()
    later.wanted.connect(wanted.append)
    later.menu.aboutToShow.emit()
    actions = later.menu.actions()
    assert actions[0].text().endswith("5") and actions[0].toolTip() == str(tmp_path / "5")
    actions[1].trigger()
    (tmp_path / "8").rmdir()
    actions[2].trigger()
    assert wanted == [(tmp_path / "9",), (tmp_path / "8",)]  # opening it says that it is gone
    assert tmp_path / "8" not in later.paths
    actions[-1].trigger()
    assert later.paths == [] and not later.menu.isEnabled() and set(later.words().values()) == {""}


def test_names_that_are_there_twice_are_told_apart(qtbot: QtBot, tmp_path: Path) -> None:
    recent = Recent()
    recent.recall({"0": str(tmp_path / "a" / "train"), "1": str(tmp_path / "b" / "train"), "2": str(tmp_path / "c")})
    recent.menu.aboutToShow.emit()
    texts = [action.text() for action in recent.menu.actions()]
    assert str(tmp_path / "a") in texts[0] and str(tmp_path / "b") in texts[1] and texts[2].endswith("c")


def test_words_of_a_preset_leave_with_its_data_unless_the_user_wrote_them() -> None:
    preset = ExperimentSpec(title="A preset", note="Look at the gap.")
    store = SpecStore()
    store.load(preset)
    store.edit("optimizer.lr", 0.2)
    assert store.spec.note
    store.edit("data.source", Spirals())
    assert (store.spec.title, store.spec.note) == ("", "")
    store.undo()
    assert (store.spec.title, store.spec.note) == ("A preset", "Look at the gap.")
    store.edit("note", "Mine.")
    store.edit("data.source", Spirals())
    assert (store.spec.title, store.spec.note) == ("A preset", "Mine.")


def test_no_letter_of_the_window_is_there_twice(window: MainWindow) -> None:
    """Alt and a letter would only move the focus between the two."""
    texts = [each.text() for each in window.findChildren(QAbstractButton) if each.isVisible()]
    texts += [each.text() for each in window.findChildren(QLabel) if each.isVisible() and each.buddy()]
    texts += [action.text() for action in window.menuBar().actions()]
    letters = [text[text.index("&") + 1].lower() for text in (t.replace("&&", "") for t in texts) if "&" in text]
    assert len(letters) > 10
    assert sorted(letters) == sorted(set(letters))
