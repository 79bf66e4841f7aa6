"""Undo after several settings at once, and wrong text that is corrected to what was there."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("PySide6")

from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.errors import Mend, Problem

RATE = "optimizer.lr"


def test_a_drag_after_an_edit_of_several_settings_is_an_undo_of_its_own() -> None:
    store = SpecStore()
    first = store.spec
    store.edit(RATE, 0.1, merge=True)
    store.edit(RATE, 0.2, merge=True)
    store.edit_all({"loop.epochs": 3, "loop.batch_size": 8})
    together = store.spec
    store.edit(RATE, 0.3, merge=True)
    store.edit(RATE, 0.4, merge=True)
    store.undo()
    assert store.spec == together
    store.undo()
    assert store.spec.at(RATE) == 0.2 and store.spec.loop == first.loop
    store.undo()
    assert store.spec == first and not store.can_undo


@pytest.mark.parametrize("between", ["undo", "redo", "load"])
def test_a_drag_does_not_go_on_behind_an_undo_a_redo_or_a_file(between: str) -> None:
    store = SpecStore()
    store.edit("loop.epochs", 7)
    store.edit(RATE, 0.1, merge=True)
    if between == "load":
        store.load(store.spec)
    else:
        store.undo()
        if between == "redo":
            store.redo()
    before = store.spec
    store.edit(RATE, 0.3, merge=True)
    store.undo()
    assert store.spec == before


def test_wrong_text_is_forgotten_when_the_value_is_typed_that_was_there() -> None:
    store, told = SpecStore(), []
    store.errors_changed.connect(lambda: told.append(store.input_errors))
    store.set_input_error(RATE, "must be a number")
    assert "must be a number" in store.reason()
    store.edit(RATE, store.spec.at(RATE))
    assert store.input_error(RATE) == "" and store.reason() == "" and told[-1] == {}
    assert not store.can_undo


def test_wrong_text_of_a_field_that_is_gone_is_ignored() -> None:
    store = SpecStore()
    before = store.spec
    store.set_input_error("optimizer.no_such_setting", "must be a number")
    store.set_input_error("regularizers.7.p", "must be a number")
    assert store.reason() == "" and store.input_errors == {}
    store.edit(RATE, 0.5)
    store.undo()
    assert store.spec == before


def test_doubts_refuse_train_and_are_shown_also_where_the_reason_stays_the_same() -> None:
    store, shown = SpecStore(), []
    store.errors_changed.connect(lambda: shown.append(len(store.problems())))
    doubt = Problem("data", "Which folders are the classes?")
    store.set_doubts((doubt,))
    assert doubt in store.problems() and doubt.message in store.reason()
    store.set_doubts((replace(doubt, mends=(Mend("The upper ones", "loop.seed", 3),)),))  # other ways out
    store.set_doubts(())
    assert len(shown) == 3 and not store.reason()


def test_a_mend_with_values_of_its_own_brings_them() -> None:
    store = SpecStore()
    store.edit("optimizer", {"kind": "adam", "lr": 0.25})
    store.choose("optimizer", "sgd")
    store.mend(Mend("Adam", "optimizer", {"kind": "adam"}))
    assert store.spec.at("optimizer.lr") == 0.25  # those it last had
    store.mend(Mend("Adam at 0.5", "optimizer", {"kind": "adam", "lr": 0.5}))
    assert store.spec.at("optimizer.lr") == 0.5
