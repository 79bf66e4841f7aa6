"""Every optimizer against an independent NumPy transcription of its rule, on a valley that is turned by 30 degrees.

The learning rate changes in mid-run, because forms of momentum that agree at a constant rate part there.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from workbench.engine.optimizers import Optimizer
from workbench.engine.optimizers.adam import Adam
from workbench.engine.optimizers.sgd import SGD, Momentum, Nesterov

Floats = npt.NDArray[Any]
#: One update: the point, the rule's memory, the gradient, the rate, the update's number from 1, the spec.
Rule = Callable[[Floats, dict[str, Floats], Floats, float, int, Any], Floats]

UPDATES = 240
DROP_AT = 12  # far from the optimum, so that the forms of momentum part visibly
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-12}


def rotated_quadratic(condition: float = 20.0, degrees: float = 30.0) -> Floats:
    """H = R diag(1, condition) R^T."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    result: Floats = turn @ np.diag([1.0, condition]) @ turn.T
    return result


H = rotated_quadratic()
START = np.array([[1.3], [-0.7]])


def sgd_rule(x: Floats, memory: dict[str, Floats], g: Floats, lr: float, t: int, spec: SGD) -> Floats:
    return x - lr * g


def momentum_rule(x: Floats, memory: dict[str, Floats], g: Floats, lr: float, t: int, spec: Momentum) -> Floats:
    v = memory["v"] = spec.momentum * memory.get("v", np.zeros_like(x)) + g
    return x - lr * v


def nesterov_rule(x: Floats, memory: dict[str, Floats], g: Floats, lr: float, t: int, spec: Nesterov) -> Floats:
    v = memory["v"] = spec.momentum * memory.get("v", np.zeros_like(x)) + g
    return x - lr * (g + spec.momentum * v)


def adam_rule(x: Floats, memory: dict[str, Floats], g: Floats, lr: float, t: int, spec: Adam) -> Floats:
    m = memory["m"] = spec.beta1 * memory.get("m", np.zeros_like(x)) + (1 - spec.beta1) * g
    s = memory["s"] = spec.beta2 * memory.get("s", np.zeros_like(x)) + (1 - spec.beta2) * g * g
    m_hat, s_hat = m / (1 - spec.beta1**t), s / (1 - spec.beta2**t)
    return x - lr * m_hat / (np.sqrt(s_hat) + spec.eps)


CASES: list[tuple[Optimizer, Rule]] = [
    (SGD(lr=0.06), sgd_rule),
    (Momentum(lr=0.02, momentum=0.8), momentum_rule),
    (Nesterov(lr=0.02, momentum=0.8), nesterov_rule),
    (Adam(lr=0.02, beta1=0.85, beta2=0.99, eps=1e-7), adam_rule),
]


class Valley(nn.Module):
    """One weight matrix x (2, 1); the loss is x^T H x / 2."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.tensor(START, dtype=dtype))
        self.h = torch.tensor(H, dtype=dtype)

    def forward(self) -> torch.Tensor:
        return 0.5 * (self.x.T @ self.h @ self.x).sum()


def torch_path(spec: Optimizer, dtype: torch.dtype, drop: float = 0.1) -> Floats:
    """The points (UPDATES, 2) that the built optimizer visits; the rate drops at DROP_AT through ``tune``."""
    valley = Valley(dtype)
    optimizer = spec.build(valley)
    points = []
    for update in range(UPDATES):
        if update == DROP_AT:
            spec.model_validate(dict(spec) | {"lr": spec.lr * drop}).tune(optimizer)
        optimizer.zero_grad()
        valley().backward()
        optimizer.step()
        points.append(valley.x.detach().double().numpy()[:, 0].copy())
    return np.array(points)


def numpy_path(spec: Optimizer, rule: Rule, drop: float = 0.1) -> Floats:
    """The points that the rule visits in float64."""
    x, memory, points = START[:, 0].copy(), {}, []
    for update in range(UPDATES):
        lr = spec.lr * (drop if update >= DROP_AT else 1.0)
        gradient = H @ x + spec.weight_decay * x
        x = rule(x, memory, gradient, lr, update + 1, spec)
        points.append(x)
    return np.array(points)


def worst(path: Floats, reference: Floats) -> float:
    """The largest distance between the paths, over the start's distance from the optimum."""
    return float(np.linalg.norm(path - reference, axis=1).max() / np.linalg.norm(START))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize(("spec", "rule"), CASES, ids=lambda c: getattr(c, "kind", ""))
