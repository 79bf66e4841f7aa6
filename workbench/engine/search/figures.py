"""Arrays of a study for its plots: where each trial lies on every field, the best so far, a contour, the importance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.randomness import mixed
from workbench.engine.core.text import short
from workbench.engine.search.field import Field, choice_words
from workbench.engine.search.plan import Plan
from workbench.engine.search.trial import STATES, Trial

if TYPE_CHECKING:
    from workbench.engine.search.study import Study

Floats = npt.NDArray[np.float64]
#: Maximum number of trials for an importance: with more it changes little and takes long.
_MOST: Final = 1_000
#: Number of bootstrap samples of the trials; their spread is the uncertainty of an importance.
_SAMPLES: Final = 8
_TREES: Final = 24
#: Minimum number of complete trials for an importance.
LEAST: Final = 8
#: Number of cells of a contour plot along each side.
CELLS: Final = 24


@dataclass(frozen=True)
class Figures:
    """A study of N trials in the order of their numbers, as arrays.

    ``places`` (N, fields) are positions from 0 to 1 along each field, NaN where a trial has no value of it. ``values``
    (N,) are accuracies, shares of 1, of complete trials, else NaN; ``reached`` (N,) also those of others that were
    measured. ``states`` (N,) are positions in ``STATES``.
    """

    fields: tuple[Field, ...]
    numbers: npt.NDArray[np.int64]
    places: Floats
    values: Floats
    reached: Floats
    states: npt.NDArray[np.int8]
    best_so_far: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def best(self) -> int | None:
        """The row of the best complete trial, None without one."""
        return int(np.nanargmax(self.values)) if np.isfinite(self.values).any() else None

    def contour(self, across: int, up: int, cells: int = CELLS) -> Floats:
        """The mean accuracy of complete trials in each of ``cells`` × ``cells`` equal parts of two fields, row 0 at
        the lower end of ``up``; NaN where there is none."""
        x, y = self.places[:, across], self.places[:, up]
        known = np.isfinite(x) & np.isfinite(y) & np.isfinite(self.values)
        at = [np.clip((each[known] * cells).astype(int), 0, cells - 1) for each in (y, x)]
        total, count = np.zeros((cells, cells)), np.zeros((cells, cells))
        np.add.at(total, tuple(at), self.values[known])
        np.add.at(count, tuple(at), 1)
        return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def figures(plan: Plan, trials: Sequence[Trial]) -> Figures:
    """The arrays of ``trials``."""
    values = np.array([np.nan if trial.value is None else trial.value for trial in trials], dtype=np.float64)
    reached = np.array([np.nan if trial.reached is None else trial.reached for trial in trials], dtype=np.float64)
    places = np.full((len(trials), len(plan.fields)), np.nan)
    for column, each in enumerate(plan.fields):
        for row, trial in enumerate(trials):
            if each.path in trial.values and each.has(trial.values[each.path]):
                places[row, column] = each.place(trial.values[each.path])
    numbers = np.array([trial.number for trial in trials], dtype=np.int64)
    states = np.array([STATES.index(trial.state) for trial in trials], dtype=np.int8)
    return Figures(plan.fields, numbers, places, values, reached, states, _best_so_far(values))


def tick_words(of: Field) -> tuple[tuple[float, str], ...]:
    """Place and text of what is written along a field: its ends and middle, or its choices."""
    if of.choices:
        return tuple((of.place(choice), choice_words(choice)) for choice in of.choices)
    return tuple((of.place(value), short(float(value), 3)) for value in of.grid(3))


@dataclass(frozen=True, slots=True)
class Importance:
    """How much of the variance of the accuracy a field explains (a share of 1), by fANOVA (Hutter et al. 2014):
    the mean over random samples of the trials, and their standard deviation."""

    path: str
    share: float
    spread: float


def importances(study: Study, trials: int = _MOST) -> tuple[Importance, ...]:
    """The importance of each field that every complete trial has, the largest first; none of fewer than ``LEAST``
    trials, or where all have the same value."""
    import optuna

    complete = [each for each in study.frozen() if each.state.name == "COMPLETE"]
    if len(complete) < LEAST or len({each.value for each in complete}) < 2:
        return ()
    draw = np.random.Generator(np.random.PCG64(mixed("search importance", study.plan.seed)))
    found: dict[str, list[float]] = {}
    for sample in range(_SAMPLES):
        of_sample = optuna.create_study(direction="maximize")
        rows = draw.choice(len(complete), min(len(complete), trials))
        of_sample.add_trials([complete[row] for row in rows])
        evaluator = optuna.importance.FanovaImportanceEvaluator(n_trees=_TREES, seed=sample)
        try:
            shares = optuna.importance.get_param_importances(of_sample, evaluator=evaluator)
        except (RuntimeError, ValueError):  # all trials of a sample have the same value
            continue
        for path, share in shares.items():
            found.setdefault(path, []).append(share)
    made = [Importance(path, float(np.mean(each)), float(np.std(each))) for path, each in found.items()]
    return tuple(sorted(made, key=lambda each: -each.share))


def _best_so_far(values: Floats) -> Floats:
    """The highest of the values up to each; NaN before the first."""
    found = np.maximum.accumulate(np.where(np.isfinite(values), values, -np.inf))
    return np.where(np.isfinite(found), found, np.nan)
