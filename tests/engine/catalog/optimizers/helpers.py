"""Points, rules and the valley for the oracles of optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from workbench.engine.catalog.optimizers.adam import Adam

Floats = npt.NDArray[Any]


#: One update: the point, the rule's memory, the gradient, the rate, the update's number from 1, the spec.
Rule = Callable[[Floats, dict[str, Any], Floats, float, int, Any], Floats]


UPDATES = 240


DROP_AT = 12  # far from the optimum, so that the forms of momentum part visibly


#: The drop and the decay are powers of two: float32 then holds AdamW's factor 1 - lr * decay exactly, and no small
#: rounding is repeated at every update.
DROP = 1 / 8


TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}


def moments(memory: dict[str, Any], g: Floats, spec: Adam) -> tuple[Floats, Floats]:
    m = memory["m"] = spec.beta1 * memory.get("m", 0.0) + (1 - spec.beta1) * g
    s = memory["s"] = spec.beta2 * memory.get("s", 0.0) + (1 - spec.beta2) * g * g
    return m, s


def adamw_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Adam) -> Floats:
    """``g`` comes without the decay here."""
    m, s = moments(memory, g, spec)
    step = (m / (1 - spec.beta1**t)) / (np.sqrt(s / (1 - spec.beta2**t)) + spec.eps)
    return x - lr * step - lr * spec.weight_decay * x
