"""Whether the network is right as often as its probabilities say, and the temperature that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.inspection.confusion import Floats, Integers

BINS: Final = 15
#: Temperatures that are tried: beyond them the answer is all one class, or none.
_COLDEST, _HOTTEST = 0.05, 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A reliability diagram: for each bin of the confidence, of ``edges`` (B + 1,), its examples.

    ``counts`` is their number (B,), ``confidence`` and ``accuracy`` are their means (B,), 0 in an empty bin. ``bins``
    is the bin of each example (n,). ``error`` is the expected calibration error, ``overconfident`` by how much the
    mean confidence is above the accuracy (below: negative).
    """

    edges: Floats
    counts: Integers
    confidence: Floats
    accuracy: Floats
    bins: Integers
    error: float
    overconfident: float


def calibration(confidence: Floats, hits: npt.NDArray[np.bool_], bins: int = BINS) -> Calibration:
    """The diagram of ``confidence`` (n,), the probabilities of the answers, and of whether each is right (n,).

    Bins are of equal width and hold their upper edge (Guo et al. 2017). The expected calibration error is the mean of
    |accuracy − confidence| of the bins, weighted by their examples.
    """
    which = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(which, minlength=bins)
    full = np.maximum(1, counts)
    mean = np.bincount(which, weights=confidence, minlength=bins) / full
    right = np.bincount(which, weights=hits.astype(np.float64), minlength=bins) / full
    total = max(1, len(confidence))
    error = float((counts * np.abs(right - mean)).sum() / total)
    over = float(confidence.mean() - hits.mean()) if len(confidence) else 0.0
    return Calibration(np.linspace(0, 1, bins + 1), counts, mean, right, which, error, over)


def fitted_temperature(logs: npt.NDArray[np.floating], labels: Integers) -> float:
    """The temperature T > 0 with the least negative log-likelihood of softmax(``logs`` / T), (n, K), on ``labels``.

    ``logs`` may be logits or log-probabilities, which differ by what the softmax removes (temperature scaling, Guo et
    al. 2017).
    """
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        cooled = scaled(logs, float(np.exp(log_temperature)))
        return -float(np.take_along_axis(cooled, labels[:, None], axis=1).mean())

    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4}).x))


def scaled(logs: npt.NDArray[np.floating], temperature: float) -> npt.NDArray[np.float64]:
    """The log-probabilities (n, K) of softmax(``logs`` / ``temperature``), float64."""
    over = logs.astype(np.float64) / temperature
    over -= over.max(axis=1, keepdims=True)
    made: npt.NDArray[np.float64] = over - np.log(np.exp(over).sum(axis=1, keepdims=True))
    return made
