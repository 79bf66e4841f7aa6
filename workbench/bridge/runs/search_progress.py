"""How far a search is, folded from its events: for its page, and for the bar that every page shows."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.bridge.runs.study_work import Snapshot
from workbench.engine.core.events import EpochEnded, Event, Notice, RunStarted
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped, percent
from workbench.engine.search.repeats import BEGINS


class SearchProgress:
    """The present trial of the search that is on, or the present run for the noise of seeds."""

    def __init__(self) -> None:
        #: Progress of the present trial; empty while nothing is known.
        self.doing = ""
        #: Which run for the noise of seeds is trained, as a sentence; empty while trials are.
        self.repeat = ""
        self._epochs = 0

    def clear(self) -> None:
        """Nothing is known: a search begins, or has ended."""
        self.doing = self.repeat = ""

    def take(self, events: Sequence[Event]) -> bool:
        """Follow the events of the search; whether something is said otherwise now."""
        before = (self.doing, self.repeat)
        for event in events:
            self._take(event)
        return (self.doing, self.repeat) != before

    def _take(self, event: Event) -> None:
        if isinstance(event, Loading):
            self.doing = event.words
        elif isinstance(event, Notice) and event.code == BEGINS:
            self.repeat = event.message
        elif isinstance(event, RunStarted):
            self._epochs = int(event.spec["loop"]["epochs"])
            self.doing = "Training"
        elif isinstance(event, EpochEnded):
            reached = f", {percent(event.val.accuracy)}" if event.val is not None else ""
            self.doing = f"Epoch {grouped(event.epochs_done)} of {grouped(self._epochs)}{reached}"

    def of_bar(self, study: Snapshot) -> Loading:
        """The trials of ``study`` that have ended, of those planned (0 where their number is not), and which
        one is trained."""
        done = sum(trial.state in ("complete", "pruned", "failed") for trial in study.trials if not trial.by_hand)
        planned = study.plan.planned or 0
        if self.repeat:
            return Loading(planned, planned, "noise of seeds")
        number = min(done + 1, planned) if planned else done + 1
        return Loading(done, planned, f"trial {grouped(number)}" + (f" of {grouped(planned)}" if planned else ""))
