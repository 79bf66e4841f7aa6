"""torchvision's classifiers: the list, every name built, sizes in words, no draw from the global generator."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, get_args

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from tests.engine.helpers import record, small_spec
from workbench.engine.catalog.models.torchvision_classifier import Name, TorchvisionClassifier
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.stochastic_layers import Dropout, StochasticDepth, stochastic_layers
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.network import build_network

NAMES = get_args(Name)


class NoDraws(TorchDispatchMode):
    """Refuses every draw from the global generator. ``inside`` counts those from generators of one's own."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if torch.Tag.nondeterministic_seeded in func.tags:
            assert (kwargs or {}).get("generator") is not None, func
        return func(*args, **(kwargs or {}))


def built(name: str, shape: tuple[int, ...] = (3, 224, 224), classes: int = 7) -> nn.Module:
    return TorchvisionClassifier.model_validate({"name": name}).build(shape, classes, LayerInsertion())


def test_the_list_is_torchvisions() -> None:
    from torchvision import models

    assert list(NAMES) == models.list_models(module=models)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_builds_with_our_noise(name: str) -> None:
    net = built(name)
    kinds = {type(m).__name__ for m in net.modules() if type(m).__module__.startswith("torch")}
    assert not kinds & {"Dropout", "Dropout1d", "Dropout2d", "AlphaDropout", "StochasticDepth"}
    layers = stochastic_layers(net)
    assert len({layer.name for layer in layers}) == len(layers)
    assert [p.shape[0] for n, p in net.named_parameters()][-1] == 7


def test_depth_and_dropout_keep_their_probabilities() -> None:
    from torchvision import models
    from torchvision.ops import StochasticDepth as Theirs

    with torch.device("meta"):
        theirs = models.get_model("efficientnet_b0", weights=None)
    ours = built("efficientnet_b0")
    for kind, other in ((StochasticDepth, Theirs), (Dropout, nn.Dropout)):
        wanted = [m.p for m in theirs.modules() if isinstance(m, other)]
        assert [m.p for m in ours.modules() if isinstance(m, kind)] == wanted and wanted


def filled(name: str, shape: tuple[int, ...], seed: int = 0) -> nn.Module:
    model = TorchvisionClassifier.model_validate({"name": name})
    net = model.build(shape, 7, LayerInsertion())
    model.fill(net, seed)
    return net


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "squeezenet1_1", "shufflenet_v2_x0_5", "regnet_y_400mf"])
def test_weights_and_a_training_pass_come_from_our_generators(name: str) -> None:
    before = torch.random.get_rng_state()
    with NoDraws():
        net = filled(name, (1, 32, 32))
        out = net(torch.zeros(3, 1, 32, 32))
    assert out.shape == (3, 7) and torch.isfinite(out).all()
    assert torch.equal(before, torch.random.get_rng_state())
    again, other = filled(name, (1, 32, 32)), filled(name, (1, 32, 32), seed=1)
    weights = [n.state_dict() for n in (net, again, other)]
    floats = [key for key, value in weights[1].items() if value.dim() >= 2]
    assert all(torch.equal(weights[0][key], weights[1][key]) for key in floats)
    assert any(not torch.equal(weights[0][key], weights[2][key]) for key in floats)


def test_the_weights_are_spread_as_torchvision_spreads_them() -> None:
    """ResNet: He over the outputs (Kaiming, fan_out) for convolutions, torch's default for the classifier."""
    net = filled("resnet18", (3, 32, 32))
    weight = net.get_parameter("net.layer3.0.conv2.weight")
    assert weight.std().item() == pytest.approx((2 / (256 * 9)) ** 0.5, rel=0.01)
    assert bool((net.get_parameter("net.bn1.weight") == 1).all()) and all(
        p.device.type == "cpu" for p in net.parameters()
    )


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("vgg11", (1, 8, 8), "at least 32×32 pixels, and these are 8×8"),
        ("inception_v3", (3, 64, 64), "at least 75×75"),
        ("vit_b_16", (3, 40, 40), "multiple of 16"),
        ("vit_b_16", (3, 32, 48), "as wide as high"),
        ("maxvit_t", (3, 32, 32), "of 224×224"),
        ("resnet18", (2, 32, 32), "not 2 channels"),
        ("resnet18", (2,), "Choose the MLP"),
    ],
)
def test_pictures_that_do_not_fit_are_refused_in_words(name: str, shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(WorkbenchError, match=words):
        built(name, shape)


@pytest.mark.parametrize("name", ["alexnet", "squeezenet1_1", "googlenet"])
def test_the_smallest_picture_is_really_the_smallest(name: str) -> None:
    from workbench.engine.nn import torchvision_nets

    side = torchvision_nets.SMALLEST[name]
    net = filled(name, (3, side, side)).eval()
    with torch.inference_mode():
        assert net(torch.zeros(2, 3, side, side)).shape == (2, 7)
        with pytest.raises(RuntimeError):
            net(torch.zeros(2, 3, side - 1, side - 1))


def test_gray_pictures_stand_in_all_three_channels() -> None:
    net = filled("squeezenet1_1", (1, 32, 32)).eval()
    x = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(net(x), net.get_submodule("net")(x.repeat(1, 3, 1, 1)))


def test_a_run_repeats_to_the_last_bit() -> None:
    spec = small_spec(
        model={"kind": "torchvision", "name": "mobilenet_v3_small"},
        augmentations=[],
        regularization=[],
        data__examples_per_class=6,
        loop__batch_size=16,
        loop__epochs=1,
    )
    first = record(spec)
    torch.rand(3)  # somebody draws from the global generator
    assert first.numbers() == record(spec).numbers() and len(first.of(object)) > 4


def test_the_form_opens_without_torchvision() -> None:
    code = (
        "import sys, workbench.engine.spec.experiment as s\n"
        "s.ExperimentSpec().edited('model', {'kind': 'torchvision'});"
        "print('torch' in sys.modules, 'torchvision' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_network_of_a_spec() -> None:
    spec = ExperimentSpec().edited("model", {"kind": "torchvision", "name": "shufflenet_v2_x0_5"})
    assert build_network(spec, (1, 8, 8), 10).parameters > 100_000
