"""The generated form: every setting of every member, typed into as a person does."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.views.form.helpers import number, shown
from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.regularizers.penalties import L2
from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors.choice import ComboEditor, Options, RadioEditor, SwitchEditor
from workbench.views.form.editors.number import NumberEditor
from workbench.views.form.editors.variant import VariantEditor
from workbench.views.form.form import Form, tab_stops
from workbench.views.form.row import Row

FAMILIES = [setting for setting in settings_of(ExperimentSpec) if setting.type in ("variant", "variants")]


MEMBERS = [
    (setting.name, setting.type, kind)
    for setting in FAMILIES
    for kind in members_of(cast("type[Variant]", setting.base))
]


# --- Every member -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "type_", "kind"), MEMBERS)
def test_every_member_has_a_form_with_labels_names_and_help(
    qtbot: QtBot, store: SpecStore, path: str, type_: str, kind: str
) -> None:
    store.edit(path, ()) if type_ == "variants" else store.choose(path, kind)
    if type_ == "variants":
        store.add(path, kind)
    form = shown(qtbot, store, path)
    member = store.spec.at(path)[0] if type_ == "variants" else store.spec.at(path)
    base = f"{path}.0" if type_ == "variants" else path
    for setting in settings_of(type(member)):
        check_row(form.row(f"{base}.{setting.name}"))
    for widget in form.findChildren(QLabel):
        assert widget.textFormat() == Qt.TextFormat.PlainText, widget.text()


def check_row(row: Row) -> None:
    knob = row.setting.knob
    words = row.editor.title.text() if row.editor.title is not None else row.label.text()  # type: ignore[attr-defined]
    assert words.replace("&&", "§").replace("&", "").replace("§", "&") == knob.label
    assert row.editor.main is not None
    assert row.editor.title is row.editor.main or row.label.buddy() is row.editor.main
    for control in controls(row):
        assert knob.label in control.accessibleName(), control
    assert knob.hint


def controls(row: Row) -> Iterator[QWidget]:
    """The row's own controls, without those of nested rows and those inside Qt's own widgets."""
    nested = row.editor.nested
    for control in row.findChildren(QWidget):
        own = isinstance(control, (QLineEdit, QAbstractButton, QComboBox, QAbstractSlider))
        inside = isinstance(control.parentWidget(), (QComboBox, QLineEdit)) or control.window() is not row.window()
        dot = control is row.dot and row.dot.isHidden()
        if own and not inside and not dot and not (nested is not None and nested.isAncestorOf(control)):
            yield control


@pytest.mark.parametrize("path", ["", *(setting.name for setting in settings_of(ExperimentSpec))])
def test_every_part_of_the_default_spec_has_a_form_that_shows_it(qtbot: QtBot, store: SpecStore, path: str) -> None:
    form = shown(qtbot, store, path)
    for row in form.rows():
        value = store.spec.at(row.ref.path)
        editor = row.editor
        if isinstance(editor, NumberEditor):
            assert editor.field.value() == value
        elif isinstance(editor, SwitchEditor):
            assert editor.box.isChecked() == value
        elif isinstance(editor, RadioEditor):
            assert editor.group.checkedButton().text() == row.setting.knob.title_of(value)
        elif isinstance(editor, VariantEditor):
            assert editor.combo.currentText() == value.title
        elif isinstance(editor, ComboEditor):
            assert editor.combo.currentText() == row.setting.knob.title_of(value)


def test_a_form_never_changes_the_spec_by_being_shown(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store)
    for widget in list(tab_stops(form)):
        widget.setFocus()
    assert not store.can_undo
    assert not store.input_errors


# --- Words around a field ---------------------------------------------------------------------------------------


def test_help_of_the_focused_field_has_a_place_of_its_own_and_nothing_moves(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    places = {row.ref.path: row.editor.main.mapTo(form, QPoint(0, 0)) for row in form.rows() if row.editor.main}
    height = form.sizeHint().height()
    for path in ("optimizer.lr", "optimizer.momentum", "optimizer.weight_decay"):
        row = form.row(path)
        number(form, path).field.setFocus()
        qtbot.waitUntil(lambda row=row: form.help.words.text() == row.setting.knob.hint)  # type: ignore[misc]
        form.help.more.setChecked(True)
        assert row.setting.knob.help in form.help.words.text() and row.setting.knob.lesson in form.help.words.text()
        qtbot.wait(1)
        now = {row.ref.path: row.editor.main.mapTo(form, QPoint(0, 0)) for row in form.rows() if row.editor.main}
        assert now == places and form.sizeHint().height() == height


def test_rows_do_not_move_under_a_pressed_mouse(qtbot: QtBot, store: SpecStore) -> None:
    store.add("regularization", "dropout")
    form = shown(qtbot, store, "regularization")
    row = form.row("regularization.0.p")
    field = number(form, "regularization.0.p").field
    switch = form.row("regularization.0.conv").editor
    assert isinstance(switch, SwitchEditor)
    field.setFocus()
    before = switch.box.mapTo(form, QPoint(0, 0))
    QTest.mousePress(switch.box, Qt.MouseButton.LeftButton)
    field.selectAll()
    QTest.keyClicks(field, "7")  # outside its limits
    switch.box.setFocus()
    qtbot.wait(150)
    assert switch.box.mapTo(form, QPoint(0, 0)) == before
    QTest.mouseRelease(switch.box, Qt.MouseButton.LeftButton)
    assert store.spec.at("regularization.0.conv") is True
    qtbot.waitUntil(lambda: bool(row.error_text) and switch.box.mapTo(form, QPoint(0, 0)) != before)


def test_next_run_is_said_where_a_field_differs_from_the_run(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "loop")
    store.set_running(store.spec)
    store.edit("loop.batch_size", 128)
    store.edit("loop.epochs", 3)
    notes = form.row("loop.batch_size").notes
    assert notes is not None
    assert notes.next_run.text() == "For the next run; the active run has 64 examples."
    epochs = form.row("loop.epochs").notes  # live: the run has it already
    assert epochs is None or epochs.next_run.isHidden()
    store.set_running(None)
    assert notes.next_run.isHidden()


def test_a_setting_that_does_nothing_is_grey_with_the_reason(qtbot: QtBot, store: SpecStore) -> None:
    store.edit("model", {"kind": "small_cnn"})
    form = shown(qtbot, store, "loop")
    names = [f"loop.{name}" for name in ("memory_format", "precision", "threads")]
    rows = [form.row(path) for path in names]

    def greys() -> list[bool]:
        return [not (each.editor.beside or each.editor.below or each).isEnabled() for each in rows]

    assert greys() == [False] * 3
    store.edit("model", {"kind": "mlp"})
    assert greys() == [True, False, False] and not rows[0].label.isEnabled()
    assert rows[0].notes is not None and rows[0].notes.unused.text() == "It has no effect: MLP has no convolutions."
    store.edit("loop.fastest", True)
    assert greys() == [True] * 3
    said = [row.notes.unused.text() for row in rows if row.notes is not None]
    assert said == ["Measured at the start of the run."] * 3
    store.edit("loop.fastest", False)
    store.edit("model", {"kind": "small_cnn"})
    assert greys() == [False] * 3 and rows[0].notes.unused.isHidden()


def test_a_problem_of_the_spec_stands_at_its_field(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "model")
    store.edit("model.channels", ())
    assert form.row("model.channels").error_text.startswith("Needs at least one convolution")


def test_every_letter_leads_to_one_field(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "model")
    letters = [row.label.text().replace("&&", "").partition("&")[2][:1].lower() for row in form.rows()]
    used = [letter for letter in letters if letter]
    assert len(used) == len(set(used)) > 3


def test_tab_walks_in_the_order_of_the_eye(qtbot: QtBot, store: SpecStore) -> None:
    store.edit("regularization", (L2(), Dropout()))
    for path in ("optimizer", "model", "regularization", "loop"):
        form = shown(qtbot, store, path)
        if path == "optimizer":
            store.choose("optimizer", "adam")  # rebuilt rows must not go to the end
        QApplication.processEvents()
        first = next(stop for stop in tab_stops(form) if stop.isVisible())
        first.setFocus()
        seen = [first]
        for _ in range(60):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            now = QApplication.focusWidget()
            if now is None or now in seen:
                break
            seen.append(now)
        assert len(seen) > 5
        heights = [
            (widget.mapTo(form, QPoint(0, 0)).y() // 24, widget.mapTo(form, QPoint(0, 0)).x()) for widget in seen
        ]
        tops = [top for top, _ in heights]
        assert all(later >= earlier - 1 for earlier, later in pairwise(tops)), heights


# --- Nothing is left behind (QT12) ------------------------------------------------------------------------------


def exercise(store: SpecStore) -> list[weakref.ref[QWidget]]:
    form = Form(store)
    form.show()
    store.choose("optimizer", "adam")
    store.edit("regularization", (L2(), Dropout()))
    store.choose("model.activation", "leaky_relu")
    store.set_input_error("optimizer.lr", "wrong")
    rows: list[weakref.ref[QWidget]] = [weakref.ref(row) for row in form.rows()]
    store.load(ExperimentSpec())
    form.close()
    form.deleteLater()
    return [weakref.ref(form), *rows]


@pytest.mark.parametrize("times", [4, pytest.param(300, marks=pytest.mark.full)])
def test_a_form_leaves_nothing_behind(qtbot: QtBot, store: SpecStore, times: int) -> None:
    from tests import qt_leftovers

    exercise(store)
    qt_leftovers.drain()
    gc.collect()
    gc.disable()  # as in the window: what only the collector frees is left behind
    before = len(QApplication.allWidgets())
    alive: list[weakref.ref[QWidget]] = []
    for _ in range(times):
        alive += exercise(store)
        qt_leftovers.drain()
    assert len(QApplication.allWidgets()) == before
    assert [ref() for ref in alive if ref() is not None] == []


def test_rebuilding_inside_a_living_form_leaves_nothing_behind(qtbot: QtBot, store: SpecStore) -> None:
    from tests import qt_leftovers

    form = shown(qtbot, store)

    def cycle() -> None:
        for kind in ("adam", "sgd", "momentum"):
            store.choose("optimizer", kind)
        store.edit("regularization", (L2(), Dropout()))
        store.edit("regularization", ())
        qt_leftovers.drain()

    cycle()
    gc.collect()
    gc.disable()
    before = len(QApplication.allWidgets())
    rows = weakref.WeakSet(form.rows())
    for _ in range(5):
        cycle()
    assert len(QApplication.allWidgets()) == before
    assert len([row for row in rows if row in set(form.rows())]) == len(list(rows))


def test_the_list_of_a_combo_can_be_read_by_a_screen_reader(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    combo = form.findChild(Options)
    assert combo is not None
    index = combo.findData("adam")
    assert combo.itemData(index, Qt.ItemDataRole.AccessibleDescriptionRole) == members_of(Optimizer)["adam"].summary
