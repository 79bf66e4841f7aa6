"""Filters and channels as small pictures: one scale, 0 in its middle."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.explain.made import cnn, picture
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.explain.filters import first_filters, first_weights, last_weights
from workbench.engine.explain.tiles import Tiles


@pytest.mark.parametrize("side", [3, 5, 7, 11])
@pytest.mark.parametrize("channels", [1, 3])
def test_filters_keep_their_values_and_have_one_scale(channels: int, side: int) -> None:
    network = nn.Sequential(nn.Identity(), nn.Conv2d(channels, 4, side), nn.Conv2d(4, 2, 1))
    found = first_filters(network, torch.zeros(1, channels, 12, 13))
    weight = network[1].weight.detach().numpy()  # type: ignore[union-attr,operator]
    assert np.allclose(found.values, weight.transpose(0, 2, 3, 1)) and found.values.shape == (4, side, side, channels)
    assert found.limit == pytest.approx(np.abs(weight).max()) and found.names[3] == "1 4"
    drawn = np.stack([found.drawn(k) for k in range(4)]).astype(float)
    assert np.allclose((drawn - 127.5) / 127.5 * found.limit, found.values, atol=found.limit / 127.5)
    assert drawn.min() == 0 or drawn.max() == 255


def test_filters_of_other_numbers_of_channels_are_one_picture_for_each() -> None:
    found = first_filters(cnn(2), picture(2))
    assert found.values.shape == (8, 3, 3, 1) and found.names[1] == "0 1, input channel 2"
    weight = cnn(2)[0].weight.detach().numpy()  # type: ignore[union-attr,operator]
    assert np.allclose(found.values[3, :, :, 0], weight[1, 1])


def test_rows_of_a_linear_layer_are_pictures_of_the_shape_of_the_input() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 4 * 5, 7), nn.ReLU(), nn.Linear(7, 2))
    found = first_filters(network, torch.zeros(1, 3, 4, 5))
    assert found.values.shape == (7, 4, 5, 3) and "7 rows of weights of 5×4 over 3 channels" in found.words
    weight = network[1].weight.detach().numpy()  # type: ignore[union-attr,operator]
    assert found.values[2, 1, 3, 2] == pytest.approx(weight[2, 2 * 20 + 1 * 5 + 3])  # channels, rows, columns
    pooled = nn.Sequential(nn.AvgPool2d(2), *network[:1], nn.Linear(12, 2))
    with pytest.raises(WorkbenchError, match="has 12 weights for each unit and the picture 60 values"):
        first_filters(pooled, torch.zeros(1, 3, 4, 5))


def test_the_order_is_that_of_the_pass_and_not_of_the_names() -> None:
    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.end, self.begin = nn.Conv2d(4, 2, 1), nn.Conv2d(2, 4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.end(self.begin(x))  # type: ignore[no-any-return]

    x = torch.zeros(1, 2, 6, 8)
    assert first_weights(Turned(), x)[0] == "begin" and last_weights(Turned(), x)[0] == "end"
    with pytest.raises(WorkbenchError, match="no convolution and no linear layer"):
        first_filters(nn.ReLU(), x)


def test_channels_have_the_colours_of_a_map() -> None:
    values = np.zeros((2, 1, 2, 1))
    values[0, 0, 0], values[1, 0, 1] = 4.0, 2.0
    plain = Tiles(values, ("a", "b"), "", "activation", is_signed=False)
    assert plain.drawn(0)[0].tolist() == [[253, 231, 37], [68, 1, 84]] and plain.limit == 4.0
    signed = Tiles(-values, ("a", "b"), "", "activation", is_signed=True)
    assert signed.drawn(0)[0].tolist() == [[5, 48, 97], [247, 247, 247]]
    assert Tiles(values[:0], (), "", "", False).limit == 1.0


def test_tiles_of_a_page_are_reduced_and_small_ones_stay_as_they_are() -> None:
    values = np.zeros((1, 320, 200, 1))
    values[0, :160] = 1.0
    large = Tiles(values, ("a",), "", "", is_signed=False)
    assert large.drawn(0).shape == (320, 200, 3) and large.small[0].shape == (160, 100, 3)
    assert large.small[0][10, 10].tolist() == [253, 231, 37] and large.small[0][140, 10].tolist() == [68, 1, 84]
    filters = Tiles(values - 0.5, ("a",), "", "", is_signed=True, are_filters=True)
    assert filters.small[0].shape == (160, 100, 1) and filters.small[0][10, 10].tolist() == [255]
    few = Tiles(values[:, :5, :5], ("a",), "", "", is_signed=False)
    assert np.array_equal(few.small[0], few.drawn(0))
