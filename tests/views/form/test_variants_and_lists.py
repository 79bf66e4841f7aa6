"""Members chosen, switched and added at run time; lists of items."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from tests.views.form.helpers import number, shown, type_into
from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.regularizers.penalties import L2
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.editors.choice import ComboEditor
from workbench.views.form.editors.variant import VariantEditor
from workbench.views.form.editors.variants import VariantsEditor


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
