"""The confusion matrix: counts, rates, and an order in which confused classes are neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """``counts[t, p]`` is how many examples of class ``t`` were taken for class ``p``, int64 (K, K)."""

    counts: Integers

    @property
    def correct(self) -> Integers:
        """The number of right answers of each class (K,)."""
        return self.counts.diagonal().copy()

    @property
    def true(self) -> Integers:
        """The number of examples of each class (K,)."""
        made: Integers = self.counts.sum(1)
        return made

    @property
    def predicted(self) -> Integers:
        """How often each class was the answer (K,)."""
        made: Integers = self.counts.sum(0)
        return made

    def rates(self) -> Floats:
        """Each row as shares of its class, float64 (K, K); zeros for a class without examples."""
        return self.counts / np.maximum(1, self.true)[:, None]

    def reordered(self, order: Integers) -> Confusion:
        """With the classes in another order (K,)."""
        return Confusion(self.counts[np.ix_(order, order)])

    def order_by_confusion(self) -> Integers:
        """The classes (K,) in an order in which those that are taken for each other lie side by side.

        The leaves of average-linkage clustering (Sokal and Michener 1958) of the classes, whose distance falls with the
        share that is confused in either direction; as they are where nothing is confused.
        """
        from scipy.cluster.hierarchy import leaves_list, linkage  # comes with scikit-learn
        from scipy.spatial.distance import squareform

        rates = self.rates()
        alike = (rates + rates.T) / 2
        np.fill_diagonal(alike, 0.0)
        if len(alike) < 3 or alike.max() <= 0:
            return np.arange(len(alike))
        distances = 1 - alike / alike.max()
        np.fill_diagonal(distances, 0.0)
        leaves: Integers = leaves_list(linkage(squareform(distances, checks=False), "average")).astype(np.int64)
        return leaves

    def most_confused(self, most: int = 10) -> list[tuple[int, int, int]]:
        """Up to ``most`` pairs of true and predicted class with their number of examples, the largest first."""
        wrong = self.counts.copy()
        np.fill_diagonal(wrong, 0)
        found = np.flatnonzero(wrong)
        largest = found[np.argsort(-wrong.ravel()[found], kind="stable")][:most]
        pairs = zip(*np.unravel_index(largest, wrong.shape), strict=True)
        return [(int(t), int(p), int(wrong[t, p])) for t, p in pairs]


def confusion(labels: Integers, predicted: Integers, classes: int) -> Confusion:
    """The matrix of ``labels`` and ``predicted``, both int64 (n,) from 0 to ``classes`` − 1."""
    flat = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return Confusion(flat.reshape(classes, classes).astype(np.int64))
