"""Divides groups of examples into parts, class by class as evenly as groups allow; a group is never divided."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from workbench.engine.core.randomness import mixed

Counts = npt.NDArray[np.int64]
Parts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: The result is improved by at most this many moves, and by swaps while they compare at most this many numbers.
_MOVES = 400
_SWAPPED = 4_000_000
#: A smaller gain is a rounding error.
_GAIN = 1e-9


def divided(counts: Counts, targets: Floats, seed: int) -> Parts:
    """The part (G,) of each group, so that the parts have about as many examples of each class as ``targets`` wants.

    ``counts`` (G, K) are the examples of each class in each group, ``targets`` (B, K) those wanted in each part; both
    have the same sum for each class. What is minimized is the sum of the squared deviations, each divided by the size
    of its class. Groups of one example come out within one of the targets.
    """
    parts = np.zeros(len(counts), np.int64)
    lacking = targets.astype(np.float64).copy()
    weights = 1 / np.maximum(1, counts.sum(0))
    sizes = counts.sum(1)
    order = np.random.Generator(np.random.PCG64(mixed("groups", seed))).permutation(len(counts))
    several = order[sizes[order] > 1]
    for group in several[np.argsort(-sizes[several], kind="stable")]:
        parts[group] = _best_part(counts[group], lacking, weights)
        lacking[parts[group]] -= counts[group]
    _deal(order[sizes[order] == 1], counts, lacking, parts)
    _improve(counts, lacking, weights, parts)
    return parts


def _best_part(count: Counts, lacking: Floats, weights: Floats) -> int:
    """Where ``count`` more examples bring the least squared deviation; of equal parts the one that lacks the most."""
    cost = np.round(((count * (count - 2 * lacking)) * weights).sum(1), 9)
    return int(np.lexsort((-lacking.sum(1), cost))[0])


def _deal(singles: Parts, counts: Counts, lacking: Floats, parts: Parts) -> None:
    """Groups of one example, class by class: each goes where its class lacks the most."""
    labels = counts[singles].argmax(1)
    for label in np.unique(labels):
        all_lacking = lacking.sum(1)
        heap = [(-lacking[part, label], -all_lacking[part], part) for part in range(len(lacking))]
        heapq.heapify(heap)
        for group in singles[labels == label]:
            of_class, of_all, part = heap[0]
            parts[group] = part
            lacking[part, label] -= 1
            heapq.heapreplace(heap, (of_class + 1, of_all + 1, part))


def _improve(counts: Counts, lacking: Floats, weights: Floats, parts: Parts) -> None:
    """Move single groups, or swap two, while a class is more than one example off somewhere and it helps."""
    for _ in range(_MOVES):
        if (np.abs(lacking) < 1).all() or not (
            _move(counts, lacking, weights, parts) or _swap(counts, lacking, weights, parts)
        ):
            return


def _move(counts: Counts, lacking: Floats, weights: Floats, parts: Parts) -> bool:
    """The best move of one group to another part; False if none helps."""
    weighted = counts * weights
    squares = (counts * weighted).sum(1)
    there = weighted @ lacking.T  # (G, B)
    own = there[np.arange(len(parts)), parts]
    change = 2 * (squares[:, None] - there + own[:, None])
    change[np.arange(len(parts)), parts] = 0
    group, part = np.unravel_index(int(change.argmin()), change.shape)
    if change[group, part] > -_GAIN:
        return False
    lacking[parts[group]] += counts[group]
    lacking[part] -= counts[group]
    parts[group] = part
    return True


def _swap(counts: Counts, lacking: Floats, weights: Floats, parts: Parts) -> bool:
    """The best swap of two groups of different parts; False if none helps."""
    groups, classes = counts.shape
    if groups * groups * classes > _SWAPPED:
        return False
    more = counts[:, None, :] - counts[None, :, :]  # what the first one's part loses
    there = lacking[parts]
    change = ((more * (there[:, None, :] - there[None, :, :] + more)) * weights).sum(2)
    first, second = np.unravel_index(int(change.argmin()), change.shape)
    if change[first, second] > -_GAIN:
        return False
    lacking[parts[first]] += more[first, second]
    lacking[parts[second]] -= more[first, second]
    parts[first], parts[second] = parts[second], parts[first]
    return True
