"""Working through a queue without a window: a card after the other, until none waits or the time is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final, Protocol

from workbench.engine.core.drive import Commands
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, RunEnded, Stop
from workbench.engine.core.signals import Asked
from workbench.engine.core.text import counted
from workbench.engine.shelf.cards import Card, CardState
from workbench.engine.shelf.queue import Queue, counts

#: A run that was lost so often without an end is not gone on with again by itself.
MOST_ATTEMPTS: Final = 3
_NAMES: Final[dict[CardState, str]] = {
    "done": "done",
    "stopped": "stopped",
    "failed": "failed",
    "skipped": "skipped",
    "running": "interrupted",
    "waiting": "waiting",
}


class TrainCard(Protocol):
    """Trains a card to its end and returns the last event. ``started`` is called with the folder of its run as soon as
    there is one. A card that has one already goes on in it. Raises WorkbenchError if it cannot begin."""

    def __call__(self, card: Card, started: Callable[[Path], object], commands: Commands) -> RunEnded: ...


@dataclass
class Halt:
    """Why to stop: the user has asked, or it is time."""

    stop_at: datetime | None = None
    asked: Asked = field(default_factory=Asked)
    now: Callable[[], datetime] = datetime.now

    @property
    def is_due(self) -> bool:
        """Whether no more is to be trained."""
        return self.asked.is_asked or (self.stop_at is not None and self.now() >= self.stop_at)

    def __call__(self, event: Event) -> Command | None:
        return Stop() if self.is_due else None


def next_time(clock: time, now: datetime) -> datetime:
    """The next moment after ``now`` at which a clock shows ``clock``."""
    at = datetime.combine(now.date(), clock)
    return at if at > now else at + timedelta(days=1)


def work_through(queue: Queue, train: TrainCard, halt: Halt, say: Callable[[str], None]) -> None:
    """Train the cards of ``queue`` that wait, in their order as it is at each moment; a failure does not end it.

    Runs that were lost with the program are gone on with. A run that is stopped by ``halt`` is kept, and its card
    waits.
    """
    for lost in queue.recover():
        if lost.attempts < MOST_ATTEMPTS:
            queue.again(lost.number)
        else:
            queue.failed(lost.number, f"The program ended while it was trained, {counted(lost.attempts, 'time')}.")
    while not halt.is_due and (card := queue.next_card()) is not None:
        say(f"Card {card.number}: {card.title}")
        _work_on(card, queue, train, halt)


def _work_on(card: Card, queue: Queue, train: TrainCard, halt: Halt) -> None:
    try:
        ended = train(card, lambda run: queue.started(card.number, run), halt)
    except WorkbenchError as error:
        queue.failed(card.number, error.message)
        return
    if ended.reason == "stopped" and halt.is_due:
        queue.put_back(card.number)
    else:
        queue.ended(card.number, ended)


def report(queue: Queue) -> str:
    """How many cards are done, have failed, were skipped and still wait."""
    found = counts(queue.cards)
    parts = [f"{found[state]} {name}" for state, name in _NAMES.items() if state in found]
    return f"{counted(len(queue.cards), 'card')}: {', '.join(parts) or 'nothing to do'}."
