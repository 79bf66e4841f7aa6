"""Where the channels of a layer are, and which layer Grad-CAM takes, in networks of every kind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.explain.layers import Layer, layer_named, layers_of


def layers(network: nn.Module, side: int = 32) -> dict[str, Layer]:
    return {each.name: each for each in layers_of(network.eval(), torch.randn(1, 3, side, side))}


def test_swin_has_its_channels_last_until_it_permutes_them() -> None:
    network = SwinTransformer([2, 2], 12, [1, 1], [2, 2], [4, 4], stochastic_depth_prob=0.0, num_classes=3)
    found = layers(network)
    assert found["features.0.0"].places == "first" and found["features.0.0"].channels == 12
    assert found["features.1"].places == "last" and found["features.1"].grid == (16, 16)
    assert found["features"].words == "features (Sequential): 24 channels of 8×8"
    assert found["permute"].places == "first" and found["permute"].grid == (8, 8)


def test_convnext_moves_them_to_and_fro() -> None:
    network = ConvNeXt([CNBlockConfig(12, 24, 1), CNBlockConfig(24, None, 1)], num_classes=3)
    found = layers(network)
    assert found["features.0.0"].places == found["features.0.1"].places == "first"  # a layer norm of pictures
    assert found["features.1.0.block.2"].places == "last" and found["features.1.0.block.2"].channels == 12
    assert found["features.1.0"].places == "first" and found["features.3"].channels == 24


class Permuting(nn.Module):
    """A block in the way of timm: it moves the channels by functions, which no hook sees."""

    def __init__(self) -> None:
        super().__init__()
        self.mix, self.norm, self.grow = nn.Conv2d(3, 6, 3, padding=1), nn.LayerNorm(6), nn.Linear(6, 6)
        self.end = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.grow(self.norm(self.mix(x).permute(0, 2, 3, 1)))
        out: Tensor = self.end(x.permute(0, 3, 1, 2))
        return out


def test_a_move_that_no_layer_makes_is_seen_by_the_shapes() -> None:
    found = layers(nn.Sequential(Permuting(), nn.Conv2d(6, 2, 3)))
    assert [found[f"0.{name}"].places for name in ("mix", "norm", "grow", "end")] == ["first", "last", "last", "first"]
    assert found["0"].places == "first" and found["0"].channels == 6


def test_tokens_lie_on_the_grid_of_their_patches_without_the_class_token() -> None:
    network = VisionTransformer(32, 8, 2, 2, 12, 24, num_classes=3)
    block = layers(network)["encoder.layers.encoder_layer_0"]
    assert block.places == "tokens" and block.shape == (17, 12) and block.grid == (4, 4)
    output = torch.arange(17.0)[None, :, None].expand(1, 17, 12)
    assert block.on_grid(output)[0, 5].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]
    last = layers(network)["heads"]
    assert last.places == "none" and last.grid is None and last.words == "heads (Sequential): 3 values"


def test_channels_last_and_first_become_the_same_map() -> None:
    first, last = Layer("a", "", (2, 3, 4), "first"), Layer("b", "", (3, 4, 2), "last")
    output = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert torch.equal(last.on_grid(output.permute(0, 2, 3, 1)), first.on_grid(output))


def test_an_unknown_layer_is_refused_with_those_that_there_are() -> None:
    known = tuple(layers(nn.Sequential(nn.Conv2d(3, 2, 3), nn.Identity())).values())
    assert [layer.name for layer in known] == ["0"]  # what does nothing is no layer
    with pytest.raises(WorkbenchError, match=r"has no layer 7\. It has: 0\."):
        layer_named(known, "7")
