"""Rules about both curves: nothing learned, silent units, overfitting, a noisy validation, an end that came early."""

from __future__ import annotations

from dataclasses import replace
from math import hypot
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import decimal_text, grouped, percent
from workbench.engine.report.causes import HighRate, Initialization, is_open
from workbench.engine.report.curve import WINDOW, Curve
from workbench.engine.report.explanation import Evidence, Explanation, Rule
from workbench.engine.report.generalization_gap import margin
from workbench.engine.report.layer_advice import MANY, worst
from workbench.engine.report.suggestions import (
    Suggestion,
    averaged_weights,
    higher_rate,
    less_fitting,
    living_units,
    lower_rate,
    more_epochs,
    tested_from,
    unsaturated,
)

#: A loss within this share of ln C is that of equal probabilities.
NEAR_CHANCE: Final = 0.03
#: Number of evaluations whose validation accuracy is checked for noise.
LOOKED_AT: Final = 10
#: The standard deviation of validation accuracy about its trend from which it counts as noisy: two points.
NOISY: Final = 0.02


class NotLearning(Rule):
    """The training loss stands still at ln C."""

    name: ClassVar[str] = "not_learning"
    sentence: ClassVar[str] = "Nothing is learned: the training loss stays at that of equal probabilities."

    def explained(self, curve: Curve) -> Explanation | None:
        chance, now = curve.fit.chance, curve.now.train
        if abs(now.loss - chance) > NEAR_CHANCE * chance or not curve.train_stands:
            return None
        words = (
            f"Training loss {decimal_text(now.loss)} at {curve.now.place} and {decimal_text(curve.past.train.loss)} at "
            f"{curve.past.place}; equal probabilities give {decimal_text(chance)}."
        )
        where = Evidence(words, curve.past.epoch.step, curve.now.epoch.step)
        return self.says(where, suggestion=self._advice(curve))

    def _advice(self, curve: Curve) -> Suggestion | None:
        causes = (rule.suggested(curve.fit) for rule in (Initialization(), HighRate()))
        return next((found for found in causes if found is not None), None) or higher_rate(curve.history)


class SilentUnits(Rule):
    """In a layer most units are zero for every example (dead), or at the ends of their range (saturated)."""

    name: ClassVar[str] = "silent_units"
    sentence: ClassVar[str] = "Units have died: they are zero for every example and get no gradient."
    saturated: ClassVar[str] = "Units are saturated: at the ends of their range the gradient vanishes."

    def explained(self, curve: Curve) -> Explanation | None:
        fit, stats = curve.fit, curve.history.layers
        if stats is None or not is_open(fit):
            return None
        name, share = worst(fit.layers, "dead")
        if share > MANY:
            words = f"In {name}, {percent(share, 0)} of the units are zero for every example of the batch."
            found = Evidence(words, stats.step, stats.step)
            return self.says(found, suggestion=living_units(curve.history) or lower_rate(curve.history))
        name, share = worst(fit.layers, "saturated")
        if share <= MANY:
            return None
        words = f"In {name}, {percent(share, 0)} of the values are at the ends of the range."
        found = Evidence(words, stats.step, stats.step)
        return self.says(found, suggestion=unsaturated(curve.history), sentence=self.saturated)


class Overfitting(Rule):
    """Since the epoch with the lowest validation loss that has risen, while the training loss went on falling."""

    name: ClassVar[str] = "overfitting"
    sentence: ClassVar[str] = "Overfitting: what is learned since then does not hold for new examples."

    def explained(self, curve: Curve) -> Explanation | None:
        lowest, now = curve.points[int(np.nanargmin(curve.points.val.losses))], curve.now
        rose = now.val.loss - lowest.val.loss > margin(lowest.val, now.val)
        if curve.epochs_since(lowest) < WINDOW or not rose or not curve.train_fell(lowest):
            return None
        steps = lowest.epoch.step, now.epoch.step
        val = f"Validation loss rose from {decimal_text(lowest.val.loss)} ({lowest.place}) to "
        train = (
            f"Training loss fell from {decimal_text(lowest.train.loss)} to {decimal_text(now.train.loss)} meanwhile."
        )
        return self.says(
            Evidence(f"{val}{decimal_text(now.val.loss)} ({now.place}).", *steps),
            Evidence(train, *steps),
            suggestion=less_fitting(curve.history),
            sentence=f"Overfitting since {lowest.place}: what was learned after it does not hold for new examples.",
        )


class NoisyValidation(Rule):
    """Validation accuracy goes up and down by points: one evaluation says little, and the best is partly luck."""

    name: ClassVar[str] = "noisy_validation"
    sentence: ClassVar[str] = "Validation is noisy: the best value is partly luck, and single evaluations say little."

    def explained(self, curve: Curve) -> Explanation | None:
        last = curve.points[-LOOKED_AT:]
        if len(last) < LOOKED_AT or not last[0].epoch.step or curve.fit.learned_nothing:
            return None
        accuracies = last.val.accuracies
        if _noise(accuracies) < NOISY:
            return None
        low, high = percent(float(accuracies.min())), percent(float(accuracies.max()))
        own = 2 * curve.now.val.accuracy_se
        words = (
            f"In the last {LOOKED_AT} evaluations (since {last[0].place}) accuracy went up and down between {low} and "
            f"{high}; {grouped(curve.now.val.n)} examples alone leave ± {percent(own)}."
        )
        where = Evidence(words, last[0].epoch.step, curve.now.epoch.step)
        return self.says(where, suggestion=averaged_weights(curve.history) or lower_rate(curve.history))


def _noise(values: npt.NDArray[np.float64]) -> float:
    """The standard deviation of ``values`` (n,) about a smooth trend.

    A second difference of white noise has √6 of its standard deviation, one of a smooth curve next to nothing; the
    median of their sizes, 0.6745 standard deviations of a normal distribution, does not see a bend of the curve.
    """
    return float(np.median(np.abs(np.diff(values, 2)))) / (0.6745 * 6**0.5)


class BestAtLast(Rule):
    """The run is complete, its best validation is its last, and it was still improving."""

    name: ClassVar[str] = "best_at_last"
    sentence: ClassVar[str] = "The best evaluation is the last: more epochs would probably be better still."

    def explained(self, curve: Curve) -> Explanation | None:
        ended, then, now = curve.history.ended, curve.past.val, curve.now.val
        if ended is None or ended.reason != "completed" or not curve.now.epoch.is_best:
            return None
        better = now.accuracy - then.accuracy > 2 * hypot(then.accuracy_se, now.accuracy_se)
        if not better and then.loss - now.loss <= margin(then, now):
            return None
        words = (
            f"Validation accuracy {percent(then.accuracy)} at {curve.past.place}, {percent(now.accuracy)} at "
            f"{curve.now.place}; loss {decimal_text(then.loss)} and {decimal_text(now.loss)}."
        )
        where = Evidence(words, curve.past.epoch.step, curve.now.epoch.step)
        said, longer = self.says(where), more_epochs(curve.history)
        return said if longer is None else replace(said, suggestion=tested_from(longer, curve.now.epoch.step))
