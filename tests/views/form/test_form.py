"""The generated form: every setting of every member, typed into as a person does."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, ClassVar, Literal, cast

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.regularizers.penalties import L2
from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors.choice import ComboEditor, Options, RadioEditor, SwitchEditor
from workbench.views.form.editors.number import NumberEditor
from workbench.views.form.editors.text import SizesEditor, TextEditor
from workbench.views.form.editors.variant import VariantEditor
from workbench.views.form.editors.variants import VariantsEditor
from workbench.views.form.form import Form, tab_stops
from workbench.views.form.row import Row
from workbench.views.widgets import number_field

FAMILIES = [setting for setting in settings_of(ExperimentSpec) if setting.type in ("variant", "variants")]
MEMBERS = [
    (setting.name, setting.type, kind)
    for setting in FAMILIES
    for kind in members_of(cast("type[Variant]", setting.base))
]


def shown(qtbot: QtBot, store: SpecStore, path: str = "") -> Form:
    form = Form(store, path)
    qtbot.addWidget(form)
    form.resize(320, 600)
    form.show()
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    return form


def number(form: Form, path: str) -> NumberEditor:
    editor = form.row(path).editor
    assert isinstance(editor, NumberEditor)
    return editor


def type_into(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def store(qapp: QApplication) -> SpecStore:
    return SpecStore()


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


# --- Typing -----------------------------------------------------------------------------------------------------


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


def test_text_is_taken_as_it_is(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store)
    editor = form.row("title").editor
    assert isinstance(editor, TextEditor)
    type_into(editor.field, "<b>0,5 & more</b>")
    assert store.spec.title == "<b>0,5 & more</b>"


# --- Variants and lists -----------------------------------------------------------------------------------------


def pick(combo: QComboBox, value: str) -> None:
    """As a person does: arrow keys until the option is there."""
    combo.setFocus()
    target = combo.findData(value)
    while combo.currentIndex() != target:
        QTest.keyClick(combo, Qt.Key.Key_Down if combo.currentIndex() < target else Qt.Key.Key_Up)


def test_a_member_switched_and_back_has_its_values_again(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    editor = form.row("optimizer").editor
    assert isinstance(editor, VariantEditor)
    type_into(number(form, "optimizer.lr").field, "0.3")
    pick(editor.combo, "adam")
    assert store.spec.optimizer.kind == "adam"
    assert number(form, "optimizer.beta1").field.text() == "0.9"
    with pytest.raises(KeyError):
        form.row("optimizer.momentum")
    pick(editor.combo, "momentum")
    assert number(form, "optimizer.lr").field.text() == "0.3"


def test_a_nested_member_works_like_any(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "model")
    editor = form.row("model.activation").editor
    assert isinstance(editor, VariantEditor)
    pick(editor.combo, "leaky_relu")
    type_into(number(form, "model.activation.slope").field, "0.2")
    assert store.spec.at("model.activation.slope") == 0.2


def test_undo_changes_fields_in_place(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    before = [id(row) for row in form.rows()]
    store.edit("optimizer.lr", 0.3)
    store.load(ExperimentSpec(optimizer=Momentum(lr=0.4)))
    store.undo()
    assert [id(row) for row in form.rows()] == before
    store.load(ExperimentSpec(optimizer=SGD()))
    assert [id(row) for row in form.rows()] != before


def test_a_class_written_at_run_time_is_offered(qtbot: QtBot, store: SpecStore) -> None:
    class Wanderer(Momentum):
        """Made by a test."""

        kind: ClassVar[str] = "wanderer"
        title: ClassVar[str] = "Wanderer"
        summary: ClassVar[str] = "Goes where it likes."
        wanderlust: Annotated[float, Knob("Wanderlust", "How far it strays.", low=0, high=1)] = 0.25
        pace: Annotated[Literal["a", "b", "c", "d"], Knob("Pace", "Which pace.", options={"a": "slow"})] = "a"

    try:
        form = shown(qtbot, store, "optimizer")
        editor = form.row("optimizer").editor
        assert isinstance(editor, VariantEditor)
        pick(editor.combo, "wanderer")
        assert number(form, "optimizer.wanderlust").field.text() == "0.25"
        pace = form.row("optimizer.pace").editor
        assert isinstance(pace, ComboEditor)
        assert pace.combo.words() == "slow"
        pick(pace.combo, "c")
        assert store.spec.at("optimizer.pace") == "c"
    finally:
        Wanderer.kind = ""  # the family lists living classes that have a kind


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_an_open_combo_learns_of_new_classes(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "optimizer")
    editor = form.row("optimizer").editor
    assert isinstance(editor, VariantEditor)
    known = editor.combo.count()

    class Late(SGD):
        kind: ClassVar[str] = "late"
        title: ClassVar[str] = "Late"
        summary: ClassVar[str] = "Came after the form."

    try:
        editor.combo.showPopup()
        assert editor.combo.count() == known + 1
        assert editor.combo.currentData() == "momentum"
        editor.combo.hidePopup()
    finally:
        Late.kind = ""


def test_items_are_added_moved_opened_and_removed(qtbot: QtBot, store: SpecStore) -> None:
    form = shown(qtbot, store, "regularization")
    editor = form.row("regularization").editor
    assert isinstance(editor, VariantsEditor)
    for kind in ("l2", "dropout"):
        editor.menu.aboutToShow.emit()
        action = next(action for action in editor.menu.actions() if action.data() == kind)
        summary = {"l2": L2.summary, "dropout": Dropout.summary}[kind]
        assert summary in action.text().replace("&&", "&")  # what it is for is read before it is added
        action.trigger()
    assert [item.cls for item in editor.items()] == [L2, Dropout]
    type_into(number(form, "regularization.1.p").field, "0.2")
    assert "0.2" in editor.items()[1].head.summary
    editor.items()[1].up.click()
    assert store.spec.regularization == (Dropout(p=0.2), L2())
    assert number(form, "regularization.0.p").field.text() == "0.2"
    editor.items()[0].remove.click()
    assert store.spec.regularization == (L2(),)
    store.undo()
    assert [item.cls for item in editor.items()] == [Dropout, L2]


def test_a_regularizer_is_offered_once_and_an_augmentation_again(qtbot: QtBot, store: SpecStore) -> None:
    store.add("regularization", "l2")
    store.add("augmentations", "horizontal_flip")
    for path, kind, offered in (("regularization", "l2", False), ("augmentations", "horizontal_flip", True)):
        form = shown(qtbot, store, path)
        editor = form.row(path).editor
        assert isinstance(editor, VariantsEditor)
        editor.menu.aboutToShow.emit()
        assert {action.data(): action.isEnabled() for action in editor.menu.actions()}[kind] is offered


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
