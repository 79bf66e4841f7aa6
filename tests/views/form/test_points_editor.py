"""Places and factors typed as text: every text gives the pairs it says, or is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.form.form import Form
from workbench.views.widgets.number_parser import pairs_from, pairs_text

NUMBERS = st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9)


@given(pairs=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8))
def test_what_is_shown_is_read_again(pairs: list[tuple[float, float]]) -> None:
    assert pairs_from(pairs_text(pairs)) == tuple(pairs)


@pytest.mark.parametrize("text", ["1", "1:", ":1", "1:2:3", "a: b", "0: 1, 2", "0: nan", "0: 1e999999"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be pairs of position and factor"):
        pairs_from(text)


def typed(form: Form, path: str, text: str) -> str:
    """Type into the field of ``path``; what stands under it then."""
    editor = form.row(path).editor
    editor.field.selectAll()
    QTest.keyClick(editor.field, Qt.Key.Key_Delete)
    QTest.keyClicks(editor.field, text)
    QTest.keyClick(editor.field, Qt.Key.Key_Return)
    return str(editor.ref.store.input_error(path))


def test_points_are_typed_into_the_form(qtbot: QtBot) -> None:
    store = SpecStore(ExperimentSpec().edited("schedule", {"kind": "drawn"}))
    form = Form(store, "schedule")
    qtbot.addWidget(form)
    assert typed(form, "schedule.points", "0: 1, 0.5: 0.25; 1: 0.01") == ""
    assert store.spec.at("schedule.points") == ((0.0, 1.0), (0.5, 0.25), (1.0, 0.01))
    assert "rising positions" in typed(form, "schedule.points", "0.5: 1, 0.2: 1")
    assert "positions from 0 to 1" in typed(form, "schedule.points", "3: 1")
    assert "pairs of position and factor" in typed(form, "schedule.points", "here: 1")
    assert typed(form, "schedule.by_hand", "100: 0.1, 200: 0.01") == ""
    assert store.spec.at("schedule.by_hand") == ((100, 0.1), (200, 0.01))
    assert store.differs("schedule.by_hand")
    assert typed(form, "schedule.by_hand", "") == ""
    assert store.spec.at("schedule.by_hand") == ()
    assert "whole number" in typed(form, "schedule.by_hand", "1.5: 1")


def test_a_point_that_was_moved_is_marked_and_waits_for_the_next_run() -> None:
    spec = ExperimentSpec().edited("schedule", {"kind": "drawn"})
    store = SpecStore(spec)
    store.set_running(spec)
    assert not store.waits_for_next_run("schedule.points")
    store.edit("schedule.points", [[0.0, 1.0], [0.5, 0.4], [1.0, 0.05]])
    assert store.waits_for_next_run("schedule.points")
    assert store.differs("schedule.points")
