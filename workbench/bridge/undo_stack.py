"""Undo and redo entries of a state that is replaced as a whole by each change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class UndoStack(Generic[T]):
    """At most ``limit`` entries to undo."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._undo: list[T] = []
        self._redo: list[T] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is an entry to undo."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an entry to redo."""
        return bool(self._redo)

    def record(self, before: T) -> None:
        """Record the state before a change."""
        self._push(self._undo, before)
        self._redo.clear()

    def extend_last(self) -> None:
        """Let the next change belong to the newest undo entry; nothing can be redone then."""
        self._redo.clear()

    def clear(self) -> None:
        """Forget all undo entries."""
        self._undo.clear()

    def undo(self, redo_entry: Callable[[T], T]) -> T:
        """Remove and return the newest undo entry; ``redo_entry`` makes the one that redoes it. Raises IndexError."""
        return self._move(self._undo, self._redo, redo_entry)

    def redo(self, undo_entry: Callable[[T], T]) -> T:
        """Remove and return the newest redo entry; ``undo_entry`` makes the one that undoes it. Raises IndexError."""
        return self._move(self._redo, self._undo, undo_entry)

    def _move(self, source: list[T], target: list[T], reverse: Callable[[T], T]) -> T:
        entry = source.pop()
        self._push(target, reverse(entry))
        return entry

    def _push(self, stack: list[T], entry: T) -> None:
        stack.append(entry)
        del stack[: -self._limit]
