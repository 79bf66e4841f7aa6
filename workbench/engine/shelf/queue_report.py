"""What became of the cards that a queue has worked through: a sentence, a table, and a text file beside the queue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.text import aligned, counted, duration, grouped, percent
from workbench.engine.shelf.cards import Card, CardState
from workbench.engine.shelf.noise import same_but_seed
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord

#: The folder beside the queue that holds the reports.
FOLDER: Final = "queue-reports"
#: What a person reads for a card's state.
STATE_WORDS: Final[dict[CardState, str]] = {
    "waiting": "waiting",
    "running": "running",
    "done": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "skipped": "left out",
}
HEADS: Final = ("Card", "State", "Best val.", "Epochs", "Time", "Why it ended")
#: As many runs of the same settings with other seeds show the noise of seeds.
_SEEDS: Final = 3
#: Of cards that are tied as many are named.
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Worked:
    """A card, and its run as it is kept; None where there is none."""

    card: Card
    record: RunRecord | None

    @property
    def accuracy(self) -> float | None:
        """The best validation accuracy of its run."""
        return None if self.record is None else self.record.best_accuracy

    @property
    def cells(self) -> tuple[str, ...]:
        """Its row below ``HEADS``."""
        record, reached = self.record, self.accuracy
        return (
            self.card.title,
            STATE_WORDS[self.card.state],
            "–" if reached is None else percent(reached),
            "–" if record is None else grouped(record.epoch),
            "–" if record is None else duration(record.seconds),
            self.card.words,
        )


@dataclass(frozen=True, slots=True)
class QueueReport:
    """``worked`` are the cards in their order, ``began`` and ``ended`` local times; ``why`` says why it ended."""

    worked: tuple[Worked, ...]
    began: datetime
    ended: datetime
    why: str

    @property
    def sentence(self) -> str:
        """How many cards became what: ``3 cards: 2 finished, 1 failed.``"""
        return f"{counted(len(self.worked), 'card')}: {_counts(self.worked)}."

    @property
    def highest(self) -> tuple[Worked, ...]:
        """The cards with the highest validation accuracy as it is written: several if they are tied."""
        reached = [(each.accuracy, each) for each in self.worked if each.accuracy is not None]
        most = percent(max(accuracy for accuracy, _ in reached)) if reached else ""
        return tuple(each for accuracy, each in reached if percent(accuracy) == most)

    @property
    def about_highest(self) -> str:
        """The highest accuracy, and what it is worth without other seeds; empty without one."""
        highest = self.highest
        if not highest or highest[0].accuracy is None:
            return ""
        words = f"Highest validation accuracy: {percent(highest[0].accuracy)} ({_named(highest)})."
        alone = len(self.worked) > 1 and any(_seeds_like(each, self.worked) < _SEEDS for each in highest)
        what = "it" if len(highest) == 1 else "them"
        one = "it" if len(highest) == 1 else "one"
        return f"{words} Repeat {what} with {_SEEDS} seeds before you call {one} the best." if alone else words

    @property
    def text(self) -> str:
        """The report as a text file."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"Queue, {self.began:%Y-%m-%d %H:%M} to {self.ended:%Y-%m-%d %H:%M}"
        yield " ".join(filter(None, (self.sentence, self.about_highest, self.why)))
        yield ""
        yield from aligned([HEADS, *(each.cells for each in self.worked)])
        yield ""
        for each in self.worked:
            if each.card.run:
                yield f"{each.card.title}: {each.card.run}"


def report_of(cards: Sequence[Card], began: datetime, ended: datetime, why: str = "") -> QueueReport:
    """The report of ``cards``; their runs are read."""
    return QueueReport(tuple(Worked(card, run_of(card)) for card in cards), began, ended, why)


def write_report(report: QueueReport, queue: Path) -> Path:
    """Write the text of ``report`` beside the file ``queue``. Raises CannotWrite."""
    path = queue.parent / FOLDER / f"{report.ended:%Y-%m-%d_%H-%M-%S}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, report.text.encode())
    return path


def run_of(card: Card) -> RunRecord | None:
    """The run of a card as it is kept; None where there is none."""
    try:
        return read_record(Path(card.run)) if card.run else None
    except OSError:
        return None


def _counts(worked: Iterable[Worked]) -> str:
    states = [each.card.state for each in worked]
    found = [f"{grouped(states.count(state))} {words}" for state, words in STATE_WORDS.items() if state in states]
    return ", ".join(found) or "nothing to do"


def _named(tied: Sequence[Worked]) -> str:
    """The cards' titles: ``a``, or ``a, b and 3 more are tied``."""
    titles = [each.card.title for each in tied]
    more = len(titles) - _NAMED
    if more > 0:
        return f"{', '.join(titles[:_NAMED])} and {grouped(more)} more are tied"
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]} are tied"


def _seeds_like(highest: Worked, worked: Iterable[Worked]) -> int:
    if highest.record is None:
        return 0
    key = same_but_seed(highest.record)
    return len({each.record.seed for each in worked if each.record is not None and same_but_seed(each.record) == key})
