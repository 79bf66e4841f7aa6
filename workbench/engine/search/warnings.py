"""Messages on a study besides its trials."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import counted, grouped, rough_duration, short, significant
from workbench.engine.search.field import Field, ranged
from workbench.engine.search.plan import Plan
from workbench.engine.search.trial import Trial, best_of
from workbench.engine.shelf.differing import knob_at, label_at
from workbench.engine.spec.experiment import ExperimentSpec

#: Share of each range that a finer search covers, around the best trial.
_SHARE = 0.25
#: Number of ended trials from which on the best one says something about its range: the first is best wherever it lies.
_ENOUGH = 5


def seconds_a_trial(trials: Sequence[Trial]) -> float | None:
    """The median of the time of complete trials in seconds; None without one."""
    seconds = [trial.seconds for trial in trials if trial.state == "complete"]
    return median(seconds) if seconds else None


def edges(plan: Plan, trials: Sequence[Trial]) -> tuple[str, ...]:
    """A sentence for each setting of the best trial at the edge of its range; none before 5 trials have ended."""
    ended = sum(trial.state in ("complete", "pruned", "failed") for trial in trials)
    best = best_of(tuple(trials))
    return tuple(_edges(plan, best[0])) if best and ended >= _ENOUGH else ()


def time_left(plan: Plan, trials: Sequence[Trial]) -> str:
    """How long the trials that are left take at the measured speed; empty where it is not known."""
    seconds = seconds_a_trial(trials)
    if seconds is None or plan.planned is None:
        return ""
    left = plan.planned - sum(trial.state in ("complete", "pruned", "failed") for trial in trials if not trial.by_hand)
    if left <= 0:
        return ""
    return f"{counted(left, 'trial')} at {grouped(seconds, 1)} s each: {rough_duration(left * seconds)} left."


def finer(plan: Plan, trials: Sequence[Trial]) -> Plan | None:
    """A search around the best trial: a quarter of each range (of its logarithm where it is one), over the edge where
    the best lies there, as far as the limits of the setting allow. Choices are those of the best trial.

    None without a complete trial, or where nothing but choices was searched.
    """
    best = best_of(tuple(trials))
    if not best:
        return None
    values = best[0].values
    spec = plan.space.spec(values)
    found = [_around(field, values[field.path], spec) for field in plan.fields if field.path in values]
    fields = tuple(field for field in found if field is not None)
    chosen = {field.path: values[field.path] for field in plan.fields if field.choices and field.path in values}
    return replace(plan, base=plan.space.spec(chosen), fields=fields) if fields else None


def _edges(plan: Plan, best: Trial) -> Iterator[str]:
    for field in plan.fields:
        end = field.edge(best.values[field.path]) if field.path in best.values else ""
        if end:
            label = label_at(plan.space.spec(best.values), field.path)
            value = short(float(best.values[field.path]))
            yield (
                f"The best trial lies at the {end} edge of the range of {label} ({value} of {field.words}): better "
                "values may lie beyond; search again with a range around it."
            )


def _around(field: Field, value: object, spec: ExperimentSpec) -> Field | None:
    """A narrower range around ``value``; None of choices, which it settles, and where none is left."""
    knob = knob_at(spec, field.path)
    if field.choices or knob is None or not isinstance(value, (int, float)):
        return None
    low, high = _ends(field, float(value), knob)
    if field.is_whole:
        low, high = round(low), round(high)
    return ranged(field.path, knob, field.is_whole, low, high) if low < high else None


def _ends(field: Field, value: float, knob: Knob) -> tuple[float, float]:
    if field.is_log:
        factor = (field.high / field.low) ** (_SHARE / 2)
        low, high = value / factor, value * factor
    else:
        half = (field.high - field.low) * _SHARE / 2
        low, high = value - half, value + half
    low, high = significant(low, 4), significant(high, 4)
    return low if knob.low is None else max(low, knob.low), high if knob.high is None else min(high, knob.high)
