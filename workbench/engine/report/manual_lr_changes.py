"""The rate changes that were made by hand in a run, as a schedule for the next one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.schedules.decays import Milestones
from workbench.engine.core.events import Edited
from workbench.engine.core.text import significant
from workbench.engine.spec.experiment import ExperimentSpec

#: The setting that a hand on the rate changes.
RATE = "optimizer.lr"

Changes = tuple[tuple[int, float], ...]


def rate_edits(tape: Iterable[Edited]) -> tuple[Edited, ...]:
    """The entries of a steer tape that changed the learning rate."""
    return tuple(edit for edit in tape if edit.path == RATE and edit.new != edit.old)


def as_schedule(spec: ExperimentSpec, tape: Iterable[Edited]) -> Schedule:
    """A schedule under which a run of ``spec`` has at every step the rate that it had with the edits of ``tape``.

    Milestones if the run had no decay and every edit the same factor; else the run's own schedule with the changes
    written into it. Raises SpecError if there are more changes than a schedule holds.
    """
    schedule = spec.schedule
    changes = _joined(schedule.by_hand, _changes(spec.optimizer.lr, rate_edits(tape)))
    gamma = _common_factor(changes)
    if gamma is not None and isinstance(schedule, Constant) and not schedule.warmup:
        table = {"kind": Milestones.kind, "per": "step", "at": [step for step, _ in changes], "gamma": gamma}
        return spec.edited("schedule", table).schedule
    return spec.edited("schedule.by_hand", changes).schedule


def largest_difference(
    spec: ExperimentSpec, steps_per_epoch: int, steps: Sequence[int], rates: npt.NDArray[np.float64]
) -> float:
    """By which share the rates that ``spec`` plans for ``steps`` differ at most from ``rates``, those used there."""
    planned = [
        spec.optimizer.lr * spec.schedule.factor(step, steps_per_epoch, spec.loop.epochs) for step in map(int, steps)
    ]
    usable = np.isfinite(rates) & (rates > 0)
    if not usable.any():
        return 0.0
    return float(np.max(np.abs(np.array(planned)[usable] / rates[usable] - 1.0)))


def _changes(first: float, edits: Sequence[Edited]) -> Changes:
    """The factor on the first rate from each step on; of several edits at one step the last one counts."""
    last = {edit.step: edit.new / first for edit in edits}
    return tuple(sorted(last.items()))


def _joined(one: Changes, other: Changes) -> Changes:
    """Both acting together; places where nothing changes are left out."""
    places = sorted({step for step, _ in (*one, *other)})
    both = [(step, _at(one, step) * _at(other, step)) for step in places]
    before = (1.0, *(factor for _, factor in both))
    return tuple(change for change, old in zip(both, before, strict=False) if change[1] != old)


def _at(changes: Changes, step: int) -> float:
    return next((factor for place, factor in reversed(changes) if place <= step), 1.0)


def _common_factor(changes: Changes) -> float | None:
    """The factor by which every change lowers the rate, if it is the same one; None else."""
    if not changes or changes[0][0] < 1:
        return None
    before = (1.0, *(factor for _, factor in changes))
    ratios = [new / old for (_, new), old in zip(changes, before, strict=False)]
    gamma = significant(ratios[0], 12)
    alike = all(math.isclose(ratio, gamma, rel_tol=1e-12) for ratio in ratios)
    return gamma if alike and 1e-6 <= gamma < 1.0 else None
