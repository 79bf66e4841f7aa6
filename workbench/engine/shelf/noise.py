"""Whether a difference of runs is more than noise: that of seeds where runs were repeated, else of the examples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot, isfinite, sqrt
from statistics import fmean, stdev
from typing import Final

from workbench.engine.core.text import counted, grouped
from workbench.engine.shelf.record import RunRecord

#: Settings that do not change what is learned: names, what is watched, how it is computed.
_OF_NO_EFFECT: Final = frozenset(
    {("title",), ("note",), ("loop", "watch"), ("loop", "diagnostics"), ("loop", "speed_limit"), ("loop", "seed")}
)

#: What became of a run that did not end by itself; how many epochs it has trained follows.
_CUT: Final[Mapping[str, str]] = {
    "stopped": "was stopped after",
    "lost": "was cut off after",
    "failed": "failed after",
    "diverged": "diverged after",
    "running": "is still training, after",
    "paused": "is paused, after",
}


@dataclass(frozen=True, slots=True)
class Versus:
    """The second against the first: ``difference`` of (mean) best validation accuracies, as a share of 1.

    ``margin`` is half the 95 % interval of that difference: by Welch's t-test where both were repeated with other
    seeds, by the spread of the one that was repeated where only one was, else two standard errors of the means over
    the validation examples. ``runs`` are the numbers of runs on both sides.
    """

    difference: float
    margin: float
    runs: tuple[int, int]
    examples: int
    obstacle: str = ""

    @property
    def by_seeds(self) -> bool:
        """Whether the noise of seeds is known."""
        return max(self.runs) > 1

    @property
    def is_more_than_noise(self) -> bool:
        """Whether zero lies outside the interval of two that can be compared."""
        return not self.obstacle and abs(self.difference) > self.margin

    @property
    def words(self) -> str:
        """``+0.4 ± 0.6 points: not more than noise (3 and 3 seeds).``"""
        sign = "+" if self.difference > 0 else ""
        difference = f"{sign}{grouped(100 * self.difference, 1)}"
        if self.obstacle:
            return f"{difference} points, which says little: {self.obstacle}."
        points = f"{difference} ± {grouped(100 * self.margin, 1)} points"
        verdict = "more than noise" if self.is_more_than_noise else "not more than noise"
        return f"{points}: {verdict} ({self._source})."

    @property
    def _source(self) -> str:
        one, other = self.runs
        if self.by_seeds:
            return f"{counted(one, 'run')} against {grouped(other)}, with other seeds"
        examples = counted(self.examples, "validation example")
        return f"one run each: ± is the noise of {examples}; that of seeds is not known"


@dataclass(frozen=True, slots=True)
class Measured:
    """The best validation ``accuracy`` of a run (a share of 1), its standard ``error`` and the number of examples."""

    accuracy: float
    error: float
    examples: int

    @classmethod
    def of(cls, record: RunRecord) -> Measured | None:
        """That of a run; None where it has none."""
        val = record.best.val if record.best is not None else None
        if record.best_accuracy is None or not isfinite(record.best_accuracy):
            return None
        return cls(record.best_accuracy, val.accuracy_se if val is not None else 0.0, val.n if val is not None else 0)


def same_but_seed(record: RunRecord) -> str:
    """What runs have in common that differ only in their seed: settings and live changes, as a text to compare."""
    settings = _without(record.settings, ())
    changes = [(change.step, change.path, change.new) for change in record.changes]
    return json.dumps([settings, changes, record.train_size, record.val_size], sort_keys=True, default=str)


def alike(records: Iterable[RunRecord], among: Iterable[RunRecord]) -> tuple[RunRecord, ...]:
    """Those ``among`` that differ from one of ``records`` in their seed alone, or not at all."""
    keys = {same_but_seed(record) for record in records}
    return tuple(other for other in among if same_but_seed(other) in keys)


def repeats(record: RunRecord, among: Iterable[RunRecord]) -> tuple[RunRecord, ...]:
    """``record`` and those that differ from it in their seed alone, one for each seed; only those that were finished.

    A run that was stopped, or that still trains, has not had the same chance.
    """
    key, by_seed = same_but_seed(record), {record.seed: record}
    for other in among:
        if other.status == "finished" and other.seed not in by_seed and same_but_seed(other) == key:
            by_seed[other.seed] = other
    return tuple(by_seed.values()) if record.status == "finished" else (record,)


def versus(first: Sequence[RunRecord], second: Sequence[RunRecord]) -> Versus | None:
    """Runs with repeats against others; None where validation accuracies are missing."""
    one, other = (tuple(filter(None, map(Measured.of, records))) for records in (first, second))
    found = versus_measured(one, other)
    return None if found is None else replace(found, obstacle=_unequal(first[0], second[0]))


def versus_measured(first: Sequence[Measured], second: Sequence[Measured]) -> Versus | None:
    """As ``versus``, of runs that all have had the same training; None where one side is empty."""
    if not first or not second:
        return None
    one, other = [each.accuracy for each in first], [each.accuracy for each in second]
    cautious = 2 * hypot(first[0].error, second[0].error)  # as if measured on different examples
    margin = _margin_of_seeds(one, other) if len(one) + len(other) > 2 else cautious
    return Versus(fmean(other) - fmean(one), margin, (len(one), len(other)), first[0].examples)


def _unequal(first: RunRecord, second: RunRecord) -> str:
    """Why the best accuracies of two runs are not of equal training; empty if both ended by themselves, or after the
    same number of epochs."""
    if first.epoch == second.epoch:
        return ""
    named = (("the first", first), ("it", second))
    return ", and ".join(f"{name} {_CUT[run.status]} {_epochs(run)}" for name, run in named if run.status in _CUT)


def _epochs(run: RunRecord) -> str:
    return f"{grouped(run.epoch)} of {counted(run.epochs, 'epoch')}" if run.epochs else counted(run.epoch, "epoch")


def spread(values: Sequence[float]) -> float:
    """The standard deviation of ``values``; 0 for a single one."""
    return stdev(values) if len(values) > 1 else 0.0


def _margin_of_seeds(one: Sequence[float], other: Sequence[float]) -> float:
    """Half the 95 % interval. Of a single run the spread is taken to be that of the side that was repeated."""
    from scipy.special import stdtrit  # comes with scikit-learn

    if min(len(one), len(other)) > 1:
        parts = [spread(values) ** 2 / len(values) for values in (one, other)]
        error, total = sqrt(sum(parts)), sum(parts)
        if not total:
            return 0.0
        freedom = total**2 / sum(part**2 / (len(values) - 1) for part, values in zip(parts, (one, other), strict=True))
    else:
        repeated = max(one, other, key=len)
        error, freedom = spread(repeated) * sqrt(1 / len(one) + 1 / len(other)), len(repeated) - 1
    return float(stdtrit(freedom, 0.975)) * error


def _without(value: object, path: tuple[str, ...]) -> object:
    if not isinstance(value, dict):
        return value
    kept = {name: (*path, name) for name in value if (*path, name) not in _OF_NO_EFFECT}
    return {name: _without(value[name], below) for name, below in kept.items()}
