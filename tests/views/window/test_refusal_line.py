"""The reason why Train is refused, beside the button, with buttons that mend it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.datasets.points import Spirals
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.panels import PanelColumn
from workbench.views.window.refusal_line import RefusalLine


def button(line: RefusalLine, text: str) -> QPushButton:
    (found,) = (each for each in line.offers if each.text() == text)
    return found


def test_the_reason_is_shown_and_mended_by_its_button(qtbot: QtBot) -> None:
    store = SpecStore(ExperimentSpec(model=SmallCNN()))
    line = RefusalLine(store)
    qtbot.addWidget(line)
    assert line.isHidden() and line.message == ""
    store.edit("data.source", Spirals())
    assert not line.isHidden() and "needs pictures" in line.message and "Model" in line.message
    QTest.mouseClick(button(line, "Choose the MLP"), Qt.MouseButton.LeftButton)
    assert line.isHidden() and store.reason() == "" and store.spec.model.kind == "mlp"
    store.undo()
    assert not line.isHidden() and store.spec.model.kind == "small_cnn"


def test_wrong_text_in_a_closed_panel_is_named_and_taken_back(qtbot: QtBot) -> None:
    store = SpecStore()
    rate = store.spec.optimizer.lr
    panels, line = PanelColumn(store, first="data"), RefusalLine(store)
    qtbot.addWidget(panels)
    qtbot.addWidget(line)
    line.setting_wanted.connect(panels.show_setting)
    store.set_input_error("optimizer.lr", "must be a number")
    store.set_input_error("loop.epochs", "must be at least 1")
    assert "Learning rate: must be a number (1 more)" in line.message and "Epochs" in line._words.toolTip()
    assert panels.panel("optimizer").header.is_wrong
    QTest.mouseClick(button(line, "Show the setting"), Qt.MouseButton.LeftButton)
    assert panels.panel("optimizer").is_open
    QTest.mouseClick(line.offers[0], Qt.MouseButton.LeftButton)
    assert "Epochs: must be at least 1" in line.message and store.spec.optimizer.lr == rate
    QTest.mouseClick(line.offers[0], Qt.MouseButton.LeftButton)
    assert line.isHidden() and store.input_errors == {}


def test_more_ways_out_than_there_is_room_for_are_left_to_the_panel(qtbot: QtBot) -> None:
    store = SpecStore()
    line = RefusalLine(store)
    qtbot.addWidget(line)
    ways = tuple(Mend(f"Way {number}", "loop.seed", number) for number in (1, 2, 3))
    for offered, texts in ((ways, ["Choose…"]), (ways[:2], ["Way 1", "Way 2", "Show the setting"])):
        store.set_doubts((Problem("data", "Which is it?", mends=offered),))
        assert [each.text() for each in line.offers] == texts
    store.set_doubts((Problem("data", "Which is it?", mends=(Mend("A label too long for the line", "loop.seed", 1),)),))
    assert [each.text() for each in line.offers] == ["Choose…"]
