"""Muon against a NumPy transcription with the exact orthogonal factor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.catalog.optimizers.helpers import DROP, DROP_AT, TOLERANCE, UPDATES, Floats, Rule, adamw_rule
from workbench.engine.catalog.optimizers.adamw import AdamW
from workbench.engine.catalog.optimizers.muon import Muon


def turned_quadratic(size: int, seed: int) -> Floats:
    """A symmetric matrix with eigenvalues from 1 to 20 in random directions."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))
    result: Floats = q @ np.diag(np.geomspace(1, 20, size)) @ q.T
    return result


class MatrixValley(nn.Module):
    """A tall and a wide hidden matrix, a classifier and a bias, each in a valley of its own, with noisy gradients.

    Without the noise Muon's mean gradient and its look-ahead would have almost the same directions.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        rng = np.random.default_rng(3)
        shapes = {"tall": (6, 4), "wide": (3, 5), "classifier": (3, 4), "bias": (3,)}
        self.start = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
        self.h = {name: turned_quadratic(shape[0], k) for k, (name, shape) in enumerate(shapes.items())}
        for name, value in self.start.items():
            self.register_parameter(name, nn.Parameter(torch.tensor(value, dtype=dtype)))

    def noise(self, name: str, update: int) -> Floats:
        shape = self.start[name].shape
        drawn: Floats = 5 * np.random.default_rng([update, *name.encode()]).standard_normal(shape)
        return drawn

    def put_gradients(self, update: int) -> None:
        for name, p in self.named_parameters():
            noise = torch.tensor(self.noise(name, update), dtype=p.dtype)
            p.grad = torch.tensor(self.h[name], dtype=p.dtype) @ p.detach() + noise


def bf16(values: Floats) -> Floats:
    """Rounded to bfloat16, half to even: the upper 16 bits of a float32."""
    bits = np.asarray(values, np.float32).view(np.uint32)
    rounded = (bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) & np.uint32(0xFFFF0000)
    result: Floats = rounded.view(np.float32).astype(np.float64)
    return result


MUON_TOLERANCE = 2e-2


def orthogonal(u: Floats) -> Floats:
    """Five Newton-Schulz steps in bfloat16, on the wide form of ``u``."""
    x = bf16(u if u.shape[0] <= u.shape[1] else u.T)
    x = bf16(x / max(float(bf16(np.linalg.norm(x))), 1e-7))
    for _ in range(5):
        a = bf16(x @ x.T)
        x = bf16(3.4445 * x + bf16(-4.7750 * a + 2.0315 * a @ a) @ x)
    return x if u.shape[0] <= u.shape[1] else x.T


def muon_rule(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Muon) -> Floats:
    m = memory["m"] = spec.momentum * memory.get("m", 0.0) + (1 - spec.momentum) * g
    u = spec.momentum * m + (1 - spec.momentum) * g
    return x - lr * spec.weight_decay * x - lr * 0.2 * math.sqrt(max(x.shape)) * orthogonal(u)


def without_look_ahead(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Muon) -> Floats:
    m = memory["m"] = spec.momentum * memory.get("m", 0.0) + (1 - spec.momentum) * g
    return x - lr * spec.weight_decay * x - lr * 0.2 * math.sqrt(max(x.shape)) * orthogonal(m)


def muon_errors(decay: float, dtype: torch.dtype, rule: Rule = muon_rule) -> dict[str, float]:
    """Of each parameter: the largest distance from its rule, over its start's distance from the optimum."""
    spec = Muon(lr=1 / 4, momentum=0.9, weight_decay=decay)
    valley = MatrixValley(dtype)
    optimizer = spec.build(valley)
    x, errors = dict(valley.start), dict.fromkeys(valley.start, 0.0)
    memories: dict[str, dict[str, Any]] = {name: {} for name in x}
    for update in range(UPDATES):
        lr = spec.lr * (DROP if update >= DROP_AT else 1.0)
        spec.model_validate(dict(spec) | {"lr": lr}).tune(optimizer)
        valley.put_gradients(update)
        optimizer.step()
        for name, p in valley.named_parameters():
            own, its_rule = (spec, rule) if name in ("tall", "wide") else (AdamW(), adamw_rule)
            own = own.model_validate(dict(own) | {"weight_decay": 0.0 if name == "bias" else decay})
            g = valley.h[name] @ x[name] + valley.noise(name, update)
            x[name] = its_rule(x[name], memories[name], g, lr, update + 1, own)
            distance = np.linalg.norm(p.detach().double().numpy() - x[name])
            errors[name] = max(errors[name], float(distance / np.linalg.norm(valley.start[name])))
    return errors


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("decay", [0.0, 0.25])
def test_muon_for_hidden_matrices_and_adamw_for_the_rest(decay: float, dtype: torch.dtype) -> None:
    errors = muon_errors(decay, dtype)
    assert max(errors["tall"], errors["wide"]) <= MUON_TOLERANCE
    assert max(errors["classifier"], errors["bias"]) <= TOLERANCE[dtype]


def test_the_test_of_muon_would_see_another_rule() -> None:
    errors = muon_errors(0.0, torch.float64, without_look_ahead)
    assert min(errors["tall"], errors["wide"]) > MUON_TOLERANCE


def test_muon_moves_every_direction_alike() -> None:
    """The update's singular values lie near one rate (times the scale), however skewed the gradient is."""
    net = nn.Sequential(nn.Linear(8, 8, bias=False), nn.Linear(8, 2, bias=False))
    before = net[0].weight.detach().clone()
    optimizer = Muon(lr=0.01).build(net)
    net[0].weight.grad = torch.diag(torch.logspace(0, -2, 8))
    net[1].weight.grad = torch.zeros_like(net[1].weight)
    optimizer.step()
    scale = 0.01 * 0.2 * math.sqrt(8)
    values = torch.linalg.svdvals((before - net[0].weight.detach()) / scale)
    assert values.min() > 0.5
    assert values.max() < 1.3
