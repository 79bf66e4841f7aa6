"""Why a network does not fit its training data, the likeliest cause first, each with the change that would show it.

A rule is one class and speaks only where its evidence is clear; it is asked of runs whose training accuracy is below
``FITTED``. ``tests/engine/report/recorded`` has curves of real runs on which each rule must speak or be silent.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import ClassVar, Final

import numpy as np

from workbench.engine.core.text import decimal_text, percent, short
from workbench.engine.report.curve import Curve, Fit
from workbench.engine.report.explanation import Evidence, Explanation, Rule
from workbench.engine.report.generalization_gap import margin
from workbench.engine.report.layer_advice import LARGE, MANY, is_sound
from workbench.engine.report.suggestions import (
    Suggestion,
    higher_rate,
    lower_rate,
    more_capacity,
    usual_initialization,
    weaker_penalty,
)

#: A training accuracy from which nothing keeps the network from fitting.
FITTED: Final = 0.95
#: A loss before the first step beyond this multiple of ln C comes from initial weights that are too large.
LARGE_START: Final = 3.0
#: A hidden layer whose activations spread less than this passes nothing on.
NO_SPREAD: Final = 1e-3
#: A penalty of at least this strength can hold a network back that could fit.
STRONG_PENALTY: Final = 1e-2
#: The loss falls as fast in the second half as in the first, to at least this share: it has not begun to converge.
STEADY: Final = 0.6
#: A step that changes the weights by less than this share is small.
SMALL_UPDATE: Final = 3e-4
#: A loss below this share of ln C shows that something was learned.
LEARNED: Final = 0.9


class Cause(Rule):
    """One reason. ``suggested`` gives the change with its evidence, None where the evidence is not clear."""

    @abstractmethod
    def suggested(self, fit: Fit) -> Suggestion | None:
        """The change that would show it."""

    def explained(self, curve: Curve) -> Explanation | None:
        if not is_open(curve.fit) or not self.is_asked(curve):
            return None
        found = self.suggested(curve.fit)
        return None if found is None else self.says(Evidence(found.why, *self.place(curve)), suggestion=found)

    def is_asked(self, curve: Curve) -> bool:
        """Whether the run is one of those that the rule is made for."""
        return True

    def place(self, curve: Curve) -> tuple[int, int]:
        """The steps from the first to the last at which its evidence is read; by default the layers' or the last."""
        step = curve.now.epoch.step
        return step, step


class StrongPenalty(Cause):
    """Weight decay or a penalty on the weights holds them back."""

    name: ClassVar[str] = "strong_penalty"
    sentence: ClassVar[str] = "A penalty on the weights holds the network back."

    def place(self, curve: Curve) -> tuple[int, int]:
        return curve.first_step, curve.now.epoch.step

    def suggested(self, fit: Fit) -> Suggestion | None:
        path, strength = max(_penalties(fit), key=lambda each: each[1], default=("", 0.0))
        if strength < STRONG_PENALTY:
            return None
        return _because(weaker_penalty(path, strength), f"The penalty on the weights is strong: {short(strength)}.")


class Initialization(Cause):
    """The initial weights are so large that the start is far above chance, or so small that nothing passes."""

    name: ClassVar[str] = "initialization"
    sentence: ClassVar[str] = "The initial weights do not suit the network."

    def place(self, curve: Curve) -> tuple[int, int]:
        return curve.first_step, curve.now.epoch.step

    def suggested(self, fit: Fit) -> Suggestion | None:
        if fit.is_fork:  # its initial weights are what another run had learned
            return None
        if fit.start.loss > LARGE_START * fit.chance:
            start, chance = decimal_text(fit.start.loss), decimal_text(fit.chance)
            why = f"Before the first step the loss was {start}; equal probabilities give {chance}. "
            return _because(usual_initialization(fit.history), f"{why}The initial weights are too large.")
        quiet = next((name for name, each in fit.layers[:-1] if each.std < NO_SPREAD), None)
        if fit.learned_nothing and quiet is not None and not _rose(fit):
            why = f"The loss is that of equal probabilities, and the activations of {quiet} do not differ: "
            return _because(usual_initialization(fit.history), f"{why}the initial weights are too small.")
        return None


class HighRate(Cause):
    """Steps are too large: the loss rose above its start, units died, or a step changes the weights by per cents."""

    name: ClassVar[str] = "rate_too_high"
    sentence: ClassVar[str] = "The learning rate is too high."

    def place(self, curve: Curve) -> tuple[int, int]:
        return curve.first_step, curve.now.epoch.step

    def suggested(self, fit: Fit) -> Suggestion | None:
        return _because(lower_rate(fit.history), self._evidence(fit))

    def _evidence(self, fit: Fit) -> str:
        if _rose(fit):
            highest = decimal_text(max(fit.train.losses[1:].tolist()))
            return f"The training loss rose from {decimal_text(fit.start.loss)} to {highest} after the first steps."
        dead = max(((each.dead or 0.0, name) for name, each in fit.layers), default=(0.0, ""))
        if dead[0] > MANY:
            return f"In {dead[1]}, {percent(dead[0], 0)} of the units are zero for every example of the batch."
        ratio = _update_ratio(fit)
        return f"A step changes the weights by {percent(ratio)}; 0.1 % is usual." if ratio and ratio > LARGE else ""


