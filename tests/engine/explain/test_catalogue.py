"""Every network of the catalogue is explained by every method, or refused by name."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from workbench.engine.catalog.models import Model
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.explain.activations import activations
from workbench.engine.explain.explainer import default_layer
from workbench.engine.explain.filters import first_filters, last_weights
from workbench.engine.explain.layers import layers_of
from workbench.engine.explain.methods.occlusion import Occlusion
from workbench.engine.explain.methods.smooth_gradient import SmoothGradient
from workbench.engine.explain.question import methods
from workbench.engine.explain.subject import Subject
from workbench.engine.explain.twin import shuffled, twin
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.torchvision_nets import SMALLEST
from workbench.engine.spec.experiment import ExperimentSpec

_OWN = {
    "mlp": {"kind": "mlp", "hidden": [12], "batch_norm": "before"},
    "small_cnn": {"kind": "small_cnn", "channels": [4, 6]},
    "cifar_resnet": {"kind": "cifar_resnet"},
    "embedding_mlp": None,  # of numbers, no pictures
    "transfer": None,  # one of the others below a new head
}
#: Few passes: the average of many is tested elsewhere.
_CHEAP = {Occlusion: partial(Occlusion, side=0.5), SmoothGradient: partial(SmoothGradient, samples=2)}
_FEW = ("resnet18", "squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5")


def built(model: dict[str, object], shape: tuple[int, ...]) -> nn.Module:
    chosen: Model = ExperimentSpec().edited("model", model).model
    network = chosen.build(shape, 5, LayerInsertion(()))
    chosen.fill(network, 0)
    return network.eval()


def explain_all(network: nn.Module, x: torch.Tensor, is_quick: bool = False) -> None:
    """All that is seen of a network: maps with the weights and with shuffled ones, layers, filters."""
    made, other = twin(network), shuffled(network)
    layers = layers_of(made, x)
    layer = default_layer(Subject(made, x, 1), layers)
    for cls in methods().values():
        method = _CHEAP.get(cls, cls)()
        if cls.uses_layer and layer is None:
            with pytest.raises(WorkbenchError, match="Grad-CAM needs a layer"):
                finished(method.attributing(Subject(made, x, 1)))
            continue
        for each in (made,) if is_quick else (made, other):
            found = finished(method.attributing(Subject(each, x, 1, layer)))
            assert found.shape == (layer.grid if cls.uses_layer and layer else x.shape[2:])
            assert np.isfinite(found).all() and found.dtype == np.float64
        assert cls.is_signed or found.min() >= 0
    if layer is not None:
        assert finished(methods()["grad_cam"]().attributing(Subject(made, x, 1, layer))).shape == layer.grid
        assert activations(made, x, layer).values.shape == (layer.channels, *layer.grid, 1)  # type: ignore[misc]
    assert first_filters(made, x).values.ndim == 4
    assert getattr(last_weights(made, x)[1], "weight").shape[0] == 5  # the classes  # noqa: B009


@pytest.mark.parametrize("kind", [kind for kind, model in _OWN.items() if model])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 12, 16), (4, 9, 9)])
def test_the_programs_own_networks_with_any_number_of_channels(kind: str, shape: tuple[int, ...]) -> None:
    model = _OWN[kind]
    assert model is not None
    explain_all(built(model, shape), torch.randn(1, *shape, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("name", _FEW)
def test_torchvisions_networks(name: str) -> None:
    network = built({"kind": "torchvision", "name": name}, (3, 33, 33))
    explain_all(network, torch.randn(1, 3, 33, 33, generator=torch.Generator().manual_seed(0)), is_quick=True)


def test_no_member_of_the_catalogue_is_forgotten() -> None:
    assert set(members_of(Model)) == {*_OWN, "torchvision"}


_ALL: tuple[str, ...] = members_of(Model)["torchvision"].model_fields["name"].annotation.__args__  # type: ignore[union-attr]
#: Their weights take 2.5 GB; smaller networks of the same families are tested.
_TOO_LARGE = {"vit_h_14", "regnet_y_128gf"}


@pytest.mark.full
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", sorted(set(_ALL) - _TOO_LARGE))
def test_all_of_torchvision(name: str) -> None:
    side = (
        224
        if name.startswith(("vit", "maxvit"))
        else next((max(s, 64) for f, s in SMALLEST.items() if name.startswith(f)), 64)
    )
    explain_all(built({"kind": "torchvision", "name": name}, (3, side, side)), torch.randn(1, 3, side, side), True)
