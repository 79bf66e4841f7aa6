"""An average of the weights along one run: variance and level of its validation accuracy against the raw weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.engine.core.text import percent, short
from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.catalog.surfaces import Array
    from workbench.engine.lessons.real_runs import RealRun


class _Averaged(OfRun):
    """Base: reads the first average of the run, at the evaluations after the first third of it."""

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        steps, raw, averaged = _curves(runs[self.run])
        lines = (line("Weights as they are", steps, 100 * raw), line("Their average", steps, 100 * averaged))
        panel = Panel("Validation accuracy", "Step", "Accuracy in per cent", lines)
        return Picture((panel,), _table(raw, averaged) if runs[self.run].ended is not None else None)


class CurveVariance(_Averaged):
    """Variance of the change from one evaluation to the next, with averaged weights ÷ with the raw ones; NaN without
    an average.
    """

    kind: ClassVar[str] = "curve_variance"
    title: ClassVar[str] = "Variance of the validation curve, averaged ÷ raw"
    summary: ClassVar[str] = (
        "The variance of the change in validation accuracy from one evaluation to the next, with averaged weights, "
        "divided by that with the weights as they are; behind the first third of the run."
    )
    order: ClassVar[int] = 73
    decimals: ClassVar[int | None] = 3

    def number(self, runs: Sequence[RealRun]) -> float:
        _, raw, averaged = _curves(runs[self.run])
        return _variance(averaged) / _variance(raw) if _variance(raw) else math.nan


class AverageLead(_Averaged):
    """Mean validation accuracy with averaged weights minus that with the raw ones, in points."""

    kind: ClassVar[str] = "average_lead"
    title: ClassVar[str] = "Lead of the averaged weights"
    summary: ClassVar[str] = (
        "The mean validation accuracy with averaged weights minus that with the weights as they are, behind the first "
        "third of the run."
    )
    order: ClassVar[int] = 74
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        _, raw, averaged = _curves(runs[self.run])
        return 100 * float(_late(averaged).mean() - _late(raw).mean())


def _curves(run: RealRun) -> tuple[Array, Array, Array]:
    """Steps (N,), and the validation accuracy with raw and with averaged weights at each (N,), from 0 to 1."""
    from workbench.engine.core.events import Evaluated

    found = [
        (event.step, event.val.accuracy, next(iter(event.averages.values())).accuracy)
        for event in run.of(Evaluated)
        if event.step and event.val is not None and event.averages
    ]
    steps, raw, averaged = np.array(found, dtype=np.float64).reshape(-1, 3).T
    return steps, raw, averaged


def _late(curve: Array) -> Array:
    found: Array = curve[len(curve) // 3 :]
    return found


def _variance(curve: Array) -> float:
    late = _late(curve)
    return float(np.diff(late).var()) if len(late) > 1 else math.nan


def _table(raw: Array, averaged: Array) -> Table:
    rows = tuple(
        (name, percent(float(_late(curve).mean())), short(10_000 * _variance(curve), 2))
        for name, curve in (("As they are", raw), ("Averaged", averaged))
        if len(curve)
    )
    return Table(("Weights", "Mean accuracy", "Variance"), rows)
