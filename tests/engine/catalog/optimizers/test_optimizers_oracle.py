"""Every optimizer against an independent NumPy transcription of its rule, on a valley that is turned by 30 degrees.

The learning rate changes in mid-run, because forms of momentum that agree at a constant rate part there.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.catalog.optimizers.helpers import DROP, DROP_AT, TOLERANCE, UPDATES, Floats, Rule
from tests.engine.catalog.optimizers.rules import CASES, DECOUPLED
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.optimizers.adadelta import Adadelta
from workbench.engine.catalog.optimizers.adagrad import AdaGrad
from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.adam_uncorrected import AdamUncorrected
from workbench.engine.catalog.optimizers.adamw import AdamW
from workbench.engine.catalog.optimizers.lbfgs import LBFGS
from workbench.engine.catalog.optimizers.muon import Muon
from workbench.engine.catalog.optimizers.nadam import NAdam
from workbench.engine.catalog.optimizers.radam import RAdam
from workbench.engine.catalog.optimizers.rmsprop import RMSProp
from workbench.engine.catalog.optimizers.sgd import SGD, GradientDescent, Momentum, Nesterov
from workbench.engine.catalog.variant import members_of


def rotated_quadratic(condition: float = 20.0, degrees: float = 30.0) -> Floats:
    """H = R diag(1, condition) R^T."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    result: Floats = turn @ np.diag([1.0, condition]) @ turn.T
    return result


H = rotated_quadratic()
START = np.array([[1.3], [-0.7]])


def case_name(case: Any) -> str:
    return f"{case.kind}{'_inside' if getattr(case, 'form', '') == 'inside' else ''}" if hasattr(case, "kind") else ""


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """NAdam keeps the product of its momenta in the default type."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    yield
    torch.set_default_dtype(before)


class Valley(nn.Module):
    """One weight matrix x (2, 1); the loss is x^T H x / 2."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.tensor(START, dtype=dtype))
        self.h = torch.tensor(H, dtype=dtype)

    def forward(self) -> torch.Tensor:
        return 0.5 * (self.x.T @ self.h @ self.x).sum()


def torch_path(spec: Optimizer, dtype: torch.dtype, drop: float = DROP) -> Floats:
    """The points (UPDATES, 2) that the built optimizer visits; the rate drops at DROP_AT through ``tune``."""
    with default_dtype(dtype):
        return walked(spec, Valley(dtype), drop)


def walked(spec: Optimizer, valley: Valley, drop: float) -> Floats:
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


def numpy_path(spec: Optimizer, rule: Rule, drop: float = DROP) -> Floats:
    """The points that the rule visits in float64."""
    x, memory, points = START[:, 0].copy(), {}, []
    for update in range(UPDATES):
        lr = spec.lr * (drop if update >= DROP_AT else 1.0)
        gradient = H @ x + (0.0 if isinstance(spec, DECOUPLED) else spec.weight_decay) * x
        x = rule(x, memory, gradient, lr, update + 1, spec)
        points.append(x)
    return np.array(points)


def worst(path: Floats, reference: Floats) -> float:
    """The largest distance between the paths, over the start's distance from the optimum."""
    return float(np.linalg.norm(path - reference, axis=1).max() / np.linalg.norm(START))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("decay", [0.0, 0.25])
@pytest.mark.parametrize(("spec", "rule"), CASES, ids=case_name)
def test_follows_its_rule(spec: Optimizer, rule: Rule, decay: float, dtype: torch.dtype) -> None:
    spec = spec.model_validate(dict(spec) | {"weight_decay": decay})
    assert worst(torch_path(spec, dtype), numpy_path(spec, rule)) <= TOLERANCE[dtype]


@pytest.mark.parametrize(("spec", "rule"), CASES[1:3], ids=case_name)
def test_the_test_would_see_another_rule(spec: Momentum, rule: Rule) -> None:
    """Momentum with the rate inside the velocity, and momentum for Nesterov, are further away than the tolerance."""

    def inside(x: Floats, memory: dict[str, Any], g: Floats, lr: float, t: int, spec: Momentum) -> Floats:
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


@pytest.mark.parametrize("cls", [Momentum, Nesterov])
def test_the_forms_part_only_when_the_rate_changes(cls: type[Momentum]) -> None:
    outside, inside = (cls(lr=0.02, momentum=0.8, form=form) for form in ("outside", "inside"))
    constant = worst(torch_path(outside, torch.float64, 1.0), torch_path(inside, torch.float64, 1.0))
    dropped = worst(torch_path(outside, torch.float64), torch_path(inside, torch.float64))
    assert constant <= 1e-12
    assert dropped > 1e-2


@pytest.mark.parametrize("cls", [Momentum, Nesterov])
def test_after_a_drop_the_outer_rate_shrinks_the_step_at_once(cls: type[Momentum]) -> None:
    def steps(form: Any) -> Floats:
        path = torch_path(cls(lr=0.02, momentum=0.8, form=form), torch.float64, 0.01)
        lengths: Floats = np.linalg.norm(np.diff(path, axis=0), axis=1)
        return lengths[DROP_AT - 1 : DROP_AT + 1] / lengths[DROP_AT - 2]

    assert steps("outside")[0] < 0.02
    assert steps("inside")[0] > 0.3


