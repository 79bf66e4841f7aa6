"""Penalties against autograd, L2 against weight decay, dropout's mean and its masks."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from workbench.engine.catalog.optimizers.sgd import SGD, Momentum
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.regularizers.dropout import Dropout as DropoutSpec
from workbench.engine.catalog.regularizers.penalties import L1, L2, ElasticNet
from workbench.engine.nn.stochastic_layers import Dropout, stochastic_layers
from workbench.engine.spec.experiment import ExperimentSpec

PENALTIES = [L2(strength=0.3), L1(strength=0.2), ElasticNet(l1=0.2, l2=0.3)]


def weights(seed: int = 0) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    made = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((4, 3), (2, 3, 3, 3))]
    return [w.requires_grad_() for w in made]


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda p: p.kind)
def test_the_gradient_is_that_of_the_penalty(penalty: Regularizer) -> None:
    ws = weights()
    value = penalty.penalty(ws)
    assert value is not None
    wanted = torch.autograd.grad(value, ws)
    gradients = [torch.full_like(w, 0.5) for w in ws]
    with torch.no_grad():
        penalty.add_gradient(ws, gradients)
    for got, want in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(got, want + 0.5, rtol=1e-14, atol=1e-14)


def test_the_values_are_the_stated_formulas() -> None:
    ws = [w.detach() for w in weights()]
    squares = sum(float((w**2).sum()) for w in ws)
    absolutes = sum(float(w.abs().sum()) for w in ws)
    values = [float(p.penalty(ws)) for p in PENALTIES]  # type: ignore[arg-type]
    assert values == pytest.approx([0.15 * squares, 0.2 * absolutes, 0.2 * absolutes + 0.15 * squares], rel=1e-12)


def test_l1_leaves_a_weight_at_zero_alone() -> None:
    w, g = torch.zeros(2, 2), torch.zeros(2, 2)
    L1(strength=1.0).add_gradient([w], [g])
    assert torch.equal(g, torch.zeros(2, 2))


@pytest.mark.parametrize("spec", [SGD(lr=0.1), Momentum(lr=0.1, momentum=0.9)], ids=lambda s: s.kind)
def test_l2_is_weight_decay_for_sgd_and_momentum(spec: SGD) -> None:
    x, y = torch.randn(16, 5, generator=torch.Generator().manual_seed(1)), torch.arange(16) % 3
    decayed = nn.Linear(5, 3)
    penalized = copy.deepcopy(decayed)
    first = spec.model_validate(dict(spec) | {"weight_decay": 0.05}).build(decayed)
    second, l2 = spec.build(penalized), L2(strength=0.05)
    for _ in range(30):
        for net, optimizer in ((decayed, first), (penalized, second)):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            if net is penalized:
                assert net.weight.grad is not None
                with torch.no_grad():
                    l2.add_gradient([net.weight], [net.weight.grad])
            optimizer.step()
    torch.testing.assert_close(decayed.weight, penalized.weight, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("p", [0.2, 0.7])
def test_dropout_drops_with_probability_p_and_keeps_the_mean(p: float) -> None:
    layer = Dropout(p).train()
    layer.at(seed=3, step=5)
    x = torch.rand(400, 500) + 0.5
    y = layer(x)
    dropped = (y == 0).double().mean().item()
    assert dropped == pytest.approx(p, abs=0.006)  # 5 standard deviations over 200,000 units
    assert y.mean().item() == pytest.approx(x.mean().item(), rel=0.02)
    torch.testing.assert_close(y[y != 0], x[y != 0] / (1 - p))


def test_dropout_is_silent_in_evaluation_and_at_zero() -> None:
    x = torch.rand(8, 8)
    assert Dropout(0.7).eval()(x) is x
    assert Dropout(0.0).train()(x) is x


def test_gradients_flow_only_through_kept_units() -> None:
    layer = Dropout(0.3).train()
    x = torch.ones(20, 20, requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, (y != 0).float() / 0.7)


def mask(seed: int, step: int, name: str) -> torch.Tensor:
    layer = Dropout(0.4).train()
    layer.name = name
    layer.at(seed, step)
    return layer(torch.ones(30, 30)) == 0


def test_a_mask_is_a_function_of_seed_step_and_layer() -> None:
    first = mask(1, 2, "fc1_dropout")
    torch.manual_seed(99)  # the global generator has no say
    assert torch.equal(first, mask(1, 2, "fc1_dropout"))
    for other in (mask(2, 2, "fc1_dropout"), mask(1, 3, "fc1_dropout"), mask(1, 2, "fc2_dropout")):
        assert 0.3 < (first == other).double().mean() < 0.75  # 0.52 if independent


def test_dropout_never_touches_the_global_generator() -> None:
    torch.manual_seed(7)
    wanted = torch.rand(3)
    torch.manual_seed(7)
    mask(1, 2, "x")
    assert torch.equal(torch.rand(3), wanted)


def test_dropout_stands_after_convolutions_only_if_asked() -> None:
    assert DropoutSpec().layer("conv") is None
    assert DropoutSpec(conv=True).layer("conv") is not None
    assert DropoutSpec().layer("fc") is not None


def test_tune_changes_the_probability_live() -> None:
    layer = DropoutSpec(p=0.2).layer("fc")
    assert isinstance(layer, Dropout)
    DropoutSpec(p=0.6).tune(layer)
    assert layer.p == 0.6


def test_layers_learn_their_names() -> None:
    net = nn.Sequential()
    net.add_module("fc1", nn.Linear(2, 2))
    net.add_module("fc1_dropout", Dropout(0.5))
    assert [layer.name for layer in stochastic_layers(net)] == ["fc1_dropout"]


def test_a_second_one_of_a_kind_is_refused() -> None:
    """Its layer would take the first one's name, and be lost."""
    spec = ExperimentSpec(regularization=(DropoutSpec(), L2(), DropoutSpec(p=0.1)))
    (problem,) = spec.problems()
    assert problem.path == "regularization.2" and problem.severity == "error"
