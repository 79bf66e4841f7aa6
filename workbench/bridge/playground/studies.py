"""Longer looks at a playground: the best rate of each racer, many random starts, how rare minima are."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task
from workbench.engine.core.progress import Job, Loading, translated
from workbench.engine.playground.random_matrices import share_of_minima
from workbench.engine.playground.spec import PlaygroundSpec

if TYPE_CHECKING:
    from workbench.engine.playground.rates import RateBand

#: Random matrices that are drawn in each number of dimensions.
DRAWS: Final = 20_000


class Studies(QObject):
    """Each study runs as a task with progress. An answer is about the request it was asked with.

    ``rates``: a RateBand for each racer. ``restarts``: a Restarts. ``minima``: a tuple with the measured share in 1, 2,
    … dimensions.
    """

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self.rates = LatestRequest(tasks, "Finding the best learning rate of each racer", self)
        self.restarts = LatestRequest(tasks, "Racing from random points", self)
        self.minima = LatestRequest(tasks, "Drawing random matrices", self)

    def find_rates(self, spec: PlaygroundSpec) -> None:
        """Try learning rates for every racer of ``spec``."""
        self.rates.ask(_without_rates(spec), as_task(lambda: _bands(spec)))

    def restart_at_random(self, spec: PlaygroundSpec) -> None:
        """Race from random points."""
        self.restarts.ask(spec, as_task(lambda: _restarts(spec)))

    def measure_minima(self, dimensions: int) -> None:
        """Measure how rare minima are in up to ``dimensions`` dimensions."""
        known = self.minima.value or ()
        if len(known) < dimensions:
            self.minima.ask(dimensions, as_task(lambda: _shares(dimensions, known)))

    def forget(self, spec: PlaygroundSpec) -> None:
        """Drop what is not about ``spec`` any more."""
        for study, about in ((self.rates, _without_rates(spec)), (self.restarts, spec)):
            if (study.is_pending or study.value is not None) and not study.is_about(about):
                study.forget()
                study.changed.emit()

    def cancel(self) -> None:
        """Cancel the pending work."""
        for study in (self.rates, self.restarts, self.minima):
            study.cancel()


def _without_rates(spec: PlaygroundSpec) -> PlaygroundSpec:
    """``spec`` with the same learning rate for all: the best rates do not depend on the present ones."""
    same = tuple(racer.model_copy(update={"lr": 0.1}) for racer in spec.racers)
    return spec.model_copy(update={"racers": same})


def _bands(spec: PlaygroundSpec) -> Generator[Loading, None, tuple[RateBand, ...]]:
    from workbench.engine.playground.rates import QUICK, RateBand, rate_band  # imports torch

    total, found = len(spec.racers) * len(QUICK), list[RateBand]()
    for racer in spec.racers:
        done = len(found) * len(QUICK)
        found.append((yield from translated(rate_band(spec, racer, QUICK), partial(_of_all, done, total))))
    return tuple(found)


def _of_all(done: int, total: int, progress: Loading) -> Loading:
    return Loading(done + progress.done, total, progress.words)


def _restarts(spec: PlaygroundSpec) -> Job[object]:
    from workbench.engine.playground.restarts import restarts  # imports torch

    return restarts(spec)


def _shares(dimensions: int, known: tuple[float, ...]) -> Generator[Loading, None, tuple[float, ...]]:
    found = list(known)
    while len(found) < dimensions:
        yield Loading(len(found), dimensions, "Drawing random matrices")
        found.append(share_of_minima(len(found) + 1, DRAWS))
    return tuple(found)
