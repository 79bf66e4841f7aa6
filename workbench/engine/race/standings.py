"""Standings of a race, folded from its events; as a text table and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from workbench.engine.core.events import Event, Measured, RunEnded
from workbench.engine.core.race_events import RaceChange, RacerEvent
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import aligned, counted, decimal_text, grouped, short
from workbench.engine.race.spec import Racer
from workbench.engine.report.words_on_test import accuracy_text
from workbench.engine.run_store.history import History

#: ``stopped``: it was dropped, or the race was stopped. ``failed``: an error has ended it.
State = Literal["waiting", "racing", "held", "stopping", "finished", "stopped", "diverged", "failed"]
#: The sign of a racer that has diverged or failed.
TOMBSTONE: Final = "†"
_NOTHING: Final = "–"


class Standing:
    """The state of one racer: its ``history`` and the race's changes to it."""

    def __init__(self, racer: Racer, steps: StepStore | None = None) -> None:
        self.racer = racer
        self.history = History(steps)
        #: Whether it is held (makes no steps), and whether it was asked to end.
        self.is_held = self.is_stopping = False
        #: The round after which it has joined; 0 at the start.
        self.joined = 0

    @property
    def ended(self) -> RunEnded | None:
        """The last event of its run."""
        return self.history.ended

    @property
    def state(self) -> State:
        """What it is doing."""
        if self.ended is not None:
            if self.ended.reason == "failed":
                return "diverged" if self.ended.code == "diverged" else "failed"
            return "finished" if self.ended.reason == "completed" else "stopped"
        if self.is_stopping:
            return "stopping"
        return "waiting" if self.history.started is None else "held" if self.is_held else "racing"

    @property
    def has_failed(self) -> bool:
        """Whether it has diverged or an error has ended it."""
        return self.ended is not None and self.ended.reason == "failed"

    @property
    def has_diverged(self) -> bool:
        """Whether it has ended in failure, or is about to: its loss has grown far too large."""
        return self.has_failed or any(each.code == "diverged" for each in self.history.notices)

    @property
    def step(self) -> int:
        """Its finished steps; of one that diverged the last that counted."""
        return self.history.steps.count if self.ended is None else self.ended.step

    @property
    def rate(self) -> float | None:
        """The learning rate of its last step; None before the first."""
        row = self.history.steps.last
        return row[2] if row else None

    @property
    def loss(self) -> float | None:
        """The loss (nats) of its last batch; None before the first."""
        row = self.history.steps.last
        return row[0] if row else None

    @property
    def best(self) -> Measured | None:
        """Validation at its best; None without one."""
        return self.history.best.val if self.history.best is not None else None

    @property
    def last(self) -> Measured | None:
        """The last validation; None without one."""
        evaluations = self.history.evaluations
        return evaluations[len(evaluations) - 1].val if len(evaluations) else None

    @property
    def lowest(self) -> float | None:
        """The lowest loss (nats) that was measured, on validation or, without one, on training examples."""
        losses = self._losses
        found = losses[np.isfinite(losses)]
        return float(found.min()) if len(found) else None

    @property
    def _losses(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The loss at each evaluation; NaN at that of the start, which looks at few examples."""
        losses = self._measured.copy()
        losses[self.history.evaluations.column("step") == 0] = np.nan
        return losses

    @property
    def _measured(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        validation = self.history.curve("val", "loss")
        return validation if np.isfinite(validation).any() else self.history.curve("train_eval", "loss")

    def steps_to(self, target: float) -> int | None:
        """The steps after which a measured loss was first at most ``target`` (nats); None if it never was."""
        found = np.flatnonzero(self._losses <= target)
        return int(self.history.evaluations.column("step")[found[0]]) if len(found) else None

    @property
    def tombstone(self) -> str:
        """``† step 12`` of one that has diverged or failed, else empty."""
        return f"{TOMBSTONE} step {grouped(self.step)}" if self.has_failed else ""

    @property
    def _cause(self) -> str:
        """Why it has failed; of one that diverged and went on, also the step at which that began."""
        if self.ended is None or self.ended.code != "diverged":
            return "ended by an error"
        first = next((each.step + 1 for each in self.history.notices if each.code == "diverged"), self.step)
        return f"diverged at step {grouped(first)}" if first < self.step else "diverged"

    @property
    def words(self) -> str:
        """What it is doing, or how it has ended, in a few words."""
        if self.has_failed:
            return f"{self.tombstone}, {self._cause}"
        joined = f", joined after round {grouped(self.joined)}" if self.joined else ""
        return ("waits" if self.state == "waiting" else self.state) + joined


class Standings:
    """All racers of a race. ``steps_of`` gives the store of a racer's steps, which its run fills."""

    def __init__(
        self,
        racers: Sequence[Racer],
        steps_of: Callable[[int], StepStore] = lambda _: StepStore(),
        target: float | None = None,
    ) -> None:
        self._steps_of, self._target = steps_of, target
        self.racers: list[Standing] = []
        self.changes: list[RaceChange] = []
        for racer in racers:
            self.add(racer)

    def add(self, racer: Racer) -> Standing:
        """One more racer, which has not begun."""
        made = Standing(racer, self._steps_of(len(self.racers)))
        self.racers.append(made)
        return made

    def fold(self, event: Event) -> None:
        """Take over an event of the race. A racer that joins is known by ``add`` before."""
        if isinstance(event, RacerEvent):
            self.racers[event.racer].history.fold(event.event)
        elif isinstance(event, RaceChange):
            self.changes.append(event)
            standing = self.racers[event.racer]
            if event.does == "add":
                standing.joined = event.round
            elif event.does in ("hold", "go_on"):
                standing.is_held = event.does == "hold"
            elif event.does == "drop":
                standing.is_stopping = True

    @property
    def target(self) -> float | None:
        """The loss to which steps are counted: the race's own, else the lowest that all racers that have not diverged
        have reached; None while there is none."""
        if self._target is not None:
            return self._target
        lowest = [each.lowest for each in self.racers if not each.has_diverged and each.lowest is not None]
        return max(lowest) if lowest else None

    @property
    def target_words(self) -> str:
        """What the target is, as a sentence."""
        if self.target is None:
            return ""
        whose = "" if self._target is not None else ", the lowest that all reach"
        return f"Steps are counted to a loss of {decimal_text(self.target)}{whose}, at evaluations."


@dataclass(frozen=True, slots=True)
class Row:
    """A racer's line of the table, all in words but the number."""

    racer: str
    steps: str
    best: str
    to_target: str
    rate: str
    words: str


HEADS: Final = Row("racer", "steps", "best validation", "steps to target", "rate", "end")


def row_of(standing: Standing, target: float | None) -> Row:
    """The cells of a racer's row."""
    reached = standing.steps_to(target) if target is not None else None
    return Row(
        standing.racer.name,
        grouped(standing.step),
        accuracy_text(standing.best) if standing.best is not None else _NOTHING,
        grouped(reached) if reached is not None else _NOTHING,
        short(standing.rate, 3) if standing.rate is not None else _NOTHING,
        standing.words,
    )


def table(standings: Standings) -> str:
    """The final table as text."""
    rows = [HEADS, *(row_of(each, standings.target) for each in standings.racers)]
    lines = aligned([(r.racer, r.steps, r.best, r.to_target, r.rate, r.words) for r in rows])
    return "\n".join([*lines, *_notes(standings)])


def _notes(standings: Standings) -> Iterator[str]:
    if standings.target_words:
        yield standings.target_words
    sizes = {each.best.n for each in standings.racers if each.best is not None}
    if sizes:
        yield f"± is one standard error over {' or '.join(counted(n, 'example') for n in sorted(sizes))}, of one seed."


def standing_object(standing: Standing, target: float | None) -> dict[str, Any]:
    """A racer as plain data for programs; what is not known is null. Losses are in nats, accuracies shares of 1."""
    best, ended, started = standing.best, standing.ended, standing.history.started
    return {
        "name": standing.racer.name,
        "settings": dict(standing.racer.settings),
        "folder": started.folder if started is not None else None,
        "state": standing.state,
        "words": standing.words,
        "message": ended.message if ended is not None else "",
        "steps": standing.step,
        "joined_after_round": standing.joined,
        "best_accuracy": best.accuracy if best is not None else None,
        "best_accuracy_se": best.accuracy_se if best is not None else None,
        "best_loss": best.loss if best is not None else None,
        "best_step": standing.history.best.step if standing.history.best is not None else None,
        "lowest_loss": standing.lowest,
        "steps_to_target": standing.steps_to(target) if target is not None else None,
        "seconds": ended.seconds if ended is not None else None,
    }
