"""What is said and asked in a race: the changes that its tape keeps, and the commands that make them.

A command that comes within a round is answered by a Notice with the code ``AFTER_ROUND``, and again when it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from workbench.engine.core.events import Event

#: What can be done to a racer: it joins or is taken out, waits or goes on, or has a live setting changed; ``stop`` is
#: what a stop of the whole race did to it.
Deed = Literal["add", "drop", "hold", "go_on", "edit", "stop"]
DEEDS: Final[tuple[Deed, ...]] = get_args(Deed)


#: The code of the Notice that a command waits for the end of the round.
AFTER_ROUND: Final = "after_round"


@dataclass(frozen=True, slots=True)
class RaceChange:
    """An entry of a race's tape, and the event that says it: made after ``round`` rounds to the ``racer`` (from 0),
    which had made ``step`` steps. An edit sets the setting at ``path`` to ``value``. ``measured``: a stop came behind
    the evaluation after these steps. Not logged."""

    round: int
    does: Deed
    racer: int
    step: int = 0
    path: str = ""
    value: Any = None
    measured: bool = False


@dataclass(frozen=True, slots=True)
class RacerEvent:
    """An event of one racer (from 0) of a race. It is in the racer's own log, not in one of the race."""

    racer: int
    event: Event


@dataclass(frozen=True, slots=True)
class AddRacer:
    """Command: let another racer join, with ``settings`` (path: plain value) of its own. Answered by RaceChange."""

    name: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DropRacer:
    """Command: end one racer's run; it is kept. Answered by RaceChange, or by a Notice where it has ended already."""

    racer: int


@dataclass(frozen=True, slots=True)
class HoldRacer:
    """Command: let one racer make no step until it is told to go on (``on`` false). Answered as DropRacer."""

    racer: int
    on: bool


@dataclass(frozen=True, slots=True)
class EditRacer:
    """Command: change a live setting of one racer before its next batch. Answered by the RacerEvent of its Edited or
    Notice."""

    racer: int
    path: str
    value: Any


RaceCommand = AddRacer | DropRacer | HoldRacer | EditRacer
