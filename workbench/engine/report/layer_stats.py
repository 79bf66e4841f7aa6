"""Statistics of a layer's samples: mean, spread, shares of zero or saturated values, a histogram.

Computed when a view asks for them, not when they are measured: training only copies the sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.engine.core.observed import LayerStat

#: Bins of a histogram.
BINS = 32
#: Histograms reach this many standard deviations from the mean where the activation is unbounded.
REACH = 4.0
#: A tanh beyond ± this, a sigmoid closer than 1 − this to 0 or 1, is called saturated.
SATURATED = 0.99


Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Returned:
    """The gradient of a layer's output: mean, spread, the share that is exactly zero, and a histogram about the mean.

    It is of the loss that is minimized, a mean over the batch: twice the batch, half the gradient of each value.
    """

    mean: float
    std: float
    zero: float
    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LayerNumbers:
    """``zero`` is the share of values that are exactly zero and ``dead`` that of units that are zero for every example
    of the batch (ReLU); ``saturated`` that of values at the ends of the range (tanh, sigmoid); None elsewhere.

    ``counts`` has BINS bins from ``low`` to ``high``; values beyond are in none, and there are no bins where a value is
    NaN or infinite. ``gradient_*`` are of the weight; ``update_ratio`` is the norm of its change over its norm, None if
    the layer is frozen or its weights are zero. ``returned`` is None where no gradient comes back.
    """

    mean: float
    std: float
    zero: float | None
    dead: float | None
    saturated: float | None
    low: float
    high: float
    counts: tuple[int, ...]
    gradient_mean: float | None
    gradient_std: float | None
    update_ratio: float | None
    returned: Returned | None = None


def numbers(stat: LayerStat) -> LayerNumbers:
    """Everything that can be read from the samples of ``stat``."""
    values, gradient = _array(stat.values), _array(stat.gradient)
    with np.errstate(invalid="ignore", over="ignore"):
        mean, std = float(values.mean()), float(values.std())
        gradient_mean = float(gradient.mean()) if len(gradient) else None
        gradient_std = float(gradient.std()) if len(gradient) else None
        ratio = _ratio(_array(stat.old), _array(stat.new))
    low, high = _ends(stat.activation, mean, std)
    counts = _histogram(values, low, high)
    zero = float((values == 0.0).mean()) if stat.activation in RECTIFIERS else None
    dead = float((_array(stat.peaks) == 0.0).mean()) if stat.peaks else None
    saturated = _saturated(stat.activation, values)
    returned = _returned(_array(stat.back)) if stat.back else None
    return LayerNumbers(
        mean, std, zero, dead, saturated, low, high, counts, gradient_mean, gradient_std, ratio, returned
    )


def _returned(gradient: Floats) -> Returned:
    with np.errstate(invalid="ignore", over="ignore"):
        mean, std = float(gradient.mean()), float(gradient.std())
    half = REACH * std or 1.0
    low, high = mean - half, mean + half
    return Returned(mean, std, float((gradient == 0.0).mean()), low, high, _histogram(gradient, low, high))


def _histogram(values: Floats, low: float, high: float) -> tuple[int, ...]:
    finite = bool(np.isfinite(values).all()) and math.isfinite(low) and math.isfinite(high)
    return tuple(np.histogram(values, BINS, (low, high))[0].tolist()) if finite else ()


def _array(data: bytes) -> Floats:
    return np.frombuffer(data, np.float32).astype(np.float64)


def _ratio(old: Floats, new: Floats) -> float | None:
    length = float(np.linalg.norm(old))
    return float(np.linalg.norm(new - old)) / length if length > 0.0 else None


#: Activations whose units can die.
RECTIFIERS = ("ReLU", "ReLU6")


def _saturated(activation: str, values: Floats) -> float | None:
    if activation == "Tanh":
        return float((np.abs(values) > SATURATED).mean())
    if activation == "Sigmoid":
        return float((np.abs(values - 0.5) > SATURATED - 0.5).mean())
    return None


def _ends(activation: str, mean: float, std: float) -> tuple[float, float]:
    if activation == "Tanh":
        return -1.0, 1.0
    if activation == "Sigmoid":
        return 0.0, 1.0
    half = REACH * std or 1.0
    return (0.0 if activation in RECTIFIERS else mean - half), mean + half