def test_follows_its_rule(spec: Optimizer, rule: Rule, decay: float, dtype: torch.dtype) -> None:
    spec = spec.model_validate(dict(spec) | {"weight_decay": decay})
    assert worst(torch_path(spec, dtype), numpy_path(spec, rule)) <= TOLERANCE[dtype]


@pytest.mark.parametrize(("spec", "rule"), CASES[1:3], ids=lambda c: getattr(c, "kind", ""))
def test_the_test_would_see_another_rule(spec: Momentum, rule: Rule) -> None:
    """Momentum with the rate inside the velocity, and momentum for Nesterov, are further away than the tolerance."""

    def inside(x: Floats, memory: dict[str, Floats], g: Floats, lr: float, t: int, spec: Momentum) -> Floats:
        v = memory["v"] = spec.momentum * memory.get("v", np.zeros_like(x)) - lr * g
        return x + v

    assert worst(torch_path(spec, torch.float64), numpy_path(spec, inside)) > 1e-3


def test_nesterov_is_the_look_ahead_form_at_a_constant_rate() -> None:
    """v = rho v − lr g(x + rho v); x += v, in which x + rho v are the points that the built optimizer visits."""
    spec = Nesterov(lr=0.02, momentum=0.8)
    x, v, ahead = START[:, 0].copy(), np.zeros(2), []
    for _ in range(UPDATES):
        v = spec.momentum * v - spec.lr * (H @ (x + spec.momentum * v))
        x = x + v
        ahead.append(x + spec.momentum * v)
    assert worst(torch_path(spec, torch.float64, drop=1.0), np.array(ahead)) <= 1e-12


def test_the_first_adam_step_is_one_rate_long() -> None:
    """Bias correction with t from 1; without it the step would be 3.16 rates long at (0.9, 0.999)."""
    path = torch_path(Adam(lr=0.01), torch.float64)
    np.testing.assert_allclose(np.abs(path[0] - START[:, 0]), 0.01, rtol=1e-6)


def test_a_coordinate_without_gradient_stays_put() -> None:
    """The small constant avoids 0 / 0."""
    layer = nn.Linear(2, 1, bias=False)
    before = layer.weight.detach().clone()
    optimizer = Adam(lr=0.1).build(layer)
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.tensor([[1.0, 0.0]])).sum().backward()
        optimizer.step()
    assert torch.isfinite(layer.weight).all()
    assert layer.weight[0, 1] == before[0, 1]
    assert layer.weight[0, 0] != before[0, 0]


@pytest.mark.parametrize("spec", [case[0] for case in CASES], ids=lambda s: s.kind)
def test_biases_and_norm_parameters_do_not_decay(spec: Optimizer) -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    before = copy.deepcopy(net)
    optimizer = spec.model_validate(dict(spec) | {"weight_decay": 0.5}).build(net)
    for p in net.parameters():
        p.grad = torch.zeros_like(p)
    optimizer.step()
    for old, new in zip(before.parameters(), net.parameters(), strict=True):
        assert torch.equal(old, new) == (old.dim() < 2)


def test_frozen_parameters_are_left_out() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    net[0].requires_grad_(False)
    held = [p for group in SGD().build(net).param_groups for p in group["params"]]
    assert {id(p) for p in held} == {id(p) for p in net[1].parameters()}


@pytest.mark.parametrize("spec", [case[0] for case in CASES[1:]], ids=lambda s: s.kind)
def test_tune_keeps_the_memory_and_changes_the_values(spec: Optimizer) -> None:
    valley = Valley(torch.float64)
    optimizer = spec.build(valley)
    valley().backward()
    optimizer.step()
    memory = copy.deepcopy(optimizer.state_dict()["state"])
    spec.model_validate(dict(spec) | {"lr": 0.5, "weight_decay": 0.1}).tune(optimizer)
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert optimizer.param_groups[0]["weight_decay"] == 0.1
    after = optimizer.state_dict()["state"]
    for name, value in memory[0].items():
        assert value is after[0][name] or bool((value == after[0][name]).all())
