"""Random search against a grid with the same budget, where one of the settings matters and the others do not."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.progress import finished
from workbench.engine.core.randomness import mixed
from workbench.engine.core.search_space import grid_points, log_uniform, random_point
from workbench.engine.core.text import counted, grouped, short
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, NamedSpec, Quantity, Stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from workbench.engine.spec.experiment import ExperimentSpec

#: The learning rates at which the score is measured, each by a run: 8 for each power of ten.
RATES: Final = 10.0 ** np.linspace(-4, 2, 49)
#: A search goes over this many powers of ten, beginning somewhere in the first two of ``RATES``.
DECADES, FIRST = 4.0, 2.0
#: Searches over which is averaged.
REPEATS: Final = 200
#: The setting that does not matter, as the strength of an L2 penalty, and the strengths at which that is checked.
WEAK, STRONG = 1e-7, 1e-5
CHECKED: Final = (1e-7, 1e-6, 1e-5)


@dataclass
class _Found:
    """What is known so far: the scores (per cent) of the first of ``RATES``, the points of the newest search, and the
    best score of each search that is done.
    """

    scores: list[float] = field(default_factory=list)
    grid: Array = field(default_factory=lambda: np.empty((0, 1)))
    random: Array = field(default_factory=lambda: np.empty((0, 1)))
    low: float = RATES[0]
    best_of_grid: list[float] = field(default_factory=list)
    best_of_random: list[float] = field(default_factory=list)

    def score(self, points: Array) -> Array:
        """The scores of points (N, settings) of the newest search: straight lines between those measured."""
        return np.interp(np.log(self.rates(points)), np.log(RATES), self.scores)

    def rates(self, points: Array) -> Array:
        """The learning rates of points (N, settings)."""
        return log_uniform(points[:, 0], self.low, self.low * 10.0**DECADES)


class Searched(Quantity):
    """Base of numbers of the two searches; the scores are those of real runs."""

    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    budget: Annotated[int, Knob("Budget", "How many trials each search has.", low=1, high=100)] = 9
    settings: Annotated[
        int,
        Knob(
            "Settings",
            "How many settings are searched. The first one is the learning rate; the others have no effect.",
            low=1,
            high=5,
        ),
    ] = 2

    def measure(self, stage: Stage) -> Measuring:
        found = _Found()
        yield from self._measured(stage, found)
        for repeat in range(REPEATS):
            self._search(found, stage.seed, repeat)
            yield Frame(repeat + 1, REPEATS, f"Search {grouped(repeat + 1)} of {grouped(REPEATS)}", _picture(found))
        return self.number(found)

    @abstractmethod
    def number(self, found: _Found) -> float:
        """The number, when all is known."""

    def _measured(self, stage: Stage, found: _Found) -> Generator[Frame, None, None]:
        for rate in RATES:
            found.scores.append(score_of(stage, stage.run.edited("optimizer.lr", float(rate))))
            words = f"{counted(len(found.scores), 'run')} of {grouped(len(RATES))}, at rate {short(float(rate), 2)}"
            yield Frame(len(found.scores), len(RATES), words, _picture(found))

    def _search(self, found: _Found, seed: int, repeat: int) -> None:
        """One more search of either kind, both over the same range of rates."""
        found.low = RATES[0] * 10.0 ** (FIRST * random_point(mixed("range", seed), repeat, 1)[0])
        found.grid = grid_points(self.budget, self.settings)
        key = mixed("repeat", seed, repeat)
        found.random = np.stack([random_point(key, number, self.settings) for number in range(self.budget)])
        found.best_of_grid.append(float(found.score(found.grid).max()))
        found.best_of_random.append(float(found.score(found.random).max()))


class RandomLead(Searched):
    """The best score that a random search finds minus that of the grid, in percentage points, a mean over searches."""

    kind: ClassVar[str] = "random_lead"
    title: ClassVar[str] = "Best score of random search minus that of the grid"
    summary: ClassVar[str] = (
        "The best validation accuracy that a random search finds minus that of a grid with the same budget and range, "
        "a mean over 200 searches."
    )
    order: ClassVar[int] = 65
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def number(self, found: _Found) -> float:
        return float(np.mean(found.best_of_random) - np.mean(found.best_of_grid))


class DistinctValues(Searched):
    """How many values of the setting that matters a random search tries, divided by those of the grid."""

    kind: ClassVar[str] = "distinct_values"
    title: ClassVar[str] = "Values of the setting that matters, random against grid"
    summary: ClassVar[str] = "How many different learning rates a random search tries, divided by those of the grid."
    order: ClassVar[int] = 66

    def number(self, found: _Found) -> float:
        return _distinct(found.random) / _distinct(found.grid)


class OtherSetting(Quantity):
    """How much the score changes with the setting that is said not to matter, in percentage points."""

    kind: ClassVar[str] = "other_setting"
    title: ClassVar[str] = "What the other setting changes"
    summary: ClassVar[str] = (
        "The largest validation accuracy minus the smallest with L2 penalties from 1e-7 to 1e-5, at the experiment's "
        "learning rate."
    )
    order: ClassVar[int] = 67
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    def measure(self, stage: Stage) -> Measuring:
        scores = []
        for strength in CHECKED:
            penalty = [{"kind": "l2", "strength": strength}]
            scores.append(score_of(stage, stage.run.edited("regularization", penalty)))
            yield Frame(len(scores), len(CHECKED), f"The other setting, at {short(strength)}")
        return max(scores) - min(scores)


def score_of(stage: Stage, spec: ExperimentSpec) -> float:
    """The best validation accuracy of a run in per cent; that of guessing if it diverges before it is measured."""
    from workbench.engine.lessons.real_runs import RealRun, best_accuracy, here, trained

    known = stage.trained.runs
    run = known.get(here(spec))
    if run is None:
        run = RealRun(NamedSpec("", spec))
        finished(trained((run,), lambda _: Picture(), stage.trained.data))
        known[run.spec] = run
    found = best_accuracy(run)
    return 100 * (found if np.isfinite(found) else 1 / len(run.context.data.classes))


def _distinct(points: Array) -> int:
    return len(np.unique(points[:, 0]))


def _picture(found: _Found) -> Picture:
    return Picture((_plane(found), _curve(found)), _table(found) if found.best_of_grid else None)


def _plane(found: _Found) -> Panel:
    """Where the newest searches look. With one setting there is only a line to look along."""
    lines = []
    for name, points in (("Grid", found.grid), ("Random", found.random)):
        other = points[:, 1] if points.shape[1] > 1 else np.full(len(points), 0.5)
        lines.append(line(name, found.rates(points), log_uniform(other, WEAK, STRONG), "dots"))
    return Panel("Trials of the last search", "Learning rate", "Strength of L2", tuple(lines), log_x=True, log_y=True)


def _curve(found: _Found) -> Panel:
    """The score against the rate, with the trials of the newest searches on it."""
    searches = ("Grid", found.grid), ("Random", found.random)
    tried = [line(name, found.rates(points), found.score(points), "dots") for name, points in searches if len(points)]
    measured = line("Measured", RATES[: len(found.scores)], found.scores, "dashed")
    label = "Validation accuracy in per cent"
    return Panel("Score of each trial", "Learning rate", label, (*tried, measured), log_x=True)


def _table(found: _Found) -> Table:
    rows = []
    searches = ("Grid", found.grid, found.best_of_grid), ("Random", found.random, found.best_of_random)
    for name, points, best in searches:
        rows.append((name, grouped(len(points)), grouped(_distinct(points)), f"{grouped(float(np.mean(best)), 1)} %"))
    return Table(("Search", "Trials", "Learning rates", "Best score, mean"), tuple(rows))
