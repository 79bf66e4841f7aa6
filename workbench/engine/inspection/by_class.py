"""Precision, recall and F1 of each class with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.inspection.confusion import Confusion, Floats, Integers
from workbench.engine.report.words_on_test import wilson_interval

RESAMPLES: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class ByClass:
    """One entry for each of K classes; shares from 0 to 1, intervals (K, 2) at 95 %.

    As in scikit-learn with ``zero_division=0``: the precision of a class that is never the answer, and the recall of
    one without examples, are 0, and their interval is all from 0 to 1.
    """

    examples: Integers
    answers: Integers
    precision: Floats
    recall: Floats
    f1: Floats
    precision_interval: Floats
    recall_interval: Floats
    f1_interval: Floats

    @property
    def has_precision(self) -> npt.NDArray[np.bool_]:
        """Which classes were ever the answer (K,)."""
        return self.answers > 0

    @property
    def has_recall(self) -> npt.NDArray[np.bool_]:
        """Which classes have examples (K,)."""
        return self.examples > 0


def by_class(found: Confusion, seed: int = 0) -> ByClass:
    """Precision and recall with Wilson's interval, F1 with a bootstrap interval that follows from ``seed``."""
    hits, true, answers = found.correct, found.true, found.predicted
    return ByClass(
        true,
        answers,
        _share(hits, answers),
        _share(hits, true),
        _share(2 * hits, true + answers),
        wilson(hits, answers),
        wilson(hits, true),
        f1_interval(found, seed),
    )


def wilson(hits: Integers, of: Integers) -> Floats:
    """Wilson's 95 % interval of ``hits`` among ``of``, both (K,): float64 (K, 2); from 0 to 1 where there are none."""
    pairs = zip(hits.tolist(), of.tolist(), strict=True)
    return np.array([wilson_interval(hit / n, n) if n else (0.0, 1.0) for hit, n in pairs])


def f1_interval(found: Confusion, seed: int = 0) -> Floats:
    """The 2.5 and 97.5 percentiles (K, 2) of F1 among RESAMPLES bootstrap samples of the examples.

    A sample matters to a class only by its numbers of hits, of misses and of wrong alarms, which are drawn at once:
    together with the rest they are multinomial. Each class is drawn by itself, from ``seed`` and its number.
    """
    hits, true, answers = found.correct, found.true, found.predicted
    total = int(true.sum())
    made = np.zeros((len(hits), 2))
    for label in range(len(hits)):
        if not true[label] + answers[label]:
            made[label] = (0.0, 1.0)
            continue
        parts = np.array([hits[label], true[label] - hits[label], answers[label] - hits[label]])
        shares = np.append(parts, total - parts.sum()) / total
        drawn = np.random.default_rng((seed, label)).multinomial(total, shares, RESAMPLES)
        made[label] = np.percentile(_share(2 * drawn[:, 0], 2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2]), (2.5, 97.5))
    return made


def _share(part: Integers, of: Integers) -> Floats:
    """``part / of``; 0 where there is nothing to divide by."""
    return np.divide(part, of, out=np.zeros(len(of)), where=of > 0)
