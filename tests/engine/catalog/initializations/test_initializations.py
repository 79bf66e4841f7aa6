"""Initializations: the width against the formula, and a stream of its own for every weight."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from workbench.engine.catalog.activations.members import LeakyReLU, ReLU, Sigmoid, Tanh
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import Gaussian, He, Xavier, Zero
from workbench.engine.catalog.models import initialize
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.core.randomness import generator
from workbench.engine.nn.layer_insertion import LayerInsertion

GAIN = math.sqrt(2.0)


@pytest.mark.parametrize("shape", [(400, 300), (64, 32, 3, 3)], ids=str)
@pytest.mark.parametrize(
    ("init", "width"),
    [
        (He(), lambda fan_in, fan_out: GAIN / math.sqrt(fan_in)),
        (Xavier(), lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out))),
        (Gaussian(std=0.37), lambda fan_in, fan_out: 0.37),
    ],
    ids=["he", "xavier", "gaussian"],
)
def test_width(init: Initialization, width: object, shape: tuple[int, ...]) -> None:
    assert callable(width)
    weight = torch.empty(shape)
    init.fill(weight, GAIN, generator("cpu", "test", 0))
    receptive = math.prod(shape[2:])
    wanted = width(shape[1] * receptive, shape[0] * receptive)
    spread = 5 / math.sqrt(2 * weight.numel())  # five standard errors of a standard deviation
    assert weight.std().item() == pytest.approx(wanted, rel=spread)
    assert abs(weight.mean().item()) < 5 * wanted / math.sqrt(weight.numel())


def test_zero() -> None:
    weight = torch.ones(3, 4)
    Zero().fill(weight, GAIN, generator("cpu", 0))
    assert not weight.any()


@pytest.mark.parametrize("activation", [ReLU(), LeakyReLU(slope=0.3)], ids=lambda a: a.kind)
def test_the_gain_keeps_the_second_moment(activation: ReLU) -> None:
    """He et al. 2015: E[f(z)^2] * gain^2 = E[z^2] for z normal."""
    z = torch.randn(400_000, generator=generator("cpu", 1))
    kept = (activation.build()(z) ** 2).mean().item() * activation.gain() ** 2
    assert kept == pytest.approx(1.0, rel=0.01)


def test_saturating_activations_have_gain_one() -> None:
    assert Tanh().gain() == Sigmoid().gain() == 1.0


def filled(net: nn.Module, seed: int = 0, init: Initialization | None = None) -> dict[str, torch.Tensor]:
    initialize(net, init or He(), ReLU(), seed)
    return {name: p.detach().clone() for name, p in net.named_parameters()}


def test_only_the_last_layer_has_gain_one() -> None:
    weights = filled(MLP(hidden=(500, 500)).build((400,), 300, LayerInsertion()))
    assert weights["fc1.weight"].std().item() == pytest.approx(math.sqrt(2 / 400), rel=0.02)
    assert weights["fc2.weight"].std().item() == pytest.approx(math.sqrt(2 / 500), rel=0.02)
    assert weights["classifier.weight"].std().item() == pytest.approx(math.sqrt(1 / 500), rel=0.02)


def test_biases_are_zero_and_norm_layers_neutral() -> None:
    weights = filled(SmallCNN().build((1, 8, 8), 10, LayerInsertion()))
    assert not weights["classifier.bias"].any()
    assert not weights["conv1_norm.bias"].any()
    assert bool((weights["conv1_norm.weight"] == 1).all())


def test_the_same_seed_gives_the_same_weights_whatever_was_drawn_before() -> None:
    first = filled(MLP().build((8,), 3, LayerInsertion()))
    torch.manual_seed(5)
    torch.rand(10)
    second = filled(MLP().build((8,), 3, LayerInsertion()))
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = filled(MLP().build((8,), 3, LayerInsertion()), seed=1)
    assert not torch.equal(first["fc1.weight"], other["fc1.weight"])


def test_layers_of_one_shape_get_different_weights() -> None:
    weights = filled(MLP(hidden=(20, 20, 20)).build((20,), 20, LayerInsertion()))
    names = [name for name, w in weights.items() if w.dim() == 2]
    assert len(names) == 4
    for i, name in enumerate(names):
        for other in names[:i]:
            assert not torch.equal(weights[name], weights[other])


@pytest.mark.parametrize(
    "model", [MLP(hidden=(16, 16)), SmallCNN(channels=(4, 6), hidden=(16, 16))], ids=lambda m: m.kind
)
def test_another_layer_changes_no_other_layers_weights(model: MLP | SmallCNN) -> None:
    """Two runs share everything that their specs share: with and without dropout, batch norm, one layer more."""
    plain = filled(model.build((1, 8, 8), 5, LayerInsertion()))
    dropped = filled(model.build((1, 8, 8), 5, LayerInsertion([Dropout(p=0.25, conv=True)])))
    other_norm = "off" if model.batch_norm == "before" else "before"
    normed = filled(type(model)(**dict(model) | {"batch_norm": other_norm}).build((1, 8, 8), 5, LayerInsertion()))
    deeper = filled(type(model)(**dict(model) | {"hidden": (16, 16, 16)}).build((1, 8, 8), 5, LayerInsertion()))
    for other in (dropped, normed, deeper):
        for name in plain:
            if name.endswith("weight") and plain[name].dim() >= 2 and name in other:
                assert torch.equal(plain[name], other[name]), name
        assert "classifier.weight" in other