class LowRate(Cause):
    """The loss falls at every evaluation and as fast as at the beginning, in small steps: it has not converged."""

    name: ClassVar[str] = "rate_too_low"
    sentence: ClassVar[str] = "The learning rate is too low: training has not begun to converge."

    def place(self, curve: Curve) -> tuple[int, int]:
        return curve.first_step, curve.now.epoch.step

    def suggested(self, fit: Fit) -> Suggestion | None:
        if fit.is_fork:  # the beginning was that of another run
            return None
        ratio = _update_ratio(fit)
        losses = fit.train.losses[1:].tolist()
        if len(losses) < 6 or ratio is None or ratio > SMALL_UPDATE or not _falls_steadily(losses):
            return None
        if fit.train[1].loss - fit.now.loss <= margin(fit.train[1], fit.now):
            return None
        why = "The training loss still falls as fast as at the beginning, and a step changes the weights by only {}."
        return _because(higher_rate(fit.history), why.format(percent(ratio, 3)))


class Capacity(Cause):
    """The network learned what it can: it has converged above zero, and nothing else stands out."""

    name: ClassVar[str] = "underfitting"
    sentence: ClassVar[str] = "Underfitting: the network is too small, or held back, for what it has to learn."

    def is_asked(self, curve: Curve) -> bool:
        return curve.train_stands

    def place(self, curve: Curve) -> tuple[int, int]:
        return curve.past.epoch.step, curve.now.epoch.step

    def suggested(self, fit: Fit) -> Suggestion | None:
        if not fit.layers or not is_sound(fit.layers) or fit.now.loss > LEARNED * fit.chance or _rose(fit):
            return None
        why = f"Training has converged at {percent(fit.now.accuracy)}, and layers and updates look as they should."
        return _because(more_capacity(fit.history), why)


#: In the order in which they are asked. Without a plateau the last is not asked.
CAUSES: Final[tuple[Cause, ...]] = (StrongPenalty(), Initialization(), HighRate(), LowRate(), Capacity())


def is_open(fit: Fit) -> bool:
    """Whether there is something to explain: the network does not fit its training data, and has not diverged."""
    return fit.now.accuracy < FITTED and math.isfinite(fit.now.loss)


def cause_of(fit: Fit, has_converged: bool) -> Suggestion | None:
    """The first cause that is clear. None where the network fits, or where nothing is clear."""
    if not is_open(fit):
        return None
    asked = (each for each in CAUSES if has_converged or not isinstance(each, Capacity))
    return next((found for each in asked if (found := each.suggested(fit)) is not None), None)


def _because(suggestion: Suggestion | None, why: str) -> Suggestion | None:
    return replace(suggestion, why=why) if suggestion is not None and why else None


def _penalties(fit: Fit) -> Iterator[tuple[str, float]]:
    decay = fit.setting("optimizer.weight_decay")
    if isinstance(decay, (int, float)):
        yield "optimizer.weight_decay", decay
    for index, each in enumerate(fit.setting("regularization") or ()):
        for name in ("strength", "l1", "l2"):
            strength = each.get(name) if isinstance(each, Mapping) else None
            if isinstance(strength, (int, float)):
                yield f"regularization.{index}.{name}", strength


def _rose(fit: Fit) -> bool:
    """Whether the loss went above its start. A fork with a penalty or augmentation may do so without any fault."""
    if fit.is_fork:
        return False
    with np.errstate(invalid="ignore"):  # losses may be infinite
        margins = 2 * np.hypot(fit.start.loss_se, fit.train.loss_ses[1:])
        return bool((fit.train.losses[1:] - fit.start.loss > margins).any())


def _update_ratio(fit: Fit) -> float | None:
    ratios = [each.update_ratio for _, each in fit.layers if each.update_ratio is not None]
    return median(ratios) if ratios else None


def _falls_steadily(losses: Sequence[float]) -> bool:
    """Whether the logarithm of the loss falls in the second half nearly as fast as in the first."""
    if min(losses) <= 0:
        return False
    middle = len(losses) // 2
    first, second = math.log(losses[0] / losses[middle]), math.log(losses[middle] / losses[-1])
    spans = middle, len(losses) - 1 - middle
    rises = sum(later >= earlier for earlier, later in pairwise(losses))
    return first > 0 and rises <= len(losses) // 10 and second / spans[1] >= STEADY * first / spans[0]
