"""Undo and redo entries: against a model that keeps every state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.bridge.undo_stack import UndoStack


@given(st.lists(st.sampled_from(["change", "undo", "redo"]), max_size=60))
def test_any_order_of_changes_leads_to_the_states_of_a_list_with_a_cursor(acts: list[str]) -> None:
    stack: UndoStack[int] = UndoStack(1000)
    state, states, at = 0, [0], 0
    for number, act in enumerate(acts, 1):
        if act == "change":
            stack.record(state)
            state, states, at = number, [*states[: at + 1], number], at + 1
        elif act == "undo" and stack.can_undo:
            state, at = stack.undo(lambda _, now=state: now), at - 1  # type: ignore[misc]
        elif act == "redo" and stack.can_redo:
            state, at = stack.redo(lambda _, now=state: now), at + 1  # type: ignore[misc]
        assert state == states[at]
        assert (stack.can_undo, stack.can_redo) == (at > 0, at < len(states) - 1)


def test_the_oldest_entries_are_forgotten_beyond_the_limit() -> None:
    stack: UndoStack[int] = UndoStack(3)
    for state in range(5):
        stack.record(state)
    assert [stack.undo(lambda entry: entry) for _ in range(3)] == [4, 3, 2]
    assert not stack.can_undo
    with pytest.raises(IndexError):
        stack.undo(lambda entry: entry)


def test_a_change_that_extends_the_last_one_ends_redo() -> None:
    stack: UndoStack[int] = UndoStack(3)
    stack.record(1)
    stack.undo(lambda _: 2)
    stack.extend_last()
    assert not stack.can_redo
