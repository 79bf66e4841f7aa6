"""NumPy transcriptions of the update rules of optimizers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.engine.catalog.optimizers.helpers import Floats, Rule, adamw_rule, moments
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.adadelta import Adadelta
from workbench.engine.catalog.optimizers.adagrad import AdaGrad
from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.adam_uncorrected import AdamUncorrected
from workbench.engine.catalog.optimizers.adamw import AdamW
from workbench.engine.catalog.optimizers.lbfgs import LBFGS
from workbench.engine.catalog.optimizers.nadam import NAdam
from workbench.engine.catalog.optimizers.radam import RAdam
from workbench.engine.catalog.optimizers.rmsprop import RMSProp
from workbench.engine.catalog.optimizers.sgd import SGD, GradientDescent, Momentum, Nesterov


def sgd_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: SGD) -> Floats:
    return x - lr * g


def momentum_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Momentum) -> Floats:
    v = memory["v"] = spec.momentum * memory.get("v", np.zeros_like(x)) + g
    return x - lr * v


def nesterov_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Nesterov) -> Floats:
    v = memory["v"] = spec.momentum * memory.get("v", np.zeros_like(x)) + g
    return x - lr * (g + spec.momentum * v)


def momentum_inside_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Momentum) -> Floats:
    v = memory["v"] = spec.momentum * memory.get("v", np.zeros_like(x)) - lr * g
    return x + v


def nesterov_inside_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Nesterov) -> Floats:
    old = memory.get("v", np.zeros_like(x))
    v = memory["v"] = spec.momentum * old - lr * g
    return x - spec.momentum * old + (1 + spec.momentum) * v


def adagrad_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: AdaGrad) -> Floats:
    s = memory["s"] = memory.get("s", 0.0) + g * g
    return x - lr * g / (np.sqrt(s) + spec.eps)


def rmsprop_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: RMSProp) -> Floats:
    s = memory["s"] = spec.alpha * memory.get("s", 0.0) + (1 - spec.alpha) * g * g
    return x - lr * g / (np.sqrt(s) + spec.eps)


def adadelta_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Adadelta) -> Floats:
    s = memory["s"] = spec.rho * memory.get("s", 0.0) + (1 - spec.rho) * g * g
    step = np.sqrt(memory.get("u", 0.0) + spec.eps) / np.sqrt(s + spec.eps) * g
    memory["u"] = spec.rho * memory.get("u", 0.0) + (1 - spec.rho) * step * step
    return x - lr * step


def uncorrected_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Adam) -> Floats:
    m, s = moments(memory, g, spec)
    return x - lr * m / (np.sqrt(s) + spec.eps)


def nadam_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: NAdam) -> Floats:
    m, s = moments(memory, g, spec)
    mu, following = (spec.beta1 * (1 - 0.5 * 0.96 ** (k * spec.momentum_decay)) for k in (t, t + 1))
    product = memory["product"] = memory.get("product", 1.0) * mu
    look_ahead = following * m / (1 - product * following) + (1 - mu) * g / (1 - product)
    return x - lr * look_ahead / (np.sqrt(s / (1 - spec.beta2**t)) + spec.eps)


def radam_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Adam) -> Floats:
    m, s = moments(memory, g, spec)
    longest = 2 / (1 - spec.beta2) - 1
    length = longest - 2 * t * spec.beta2**t / (1 - spec.beta2**t)
    m_hat = m / (1 - spec.beta1**t)
    if length <= 5:
        return x - lr * m_hat
    r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return x - lr * r * m_hat * math.sqrt(1 - spec.beta2**t) / (np.sqrt(s) + spec.eps)


def lbfgs_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: LBFGS) -> Floats:
    """Nocedal and Wright 2006, algorithm 7.4, with torch's length of the first step and its thresholds."""
    if np.abs(g).max() <= 1e-7:
        return x
    pairs = memory.setdefault("pairs", [])
    if "g" in memory:
        s, y = memory["s"], g - memory["g"]
        if y @ s > 1e-10:
            pairs.append((s, y))
            del pairs[: -spec.history]
    q, alphas = g.copy(), []
    for s, y in reversed(pairs):
        alphas.append(s @ q / (y @ s))
        q -= alphas[-1] * y
    if pairs:
        s, y = pairs[-1]
        q *= (s @ y) / (y @ y)
    for (s, y), alpha in zip(pairs, reversed(alphas), strict=True):
        q += s * (alpha - y @ q / (y @ s))
    length = lr * (1.0 if "g" in memory else min(1.0, 1.0 / np.abs(g).sum()))
    memory["g"], memory["s"] = g, -length * q
    return x - length * q if g @ q >= 1e-9 else x


def adam_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Adam) -> Floats:
    m = memory["m"] = spec.beta1 * memory.get("m", np.zeros_like(x)) + (1 - spec.beta1) * g
    s = memory["s"] = spec.beta2 * memory.get("s", np.zeros_like(x)) + (1 - spec.beta2) * g * g
    m_hat, s_hat = m / (1 - spec.beta1**t), s / (1 - spec.beta2**t)
    return x - lr * m_hat / (np.sqrt(s_hat) + spec.eps)


CASES: list[tuple[Optimizer, Rule]] = [
    (SGD(lr=0.06), sgd_rule),
    (Momentum(lr=0.02, momentum=0.8), momentum_rule),
    (Nesterov(lr=0.02, momentum=0.8), nesterov_rule),
    (Momentum(lr=0.02, momentum=0.8, form="inside"), momentum_inside_rule),
    (Nesterov(lr=0.02, momentum=0.8, form="inside"), nesterov_inside_rule),
    (Adam(lr=0.02, beta1=0.85, beta2=0.99, eps=1e-7), adam_rule),
    (GradientDescent(lr=0.06), sgd_rule),
    (AdaGrad(lr=0.3, eps=1e-3), adagrad_rule),
    (RMSProp(lr=0.02, alpha=0.95, eps=1e-3), rmsprop_rule),
    (Adadelta(lr=0.5, rho=0.8, eps=1e-3), adadelta_rule),
    (AdamUncorrected(lr=0.02, beta1=0.85, beta2=0.99, eps=1e-3), uncorrected_rule),
    (AdamW(lr=1 / 64, beta1=0.85, beta2=0.99, eps=1e-3), adamw_rule),
    (NAdam(lr=0.02, beta1=0.85, beta2=0.99, eps=1e-3, momentum_decay=0.02), nadam_rule),
    (RAdam(lr=0.02, beta1=0.85, beta2=0.99, eps=1e-3), radam_rule),
    (LBFGS(lr=0.3, history=3), lbfgs_rule),
]
#: Optimizers with decoupled weight decay.
DECOUPLED = (AdamW,)
