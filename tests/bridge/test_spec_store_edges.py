"""Undo after several settings at once, and wrong text that is corrected to what was there."""

from __future__ import annotations

import pytest

pytest.importorskip("PySide6")

from workbench.bridge.spec_store import SpecStore

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
