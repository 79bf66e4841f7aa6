"""Typing, dragging and undoing in the fields of a form."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.form.helpers import number, shown, type_into
from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors.text import SizesEditor, TextEditor
from workbench.views.widgets import number_field


def test_a_typed_number_is_in_the_spec_and_can_be_undone(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    editor = number(form, "optimizer.lr")
    type_into(editor.field, "0,2")
    assert store.spec.at("optimizer.lr") == 0.2
    assert not form.row("optimizer.lr").dot.isHidden()
    store.undo()
    assert editor.field.text() == "0.05"
    assert form.row("optimizer.lr").dot.isHidden()


def test_a_wrong_number_stays_with_its_error_and_stops_train(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    field = number(form, "optimizer.lr").field
    type_into(field, "1e9")
    row = form.row("optimizer.lr")
    qtbot.waitUntil(
        lambda: row.error_text == "Must be from 1e-9 to 10\u202f000\u202f000, not 1\u202f000\u202f000\u202f000."
    )
    assert "must be from 1e-9 to 10\u202f000\u202f000" in store.reason()
    number(form, "optimizer.momentum").field.setFocus()
    store.edit("optimizer.momentum", 0.5)  # what happens elsewhere does not take the text away
    assert field.text() == "1e9"
    type_into(field, "0.1")
    assert store.reason() == ""
    qtbot.waitUntil(lambda: row.error_text == "")


def test_typing_is_settled_before_the_spec_is_used(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "loop")
    field = number(form, "loop.epochs").field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    assert store.spec.loop.epochs != 7
    store.settle()
    assert store.spec.loop.epochs == 7


def test_half_a_number_never_reaches_a_running_run(
    qtbot: QtBot, store: SpecStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_field, "PAUSE_MS", 20)
    form = shown(qtbot, store, "optimizer")
    store.set_running(store.spec)
    field = number(form, "optimizer.lr").field
    heard: list[float] = []
    store.live_edit.connect(lambda path, value: heard.append(value))
    field.setFocus()
    field.selectAll()
    for key in "0.15":  # 0.1 alone would be a rate too
        QTest.keyClicks(field, key)
        qtbot.wait(4 * number_field.PAUSE_MS)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert heard == [0.15]


def test_undo_belongs_to_the_experiment_unless_one_types(qtbot: QtBot, store: SpecStore) -> None:
    from PySide6.QtGui import QKeySequence, QShortcut

    form = shown(qtbot, store, "optimizer")
    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), form)
    shortcut.activated.connect(store.undo)
    field = number(form, "optimizer.lr").field
    type_into(field, "0.2")
    QTest.keySequence(field, QKeySequence(QKeySequence.StandardKey.Undo))
    assert store.spec.at("optimizer.lr") == 0.05
    assert field.text() == "0.05"


def test_the_dot_brings_the_preset_back_even_from_wrong_text(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    row, field = form.row("optimizer.lr"), number(form, "optimizer.lr").field
    type_into(field, "0.2")
    type_into(field, "junk")
    QTest.mouseClick(row.dot, Qt.MouseButton.LeftButton)
    assert store.spec == store.reset_point
    assert field.text() == "0.05"
    assert not store.input_errors


def test_slider_and_number_stay_in_step(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    editor = number(form, "optimizer.momentum")
    assert editor.slider is not None
    QTest.mouseClick(editor.slider, Qt.MouseButton.LeftButton, pos=QPoint(editor.slider.width() // 2, 5))
    assert editor.field.value() == store.spec.at("optimizer.momentum") == pytest.approx(0.5, abs=0.03)
    type_into(editor.field, "0.9")
    assert editor.slider.value() == pytest.approx(900, abs=2)


def test_one_drag_is_one_undo(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    slider = number(form, "optimizer.lr").slider
    assert slider is not None
    before = store.spec
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(30, 5))
    for x in range(40, 140, 10):
        QTest.mouseMove(slider, QPoint(x, 5))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(140, 5))
    assert store.spec != before
    store.undo()
    assert store.spec == before


def test_an_optional_number_is_switched_on_and_off(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "loop")
    editor = number(form, "loop.patience")
    assert editor.off is not None
    assert editor.off.isChecked()
    assert not editor.field.isEnabled()
    editor.off.click()
    assert store.spec.loop.patience == 10
    type_into(editor.field, "25")
    editor.off.click()
    assert store.spec.loop.patience is None
    assert editor.field.text() == ""
    editor.off.click()
    assert store.spec.loop.patience == 25


def test_sizes_are_typed_as_a_list(qtbot: QtBot, store: SpecStore) -> None:
    store.choose("model", "mlp")
    form = shown(qtbot, store, "model")
    editor = form.row("model.hidden").editor
    assert isinstance(editor, SizesEditor)
    type_into(editor.field, "128, 64 32")
    assert store.spec.at("model.hidden") == (128, 64, 32)
    type_into(editor.field, "128, x")
    assert "whole numbers separated by commas" in store.reason()
    assert store.spec.at("model.hidden") == (128, 64, 32)
    type_into(editor.field, "")
    assert store.spec.at("model.hidden") == ()


def test_a_list_that_does_not_fit_beside_its_label_is_below_it_from_its_beginning(
    qtbot: QtBot, store: SpecStore
) -> None:
    store.choose("model", "mlp")
    form = shown(qtbot, store, "model")
    row = form.row("model.hidden")
    editor = row.editor
    assert isinstance(editor, SizesEditor)
    store.edit("model.hidden", (16,))
    qtbot.waitUntil(lambda: editor.field.y() < row.label.height())
    store.edit("model.hidden", (1024, 512, 256, 128, 64, 32, 16))
    qtbot.waitUntil(lambda: editor.field.y() >= row.label.height())
    text = editor.field.fontMetrics().horizontalAdvance(editor.field.text())
    assert editor.field.cursorPosition() == 0 and text < editor.field.width()
    store.edit("model.hidden", (16,))
    qtbot.waitUntil(lambda: editor.field.y() < row.label.height())


def test_text_is_taken_as_it_is(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store)
    editor = form.row("title").editor
    assert isinstance(editor, TextEditor)
    type_into(editor.field, "<b>0,5 & more</b>")
    assert store.spec.title == "<b>0,5 & more</b>"


@pytest.mark.parametrize("text", ["abc", "0.5"])
def test_unfinished_typing_does_not_outlive_the_settings_it_was_typed_into(
    qtbot: QtBot, store: SpecStore, text: str
) -> None:
    store.choose("optimizer", "adam")
    store.set_running(store.spec)  # a field of a run is submitted on Enter or when it loses the focus
    form = shown(qtbot, store)
    field = number(form, "optimizer.beta2").field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    assert field.is_pending
    other = ExperimentSpec(optimizer=SGD())
    store.load(other)
    assert store.spec == other and store.reason() == "" and store.input_errors == {}
    store.edit("optimizer.lr", 0.25)
    store.undo()
    store.undo()
    assert store.spec.optimizer.kind == "adam"
    assert store.reason() == "" and number(form, "optimizer.beta2").field.text() != "abc"