def test_the_first_adam_step_is_one_rate_long() -> None:
    """Bias correction with t from 1; without it the step would be 3.16 rates long at (0.9, 0.999)."""
    path = torch_path(Adam(lr=0.01), torch.float64)
    np.testing.assert_allclose(np.abs(path[0] - START[:, 0]), 0.01, rtol=1e-6)


def test_without_correction_the_first_steps_are_too_long() -> None:
    """For a constant gradient: 3.16 rates at t = 1, 6.57 at t = 12, 1.26 at t = 1000."""
    layer = nn.Linear(1, 1, bias=False).double()
    optimizer = AdamUncorrected(lr=0.01).build(layer)
    lengths = []
    for _ in range(1000):
        before = layer.weight.item()
        layer.weight.grad = torch.ones_like(layer.weight)
        optimizer.step()
        lengths.append((before - layer.weight.item()) / 0.01)
    assert [round(lengths[t - 1], 2) for t in (1, 12, 1000)] == [3.16, 6.57, 1.26]
    assert max(lengths) == lengths[11]


def test_lbfgs_takes_a_shorter_first_step_where_the_gradient_is_large() -> None:
    path = torch_path(LBFGS(lr=0.5), torch.float64)
    g = H @ START[:, 0]
    np.testing.assert_allclose(path[0], START[:, 0] - 0.5 * g / np.abs(g).sum(), rtol=1e-12)


def test_lbfgs_reaches_the_bottom_of_a_quadratic_where_gradient_descent_crawls() -> None:
    ends = [torch_path(spec, torch.float64, 1.0)[15] for spec in (LBFGS(lr=1.0), GradientDescent(lr=0.06))]
    assert np.linalg.norm(ends[0]) < 1e-6 < 1e-2 < np.linalg.norm(ends[1])


@pytest.mark.parametrize("cls", [AdaGrad, RMSProp, Adam, AdamUncorrected, AdamW, NAdam, RAdam, Adadelta])
def test_a_coordinate_without_gradient_stays_put(cls: type[Optimizer]) -> None:
    """The small constant avoids 0 / 0."""
    layer = nn.Linear(2, 1, bias=False)
    before = layer.weight.detach().clone()
    optimizer = cls(lr=0.1, weight_decay=0.0).build(layer)
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.tensor([[1.0, 0.0]])).sum().backward()
        optimizer.step()
    assert torch.isfinite(layer.weight).all()
    assert layer.weight[0, 1] == before[0, 1]
    assert layer.weight[0, 0] != before[0, 0]


@pytest.mark.parametrize("spec", [*(case[0] for case in CASES), Muon()], ids=case_name)
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


@pytest.mark.parametrize("spec", [c[0] for c in CASES if c[0].kind not in ("sgd", "gradient_descent")], ids=case_name)
def test_tune_keeps_the_memory_and_changes_the_values(spec: Optimizer) -> None:
    valley = Valley(torch.float64)
    optimizer = spec.build(valley)
    valley().backward()
    optimizer.step()
    memory = copy.deepcopy(optimizer.state_dict()["state"])
    spec.model_validate(dict(spec) | {"lr": 0.5, "weight_decay": 0.1}).tune(optimizer)
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert optimizer.param_groups[0]["weight_decay"] == 0.1
    assert_same(memory, optimizer.state_dict()["state"])


def assert_same(one: Any, other: Any) -> None:
    """The same numbers to the last bit, in tensors, tables and lists."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list | tuple):
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)
    elif isinstance(one, torch.Tensor):
        assert one.dtype == other.dtype
        assert torch.equal(one, other)
    else:
        assert one == other


# --- every member ------------------------------------------------------------------------------------------------


def test_every_optimizer_has_an_oracle() -> None:
    assert set(members_of(Optimizer)) == {spec.kind for spec, _ in CASES} | {"muon"}


def small_net() -> nn.Sequential:
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    for number, p in enumerate(net.parameters()):
        p.data = torch.randn(p.shape, generator=torch.Generator().manual_seed(number))
    return net


def train_a_little(net: nn.Module, optimizer: torch.optim.Optimizer, updates: int) -> None:
    x = torch.randn(16, 6, generator=torch.Generator().manual_seed(9))
    for _ in range(updates):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), torch.arange(16) % 3).backward()
        optimizer.step()


@pytest.mark.parametrize("spec", [*(case[0] for case in CASES), Muon(), LBFGS(lr=0.5, history=2)], ids=case_name)
def test_goes_on_from_a_saved_state_to_the_last_bit(spec: Optimizer) -> None:
    net = small_net()
    optimizer = spec.build(net)
    train_a_little(net, optimizer, 6)
    file = io.BytesIO()
    torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    other = small_net()
    again = spec.build(other)
    other.load_state_dict(saved["net"])
    again.load_state_dict(saved["optimizer"])
    train_a_little(net, optimizer, 6)
    train_a_little(other, again, 6)
    assert_same(net.state_dict(), other.state_dict())
    assert_same(optimizer.state_dict()["state"], again.state_dict()["state"])
