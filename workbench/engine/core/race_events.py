"""Events and commands of a race: the changes recorded on its tape, and the commands that cause them.

A command that comes within a round is answered by a Notice with the code ``AFTER_ROUND``, and again when it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from workbench.engine.core.events import Event

#: Kinds of changes: add or drop a racer, hold or resume it, edit a live setting; ``stop`` records that the whole race
#: was stopped.
Deed = Literal["add", "drop", "hold", "go_on", "edit", "stop"]
DEEDS: Final[tuple[Deed, ...]] = get_args(Deed)


#: The code of the Notice that a command waits for the end of the round.
AFTER_ROUND: Final = "after_round"


@dataclass(frozen=True, slots=True)
class RaceChange:
    """An entry of a race's tape, and the event that reports it: made after ``round`` rounds to the ``racer`` (from 0),
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
    """An event of one racer (from 0) of a race. Logged in the racer's run folder only."""

    racer: int
    event: Event


@dataclass(frozen=True, slots=True)
class AddRacer:
    """Command: add a racer with these ``settings`` (path: plain value) on top of the base. Answered by RaceChange."""

    name: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DropRacer:
    """Command: end one racer's run; it is kept. Answered by RaceChange, or by a Notice where it has ended already."""

    racer: int


@dataclass(frozen=True, slots=True)
class HoldRacer:
    """Command: pause one racer (``on``), or resume it. Answered like DropRacer."""

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
