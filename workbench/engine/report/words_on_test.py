"""The sentence on the test part, the same in the window, in a run's last words and on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Final

from workbench.engine.core.events import Measured, MeasuredOnTest
from workbench.engine.core.text import counted, ordinal, percent

#: Of fewer examples the standard error is itself too rough.
_FEW: Final = 30
#: The 97.5 % point of the normal distribution.
_Z: Final = 1.959964


def words_on_test(tested: MeasuredOnTest) -> str:
    """E.g. ``Test accuracy 91.2 % ± 1.3 % (200 examples of the test share, 1st look)``.

    ± one standard error, of folds their spread; and whose test part it is. Of few examples, or where all or none are
    right and that error is no measure, the interval instead: ``Test accuracy 100.0 % (95 % interval 61.0 % to 100.0 %;
    6 examples, 1st look)``.
    """
    measured, looks = tested.measured, look_words(tested.looks)
    whose = {True: " of the test share", False: " of the data's own test part", None: ""}[tested.is_share]
    on = f"{counted(measured.n, 'example')}{whose}, {looks}"
    if tested.folds:
        return f"Mean test accuracy of {len(tested.folds)} folds {spread_words(tested.folds)} ({on})"
    accuracy = f"Test accuracy {percent(measured.accuracy)}"
    if measured.n < _FEW or measured.accuracy in (0, 1):
        low, high = map(percent, wilson_interval(measured.accuracy, measured.n))
        return f"{accuracy} (95 % interval {low} to {high}; {on})"
    return f"{accuracy} ± {percent(measured.accuracy_se)} ({on})"


def accuracy_text(measured: Measured) -> str:
    """An accuracy with its standard error, ``91.2 % ± 1.3 %``; of few examples, or where all or none are right, with
    its 95 % interval: ``100.0 % (61.0 % to 100.0 %)``."""
    if measured.n < _FEW or measured.accuracy in (0, 1):
        low, high = map(percent, wilson_interval(measured.accuracy, measured.n))
        return f"{percent(measured.accuracy)} ({low} to {high})"
    return f"{percent(measured.accuracy)} ± {percent(measured.accuracy_se)}"


def wilson_interval(accuracy: float, n: int) -> tuple[float, float]:
    """The interval, 0–1, in which the accuracy on new data lies with 95 %, by ``accuracy`` (0–1) on ``n`` examples.

    Wilson's score interval (Wilson 1927): with z = 1.96, (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n).
    """
    whole = 1 + _Z**2 / n
    middle, half = accuracy + _Z**2 / (2 * n), _Z * sqrt(accuracy * (1 - accuracy) / n + (_Z / (2 * n)) ** 2)
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def with_test(tested: MeasuredOnTest | None, words: str) -> str:
    """A run's last words, and what was measured of the test part."""
    return words if tested is None else f"{words.rstrip('.')}. {words_on_test(tested)}"


def spread_words(accuracies: Sequence[float]) -> str:
    """Mean and standard deviation of two accuracies (0–1) or more: ``93.1 % ± 0.8 %``."""
    return f"{percent(fmean(accuracies))} ± {percent(stdev(accuracies))}"


def look_words(looks: int) -> str:
    """How often a test part was looked at, and from the second time on what that means."""
    if looks <= 1:
        return "1st look" if looks else "looks at it cannot be counted here"
    which = f"{ordinal(looks)} look at these examples, by any run or weights"
    return f"{which}: the more looks, the less it says of new data"
