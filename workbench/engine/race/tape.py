"""The tape of a race: its live changes, replayed after the same rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench.engine.core.race_events import RaceChange


class RaceTape:
    """Hands out the recorded ``changes`` when they are due, and records those that are made, in their order."""

    def __init__(self, changes: Sequence[RaceChange]) -> None:
        self._waiting = list(changes)
        #: All changes made so far, replayed or new.
        self.made: list[RaceChange] = []

    def due(self, round: int, step_of: Callable[[int], int | None]) -> list[RaceChange]:
        """The changes that are made now, after ``round`` rounds; ``step_of`` gives a racer's steps, None if it has
        ended or not joined.

        A stop came in the middle of a round: it waits until its racer has made as many steps as it had made then.
        """
        found = [change for change in self._waiting if change.round <= round and not _is_early(change, step_of)]
        self._waiting = [change for change in self._waiting if change not in found]
        return found

    @property
    def all(self) -> tuple[RaceChange, ...]:
        """The changes made so far, and the recorded racers that have not joined yet."""
        return (*self.made, *(change for change in self._waiting if change.does == "add"))

    def record(self, change: RaceChange) -> RaceChange:
        """Append ``change``, and return it."""
        self.made.append(change)
        return change


def _is_early(change: RaceChange, step_of: Callable[[int], int | None]) -> bool:
    step = step_of(change.racer)
    return change.does == "stop" and step is not None and step < change.step
