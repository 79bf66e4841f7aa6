"""Activations: values against NumPy, gains against numerical moments, variance through many layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import special
from torch import nn

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.maxout import Maxout
from workbench.engine.catalog.activations.members import LeakyReLU, ReLU
from workbench.engine.catalog.activations.smooth import ELU, GELU
from workbench.engine.catalog.activations.square import Square
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.initializations.orthogonal import Orthogonal
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.core.randomness import generator
from workbench.engine.nn.layer_insertion import LayerInsertion

Z = np.linspace(-4.0, 4.0, 101)


@pytest.mark.parametrize(
    ("activation", "rule"),
    [
        (ELU(alpha=0.7), lambda z: np.where(z > 0, z, 0.7 * np.expm1(z))),
        (GELU(), lambda z: z * special.ndtr(z)),
        (Square(), np.square),
    ],
    ids=["elu", "gelu", "square"],
)
def test_the_rule(activation: Activation, rule: object) -> None:
    assert callable(rule)
    assert activation.build()(torch.tensor(Z)).numpy() == pytest.approx(rule(Z), abs=1e-12)


def test_maxout_takes_the_largest_of_neighbouring_pieces() -> None:
    x = torch.randn(3, 12, 2, 2, generator=generator("cpu", 1))
    out = Maxout(pieces=4).build()(x)
    assert out.numpy() == pytest.approx(x.numpy().reshape(3, 3, 4, 2, 2).max(2))


@pytest.mark.parametrize("pieces", [2, 3])
def test_maxout_widens_the_layer_before_it(pieces: int) -> None:
    net = MLP(hidden=(7, 5), activation=Maxout(pieces=pieces)).build((4,), 3, LayerInsertion())
    assert [tuple(p.shape) for p in net.parameters() if p.dim() == 2] == [(7 * pieces, 4), (5 * pieces, 7), (3, 5)]
    conv = SmallCNN(channels=(6,), hidden=(), activation=Maxout(pieces=pieces)).build((1, 4, 4), 3, LayerInsertion())
    assert conv.get_parameter("conv1.weight").shape[0] == 6 * pieces
    assert conv(torch.zeros(2, 1, 4, 4)).shape == (2, 3)


SMOOTH = [ReLU(), LeakyReLU(slope=0.2), ELU(), ELU(alpha=0.3), GELU(), Maxout(), Maxout(pieces=3), Maxout(pieces=5)]


@pytest.mark.parametrize("activation", [*SMOOTH, Square()], ids=repr)
def test_the_gain_keeps_the_second_moment(activation: Activation) -> None:
    """The argument of He et al. 2015, eq. 10: E[f(z)²] · gain² = E[z²] for z standard normal."""
    z = torch.randn(400_000, activation.inputs_per_unit(), generator=generator("cpu", 1))
    kept = activation.build()(z).square().mean().item() * activation.gain() ** 2
    assert kept == pytest.approx(1.0, rel=0.01)


@pytest.mark.parametrize("activation", SMOOTH, ids=repr)
@pytest.mark.parametrize("init", [He(), Orthogonal()], ids=lambda i: i.kind)
def test_the_variance_is_kept_through_twelve_layers(activation: Activation, init: Initialization) -> None:
    model = MLP(hidden=(256,) * 12, activation=activation, init_weights=init)
    net = model.build((256,), 10, LayerInsertion())
    model.fill(net, seed=0)
    seen: list[float] = []
    for name, module in net.named_children():
        if isinstance(module, nn.Linear) and name != "classifier":
            module.register_forward_hook(lambda _m, _i, out: seen.append(out.square().mean().item()))
    with torch.no_grad():
        # The first layer's outputs have unit variance then, as the gain assumes.
        net(torch.randn(512, 256, generator=generator("cpu", 2)) / activation.gain())
    # Orthogonal matrices keep length; where Maxout widens a layer, the length is spread over more outputs.
    pieces = activation.inputs_per_unit()
    shrink = 1.0 / pieces if isinstance(init, Orthogonal) else 1.0
    growth = (seen[-1] / seen[0]) ** (1 / 11) / shrink
    assert 0.9 < growth < 1.1
    # And it is the gain that does it.
    assert not 0.9 < growth / activation.gain() ** 2 < 1.1 or activation.gain() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("shape", [(30, 30), (20, 50), (50, 20), (8, 4, 3, 3), (64, 2, 3, 3)], ids=str)
def test_orthogonal_matrices_are_orthogonal(shape: tuple[int, ...]) -> None:
    weight = torch.empty(shape)
    Orthogonal().fill(weight, 1.7, generator("cpu", 5))
    flat = weight.flatten(1).double()
    product = flat @ flat.T if flat.shape[0] <= flat.shape[1] else flat.T @ flat
    assert product.numpy() == pytest.approx(1.7**2 * np.eye(len(product)), abs=1e-5)
    again = torch.empty(shape)
    Orthogonal().fill(again, 1.7, generator("cpu", 5))
    assert torch.equal(weight, again)


def test_orthogonal_rotations_have_no_favourite_sign() -> None:
    """Without the correction by R's signs the first entries of Q would all have one sign (Mezzadri 2007)."""
    corners = []
    for k in range(60):
        weight = torch.empty(4, 4)
        Orthogonal().fill(weight, 1.0, generator("cpu", k))
        corners.append(weight[0, 0].item() > 0)
    assert 15 < sum(corners) < 45


def test_the_gain_of_two_pieces_is_one() -> None:
    """max(a, b)² + min(a, b)² = a² + b², and both have the same mean."""
    assert Maxout(pieces=2).gain() == pytest.approx(1.0, rel=1e-9)
    assert math.isclose(Maxout(pieces=3).gain() ** -2, 1 + math.sqrt(3) / (2 * math.pi), rel_tol=1e-9)
