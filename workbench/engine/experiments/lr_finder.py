"""The learning-rate range test: a throw-away copy trains at a rate that rises from step to step (Smith 2017).

The network and the optimizer's state of a run are copied, never touched. Suggestions have the names of fastai's
``lr_find``, which made them known, and its rules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.text import grouped, short
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import loads

Floats = npt.NDArray[np.float64]

#: The smoothed loss remembers about ten steps.
SMOOTHING: Final = 0.9
#: A smoothed loss of this many times the lowest one ends the sweep.
DIVERGED: Final = 4.0
#: The first tenth of a sweep (too low to matter) and its last steps (on the way up) give no suggestion.
SKIP_FIRST, SKIP_LAST = 0.1, 5


@dataclass(frozen=True, slots=True)
class Sweep:
    """From which rate to which, in how many steps; each step's rate is the one before times the same factor."""

    low: float = 1e-6
    high: float = 10.0
    steps: int = 100

    def __post_init__(self) -> None:
        if not (0.0 < self.low < self.high < math.inf):
            raise SpecError([Problem("", "The lowest rate must be above 0 and below the highest.")])
        if not 10 <= self.steps <= 100_000:
            raise SpecError([Problem("", "A range test has from 10 to 100,000 steps.")])

    def rate(self, step: int) -> float:
        """The rate of the 0-based ``step``."""
        share = step / (self.steps - 1)
        return float(self.low * (self.high / self.low) ** share)


@dataclass(frozen=True, slots=True)
class Tried:
    """One step at ``rate``: the loss of its batch before the update, and the mean of the last ones."""

    rate: float
    loss: float
    smoothed: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rate that one of the rules suggests; ``rule`` says in a few words how it was found."""

    name: str
    rate: float
    rule: str


def range_test(spec: ExperimentSpec, sweep: Sweep, saved: dict[str, Any] | None = None) -> Generator[Tried, None, bool]:
    """Train a copy of what ``spec`` starts from, or of the run state ``saved``, and yield what each rate did.

    Of an ensemble it is the first member's; a copied state says itself of which settings it is.
    Returns whether it ended because the loss diverged. Raises WorkbenchError if the spec cannot be trained.
    """
    from workbench.engine.training.practice import practice_step
    from workbench.engine.training.set_up import set_up

    copy = set_up(loads(saved["spec"]) if saved is not None else spec.ensemble.members_of(spec)[0])
    if saved is not None:
        copy.state.restore(saved)
    smoother, lowest = _Smoother(), math.inf
    for step in range(sweep.steps):
        rate = sweep.rate(step)
        result = practice_step(copy, rate)
        if not result.finite:
            return True
        smoothed = smoother.next(result.loss)
        lowest = min(lowest, smoothed)
        yield Tried(rate, result.loss, smoothed)
        if smoothed > DIVERGED * lowest:
            return True
    return False


class _Smoother:
    """An exponential mean without the pull towards zero at its beginning."""

    def __init__(self) -> None:
        self._sum = self._weights = 0.0

    def next(self, value: float) -> float:
        self._sum = SMOOTHING * self._sum + value
        self._weights = SMOOTHING * self._weights + 1.0
        return self._sum / self._weights


# --- suggestions ------------------------------------------------------------------------------------------------------


def proposals(tried: Sequence[Tried]) -> tuple[Proposal, ...]:
    """The four suggestions from a sweep's smoothed loss; none where it is too short or the loss never fell."""
    first, last = round(SKIP_FIRST * len(tried)), len(tried) - SKIP_LAST
    rates = np.array([each.rate for each in tried[first:last]])
    losses = np.array([each.smoothed for each in tried[first:last]])
    if len(rates) < 5 or losses.min() >= losses[0]:
        return ()
    rules: tuple[tuple[str, Callable[[Floats, Floats], float], str], ...] = (
        ("Steepest", steepest, "where the loss falls fastest"),
        ("Valley", valley, "halfway down the longest fall"),
        ("Slide", slide, "before the curve turns, from the right"),
        ("Minimum / 10", minimum, "a tenth of the rate with the lowest loss"),
    )
    return tuple(Proposal(name, rule(rates, losses), words) for name, rule, words in rules)


def steepest(rates: Floats, losses: Floats) -> float:
    """The rate at which the loss falls fastest over the logarithm of the rate (fastai ``steep``)."""
    return float(rates[np.argmin(np.diff(losses) / np.diff(np.log(rates)))])


def minimum(rates: Floats, losses: Floats) -> float:
    """A tenth of the rate with the lowest loss (fastai ``minimum``): at the lowest point it is about to rise."""
    return float(rates[np.argmin(losses)]) / 10.0


def valley(rates: Floats, losses: Floats) -> float:
    """Halfway through the longest falling subsequence of the losses (fastai ``valley``, after ESRI's rule).

    With L its length and e its last index, the index is (e - L) + int(L / 3) + int(L / 6), at least 0.
    """
    length, end = _longest_fall(losses)
    return float(rates[max(0, end - length) + int(length / 3) + int(length / 6)])


def slide(rates: Floats, losses: Floats, width: int = 15, threshold: float = 0.005) -> float:
    """The left end of a window that slides from the right while the slope differs between its ends (fastai ``slide``).

    It stops where the slopes ``width`` steps apart differ by at most ``threshold``, in nats a step: the curve is
    as good as straight there, before it turns. A short sweep has a window of a third of its length.
    """
    slopes = np.gradient(losses)
    width = min(width, len(losses) // 3)
    right, left = len(losses) - 1, len(losses) - 1 - width
    found = left
    while left >= 0 and abs(slopes[right] - slopes[left]) > threshold:
        found = left
        right, left = right - 1, left - 1
    return float(rates[found])


def _longest_fall(losses: Floats) -> tuple[int, int]:
    """The length of the longest falling subsequence, and the index at which the first such one ends."""
    lengths = np.ones(len(losses), np.int64)
    for i in range(1, len(losses)):
        before = lengths[:i][losses[:i] > losses[i]]
        if len(before):
            lengths[i] = before.max() + 1
    end = int(np.argmax(lengths))
    return int(lengths[end]), end


def table(tried: Sequence[Tried], diverged: bool) -> str:
    """The sweep and its suggestions as text."""
    lines = [f"{'rate':>10}  {'loss':>8}  {'smoothed':>8}"]
    lines += [
        f"{short(each.rate, 3):>10}  {grouped(each.loss, 4):>8}  {grouped(each.smoothed, 4):>8}" for each in tried
    ]
    lines.append(ending(tried, diverged))
    lines += [f"{each.name:<13} {short(each.rate, 3)}   {each.rule}" for each in proposals(tried)]
    return "\n".join(lines)


def ending(tried: Sequence[Tried], diverged: bool) -> str:
    """How the sweep ended, as a sentence; and whether anything can be suggested."""
    if not tried:
        return "The loss was NaN or infinite from the first step on: nothing can be suggested."
    words = "The highest rate was reached."
    if diverged:
        words = f"The loss diverged at a rate of {short(tried[-1].rate, 3)}, where the sweep ended."
    return words if proposals(tried) else f"{words} The loss never fell: nothing can be suggested."
