"""The sentence on the test part, the same in the window, in a run's last words and on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev

from workbench.engine.core.events import MeasuredOnTest
from workbench.engine.core.text import counted, ordinal, percent


def words_on_test(tested: MeasuredOnTest) -> str:
    """E.g. ``Test accuracy 91.2 % ± 1.3 % (200 examples of the test share, 1st look)``.

    ± one standard error, of folds their spread; and whose test part it is.
    """
    measured, looks = tested.measured, look_words(tested.looks)
    accuracy = f"Test accuracy {percent(measured.accuracy)} ± {percent(measured.accuracy_se)}"
    if tested.folds:
        accuracy = f"Mean test accuracy of {len(tested.folds)} folds {spread_words(tested.folds)}"
    whose = {True: " of the test share", False: " of the data's own test part", None: ""}[tested.is_share]
    return f"{accuracy} ({counted(measured.n, 'example')}{whose}, {looks})"


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
