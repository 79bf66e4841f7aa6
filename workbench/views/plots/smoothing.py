"""Exponential smoothing of per-step curves, computed in blocks: a million steps take milliseconds."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import short

Floats = npt.NDArray[np.float64]

_BLOCK: Final = 64


class Smoother:
    """``y = Σ w^k x[n-k] / Σ w^k`` over the finite values so far: an average over about ``1 / (1 - w)`` steps.

    Dividing by the sum of the weights corrects the bias towards zero of the first values, as in Adam. NaN and infinite
    values are left out, and the smoothed curve has a gap there: smoothing must not hide a diverged run.
    """

    def __init__(self, weight: float, curves: int = 1) -> None:
        if not 0.0 <= weight < 1.0:
            raise ValueError(f"the smoothing weight must be from 0 to below 1, not {short(weight)}")
        self.weight = weight
        self._carry = np.zeros((2, curves))

    def extend(self, values: npt.NDArray[np.floating]) -> Floats:
        """The smoothed values of the next n steps; ``values`` and result have shape (curves, n)."""
        finite = np.isfinite(values)
        sums = _decayed(np.stack([np.where(finite, values, 0.0), finite.astype(np.float64)]), self.weight, self._carry)
        if sums.shape[-1]:
            self._carry = sums[..., -1].copy()
        with np.errstate(all="ignore"):
            return np.where(finite, sums[0] / sums[1], np.nan)


def steps_averaged(weight: float) -> float:
    """The approximate number of steps that a smoothing weight averages over."""
    return 1.0 / (1.0 - weight)


def _decayed(values: Floats, weight: float, carry: Floats) -> Floats:
    """``s[n] = weight * s[n-1] + values[n]`` along the last axis, ``s[-1] = carry``.

    Blocks of 64 are summed by one matrix product. The carry from block to block follows the same recursion with
    ``weight ** 64``, so this function computes it recursively.
    """
    length = values.shape[-1]
    size = min(_BLOCK, max(length, 1))
    blocks = -(-length // size)
    padded = np.zeros((*values.shape[:-1], blocks * size))
    padded[..., :length] = values
    steps = np.arange(size)
    powers = np.where(steps >= steps[:, None], float(weight) ** np.maximum(steps - steps[:, None], 0), 0.0)
    sums = (padded.reshape(-1, size) @ powers).reshape(*values.shape[:-1], blocks, size)  # one product: BLAS
    if blocks > 1:
        ends = _decayed(np.ascontiguousarray(sums[..., -1]), weight**size, carry)
        before = np.concatenate([carry[..., None], ends[..., :-1]], axis=-1)
    else:
        before = carry[..., None]
    sums += before[..., None] * weight ** (steps + 1.0)
    return np.asarray(sums.reshape(*values.shape[:-1], blocks * size)[..., :length])
