"""Models: shapes, parameter counts, very small pictures, gradients everywhere."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import pytest
import torch
from torch import nn

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.models import Model
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.models.small_cnn import SmallCNN
from workbench.engine.catalog.regularizers.dropout import Dropout
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.spec.experiment import ExperimentSpec


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (1, 28, 28), (3, 5, 9), (1, 1, 1), (3, 2, 7)], ids=str)
@pytest.mark.parametrize("cls", members_of(Model).values(), ids=lambda c: c.kind)
def test_logits_and_gradients(cls: type[Model], shape: tuple[int, ...]) -> None:
    net = cls().build(shape, 7, LayerInsertion())
    cls().fill(net, seed=0)
    logits = net(torch.randn(4, *shape))
    assert logits.shape == (4, 7)
    assert logits.dtype == torch.float32
    logits.square().sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in net.parameters())


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)], ids=str)
def test_the_number_of_parameters_of_an_mlp(hidden: tuple[int, ...]) -> None:
    widths = (12, *hidden, 3)
    wanted = sum(a * b + b for a, b in pairwise(widths))
    assert parameters(MLP(hidden=hidden).build((3, 2, 2), 3, LayerInsertion())) == wanted
    # Batch norm: a scale and a shift a unit, and no bias before it.
    assert parameters(MLP(hidden=hidden, batch_norm=True).build((12,), 3, LayerInsertion())) == wanted + sum(hidden)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_number_of_parameters_of_the_small_cnn(batch_norm: bool) -> None:
    model = SmallCNN(channels=(4, 6), hidden=(10,), batch_norm=batch_norm)
    convolutions = 1 * 4 * 9 + 4 * 6 * 9
    flat = 6 * prod((7 // 2 // 2, 9 // 2 // 2))
    hidden, units = flat * 10, 4 + 6 + 10
    wanted = convolutions + hidden + units * (2 if batch_norm else 1) + 10 * 5 + 5
    assert parameters(model.build((1, 7, 9), 5, LayerInsertion())) == wanted


def test_pooling_stops_at_one_pixel() -> None:
    net = SmallCNN(channels=(2,) * 8).build((1, 8, 8), 3, LayerInsertion())
    assert sum(isinstance(m, nn.MaxPool2d) for m in net.modules()) == 3
    assert net(torch.zeros(2, 1, 8, 8)).shape == (2, 3)


@pytest.mark.parametrize("cls", members_of(Activation).values(), ids=lambda c: c.kind)
def test_every_activation_stands_in_every_model(cls: type[Activation]) -> None:
    for model in (MLP(activation=cls()), SmallCNN(activation=cls())):
        net = model.build((1, 8, 8), 3, LayerInsertion())
        assert torch.isfinite(net(torch.randn(4, 1, 8, 8))).all()


def test_regularization_layers_stand_after_each_hidden_activation() -> None:
    parts = LayerInsertion([Dropout(p=0.25, conv=True)])
    net = SmallCNN(channels=(2, 3), hidden=(4,)).build((1, 8, 8), 3, parts)
    assert len(parts.placed) == 3 and parts.owners == [0, 0, 0]
    names = [name for name, _ in net.named_children()]
    assert [n for n in names if "dropout" in n] == ["conv1_dropout", "conv2_dropout", "fc1_dropout"]
    assert names.index("fc1_dropout") == names.index("fc1_act") + 1


def test_the_small_cnn_refuses_points_with_words() -> None:
    with pytest.raises(WorkbenchError, match="Choose the MLP"):
        SmallCNN().build((2,), 3, LayerInsertion())
    spec = ExperimentSpec().edited("data.source", {"kind": "moons"})
    assert any(p.path == "model" and "MLP" in p.message for p in spec.problems())


def test_the_small_cnn_needs_a_convolution() -> None:
    spec = ExperimentSpec().edited("model.channels", ())
    assert [p.path for p in spec.problems()] == ["model.channels"]
