"""The ResNets for small pictures: sizes as published, the shortcut against NumPy, any picture, stochastic depth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import record, small_spec
from workbench.engine.catalog.models.cifar_resnet import CifarResNet
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import generator
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.layers import PadShortcut
from workbench.engine.spec.experiment import ExperimentSpec


@pytest.mark.parametrize(
    ("depth", "parameters"),
    [("20", 269_722), ("32", 464_154), ("44", 658_586), ("56", 853_018), ("110", 1_727_962)],
)
def test_parameters_and_layers(depth: str, parameters: int) -> None:
    """He et al. 2015, table 6: 0.27, 0.46, 0.66, 0.85 and 1.7 million."""
    with torch.device("meta"):
        net = CifarResNet.model_validate({"depth": depth}).build((3, 32, 32), 10, LayerInsertion())
    assert sum(p.numel() for p in net.parameters()) == parameters
    assert sum(isinstance(m, (nn.Conv2d, nn.Linear)) for m in net.modules()) == int(depth)


@pytest.mark.parametrize("shape", [(2, 4, 8, 8), (1, 3, 5, 7), (2, 5, 1, 1)], ids=str)
@pytest.mark.parametrize("wider", [2, 3])
def test_the_shortcut_without_weights(shape: tuple[int, ...], wider: int) -> None:
    x = torch.randn(*shape, generator=generator("cpu", 0))
    channels = shape[1]
    out = PadShortcut(channels, wider * channels)(x).numpy()
    kept = x.numpy()[:, :, ::2, ::2]
    wanted = np.zeros((shape[0], wider * channels, *kept.shape[2:]), np.float32)
    front = (wider - 1) * channels // 2
    wanted[:, front : front + channels] = kept
    assert np.array_equal(out, wanted)


def test_a_block_is_its_branch_plus_the_shortcut() -> None:
    model = CifarResNet()
    net = model.build((3, 8, 8), 10, LayerInsertion()).eval()
    model.fill(net, seed=1)
    block = net.get_submodule("layer2.0")
    x = torch.randn(2, 16, 8, 8, generator=generator("cpu", 3))
    with torch.no_grad():
        branch = block.bn2(block.conv2(torch.relu(block.bn1(block.conv1(x)))))
        wanted = torch.relu(branch + PadShortcut(16, 32)(x))
        assert torch.equal(block(x), wanted)
        block.conv2.weight.zero_()
        assert torch.equal(block(x), torch.relu(PadShortcut(16, 32)(x)))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 33, 47), (1, 28, 28), (2, 1, 1)], ids=str)
def test_any_picture(shape: tuple[int, ...]) -> None:
    net = CifarResNet(width=4).build(shape, 7, LayerInsertion()).eval()
    assert net(torch.zeros(2, *shape)).shape == (2, 7)


def test_points_are_refused_with_words() -> None:
    with pytest.raises(WorkbenchError, match="Choose the MLP"):
        CifarResNet().build((2,), 3, LayerInsertion())
    spec = ExperimentSpec().edited("data.source", {"kind": "moons"}).edited("model", {"kind": "cifar_resnet"})
    assert any(p.path == "model" and "MLP" in p.message for p in spec.problems())


def test_regularizers_find_their_places() -> None:
    kinds = members_of(Regularizer)
    parts = LayerInsertion([kinds["stochastic_depth"](), kinds["dropout"].model_validate({"conv": True})])
    net = CifarResNet(width=2).build((1, 8, 8), 3, parts)
    assert parts.owners.count(0) == 9 and parts.owners.count(1) == 9 + 1
    depths = [layer.p for layer, owner in zip(parts.placed, parts.owners, strict=True) if owner == 0]
    assert depths == pytest.approx([0.5 * (k + 1) / 9 for k in range(9)])
    assert net.get_submodule("layer3.2.end.0") is parts.placed[-2]


def test_it_trains_and_repeats() -> None:
    spec = small_spec(
        model={"kind": "cifar_resnet", "width": 4},
        augmentations=[],
        regularization=[{"kind": "stochastic_depth"}],
        loop__epochs=2,
    )
    assert record(spec).numbers() == record(spec).numbers()


def test_the_first_stage_keeps_the_size_and_each_later_one_halves_it() -> None:
    net = CifarResNet(width=4).build((3, 32, 48), 7, LayerInsertion()).eval()
    sizes: list[tuple[int, ...]] = []
    for stage in (1, 2, 3):
        net.get_submodule(f"layer{stage}").register_forward_hook(lambda _m, _i, x: sizes.append(tuple(x.shape[2:])))
    net(torch.zeros(1, 3, 32, 48))
    assert sizes == [(32, 48), (16, 24), (8, 12)]
