"""The column of panels: closed headers that speak, one open at a time, and keys for everything."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.augmentations.flip import HorizontalFlip
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.regularizers.penalties import L1, L2
from workbench.engine.catalog.schedules.decays import StepDecay
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors.number import NumberEditor
from workbench.views.form.panels import MENU_LETTERS, PanelColumn, choice_words
from workbench.views.widgets.theme import theme


@pytest.fixture
def store(qapp: QApplication) -> SpecStore:
    return SpecStore()


@pytest.fixture
def column(qtbot: QtBot, store: SpecStore) -> PanelColumn:
    made = PanelColumn(store)
    qtbot.addWidget(made)
    made.resize(330, 620)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def opened(column: PanelColumn) -> list[str]:
    return [name for name, panel in column.panels.items() if panel.is_open]


def test_there_is_a_panel_for_every_part_of_the_experiment(column: PanelColumn) -> None:
    parts = ["data", "preprocessing", "augmentations", "model", "optimizer", "schedule", "regularization", "loop"]
    assert [name for name in column.panels if name in parts] == parts
    assert set(column.panels) == set(ExperimentSpec.model_fields) - {"title", "note"}


def test_a_closed_header_says_the_choice(column: PanelColumn, store: SpecStore) -> None:
    store.edit("schedule", StepDecay())
    store.edit("regularization", (L2(),))
    said = {name: panel.header.summary for name, panel in column.panels.items()}
    assert said["optimizer"] == "Optimizer — Momentum 0.05"
    assert said["schedule"] == "Schedule — Step ×0.1 every 10"
    assert said["regularization"] == "Regularization — L2 0.0001"
    assert said["augmentations"] == "Augmentation — none"
    assert said["data"] == "Data — Digits"
    assert said["loop"].startswith("Run — epochs 15")
    store.edit("optimizer.lr", 0.3)
    assert column.panel("optimizer").header.summary == "Optimizer — Momentum 0.3"


def test_a_long_choice_has_a_short_form() -> None:
    assert choice_words((L1(), L2(), Dropout())) == ("L1 1e-5, L2 0.0001, Dropout 0.5", "3 on")
    assert choice_words((HorizontalFlip(), HorizontalFlip()))[1] == "2 on"


def test_one_is_open_at_a_time_or_pinned(column: PanelColumn) -> None:
    assert opened(column) == ["optimizer"]
    column.panel("model").header.click()
    assert opened(column) == ["model"]
    column.panel("model").pin.click()
    column.panel("loop").header.click()
    assert opened(column) == ["model", "loop"]
    column.panel("loop").header.click()
    assert opened(column) == ["model"]
    column.panel("model").header.click()
    assert opened(column) == []
    assert not column.panel("model").is_pinned


def test_a_header_wears_a_sign_while_something_in_it_is_wrong(column: PanelColumn, store: SpecStore) -> None:
    header = column.panel("optimizer").header
    store.set_input_error("optimizer.lr", "must be a number")
    assert header.is_wrong
    assert "must be a number" in header.accessibleName()
    store.edit("optimizer.lr", 0.2)
    assert not header.is_wrong
    store.edit("model.channels", ())  # a problem of the spec, in a panel that was never opened
    assert column.panel("model").header.is_wrong


def test_everything_opens_with_keys(column: PanelColumn, qtbot: QtBot) -> None:
    letters = [panel.header.text().partition("&")[2][:1].lower() for panel in column.panels.values()]
    assert all(letters)
    assert len({*letters, *MENU_LETTERS}) == len(letters) + len(MENU_LETTERS)
    QTest.keyClick(column, letters[list(column.panels).index("model")], Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: opened(column) == ["model"])
    column.panel("schedule").header.setFocus()
    QTest.keyClick(column.panel("schedule").header, Qt.Key.Key_Space)
    assert opened(column) == ["schedule"]


def test_tab_goes_from_a_header_into_its_panel_and_on_to_the_next(column: PanelColumn) -> None:
    column.panel("optimizer").header.setFocus()
    seen: list[QWidget] = []
    for _ in range(20):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
        if seen[-1] is column.panel("schedule").header:
            break
    assert seen[-1] is column.panel("schedule").header
    assert all(column.panel("optimizer").isAncestorOf(widget) for widget in seen[:-1])
    assert len(seen) >= 8


def test_another_s_widget_stands_at_the_bottom_of_a_panel(column: PanelColumn) -> None:
    preview = QLabel("a curve")
    column.panel("schedule").add_extra(preview)
    assert not preview.isVisible()
    column.open("schedule")
    QApplication.processEvents()
    assert preview.isVisible()
    form = column.panel("schedule").form
    assert form is not None
    assert preview.mapTo(column, QPoint(0, 0)).y() >= form.mapTo(column, QPoint(0, 0)).y() + form.height()


def test_a_setting_can_be_shown_from_elsewhere(column: PanelColumn) -> None:
    column.show_setting("loop.patience")  # off: there is no number to go to, but a switch
    assert QApplication.focusWidget().accessibleName() == "Early stopping, off (epochs)"
    column.show_setting("loop.epochs")
    assert opened(column) == ["loop"]
    form = column.panel("loop").form
    assert form is not None
    editor = form.row("loop.epochs").editor
    assert isinstance(editor, NumberEditor)
    assert QApplication.focusWidget() is editor.field
    column.show_setting("loop")
    column.show_setting("title")  # has no panel: nothing happens


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("width", [330, 594])
def test_nothing_is_cut_off_on_the_right(column: PanelColumn, store: SpecStore, large: bool, width: int) -> None:
    store.edit("regularization", (L2(), Dropout()))
    store.choose("model.init_weights", "gaussian")
    theme().set_large(large)
    try:
        column.resize(width, 620)
        for name in column.panels:
            column.open(name)
            for _ in range(3):
                QApplication.processEvents()
            form = column.panel(name).form
            assert form is not None
            for row in form.rows():
                for part in (row.editor.title, row.editor.beside, row.editor.below):
                    if part is not None and part.isVisible():
                        assert part.mapTo(column, QPoint(part.width(), 0)).x() <= column.width(), (name, row.ref.path)
    finally:
        theme().set_large(False)


def test_all_panels_can_be_reached_on_a_small_screen(qtbot: QtBot, column: PanelColumn) -> None:
    column.resize(330, 300)
    column.open("loop")
    QApplication.processEvents()
    for path in ("loop.patience", "optimizer.lr", "loop.epochs"):
        column.show_setting(path)
        qtbot.wait(50)
        focused = QApplication.focusWidget()
        top = focused.mapTo(column, QPoint(0, 0)).y()
        assert 0 <= top <= column.height() - focused.height(), path


@pytest.mark.parametrize("times", [3, pytest.param(300, marks=pytest.mark.full)])
def test_a_column_leaves_nothing_behind(qapp: QApplication, store: SpecStore, times: int) -> None:
    from tests import qt_leftovers

    def cycle() -> list[weakref.ref[QWidget]]:
        column = PanelColumn(store)
        column.show()
        for name in column.panels:
            column.open(name)
        store.choose("optimizer", "adam")
        store.choose("optimizer", "momentum")
        alive: list[weakref.ref[QWidget]] = [weakref.ref(panel) for panel in column.panels.values()]
        column.close()
        column.deleteLater()
        return [weakref.ref(column), *alive]

    cycle()
    qt_leftovers.drain()
    gc.collect()
    gc.disable()
    before = len(QApplication.allWidgets())
    alive: list[weakref.ref[QWidget]] = []
    for _ in range(times):
        alive += cycle()
        qt_leftovers.drain()
    assert len(QApplication.allWidgets()) == before
    assert [ref() for ref in alive if ref() is not None] == []


def places(column: PanelColumn) -> list[QPoint]:
    """Where the fields of the optimizer are on the screen."""
    form = column.panel("optimizer").form
    assert form is not None
    return [row.mapToGlobal(QPoint(0, 0)) for row in form.rows() if row.isVisible()]


def field(column: PanelColumn, path: str) -> QWidget:
    form = column.panel("optimizer").form
    assert form is not None
    editor = form.row(path).editor
    assert isinstance(editor, NumberEditor)
    return editor.field


@pytest.mark.parametrize("large", [False, True])
def test_the_help_has_one_line_until_it_is_wanted_and_moves_no_field(
    qtbot: QtBot, column: PanelColumn, large: bool
) -> None:
    theme().set_large(large)
    try:
        column.resize(600, 1600)
        qtbot.waitUntil(lambda: column.findChildren(QScrollArea)[0].verticalScrollBar().maximum() == 0)
        line = column.help.fontMetrics().lineSpacing()
        assert column.help.height() < 2 * line
        assert column.help.words.text() == "Click a setting to read about it."
        before = places(column)
        QTest.mouseClick(field(column, "optimizer.momentum"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: column.help.height() > 3 * line)
        assert "eloci" in column.help.words.text() and places(column) == before
    finally:
        theme().set_large(False)


def test_the_help_stays_small_where_it_would_hide_the_field_that_was_clicked(qtbot: QtBot, column: PanelColumn) -> None:
    momentum = field(column, "optimizer.momentum")
    small = column.help.height()
    column.resize(330, momentum.mapTo(column, momentum.rect().bottomLeft()).y() + small + 8)
    QApplication.processEvents()
    before = places(column)
    QTest.mouseClick(momentum, Qt.MouseButton.LeftButton)
    assert column.help.height() == small and places(column) == before
    assert column.help.words.text() != "Click a setting to read about it."
    column.resize(330, 900)
    QTest.mouseClick(field(column, "optimizer.lr"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: column.help.height() > 2 * small)
