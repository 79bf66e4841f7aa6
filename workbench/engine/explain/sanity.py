"""Whether a map depends on what the network has learned: compared with the map through shuffled weights.

Adebayo et al., Sanity Checks for Saliency Maps, NeurIPS 2018: a map that stays the same when the weights are random
says something about the picture and nothing about the network. They compare maps by the rank correlation, as here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import counted, short

Floats = npt.NDArray[np.float64]

#: From these rank correlations on (this program's choice; the paper names none) a map changes little, or in part.
LITTLE: Final = 0.7
PARTLY: Final = 0.3
#: Of fewer places than these, 5 % of unrelated maps correlate by PARTLY or more: 1.96/√(n − 1), for places that do not
#: depend on each other.
FEW: Final = 44


def ranks(values: Floats) -> Floats:
    """Ranks (n,) from 0 of ``values`` (n,); equal values share the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[begins[1:], len(values)]
    found = np.empty(len(values))
    found[order] = np.repeat((begins + ends - 1) / 2, ends - begins)
    return found


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's rank correlation of two maps of one shape, −1 to 1; None where one of them is constant.

    Both are finite.
    """
    a, b = (ranks(each.ravel()) - (each.size - 1) / 2 for each in (one, other))
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / spread if spread > 0 else None


def verdict(correlation: float | None, found: Floats, shuffled: Floats) -> str:
    """A sentence that compares the map ``found`` with that of ``shuffled`` weights; both (h, w)."""
    if np.ptp(found) == 0:
        return "The map has one value everywhere: this method finds nothing here."
    if not np.isfinite(shuffled).all():
        return "With shuffled weights the network computes no numbers any more, so the two cannot be compared."
    if correlation is None:
        return "With shuffled weights the map has one value everywhere, so the two cannot be compared."
    figure = f"Rank correlation with the map of shuffled weights: {short(correlation, 2)}."
    if found.size < FEW:
        return f"{figure} With {counted(found.size, 'place')} it says little: unrelated maps are often as alike."
    if abs(correlation) >= LITTLE:
        return f"{figure} The map hardly changes: it explains the picture, not what the network has learned."
    if abs(correlation) >= PARTLY:
        return f"{figure} Part of the map comes from the picture alone, not from what was learned."
    return f"{figure} The map changes with the weights: it depends on what the network has learned."
