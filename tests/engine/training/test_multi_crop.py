"""Test-time views: against torchvision's ten crops, and what every kind keeps."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch

from workbench.engine.spec.inference import VIEW_COUNTS, VIEW_WORDS, Views
from workbench.engine.training.multi_crop import crop_side, views_of

SHAPES = [(1, 8, 8), (3, 32, 32), (3, 28, 20), (2, 9, 13), (1, 1, 1), (3, 2, 3)]


def batch(shape: tuple[int, ...], n: int = 4) -> torch.Tensor:
    return torch.rand((n, *shape), generator=torch.Generator().manual_seed(1))


def test_every_kind_is_counted_and_named() -> None:
    assert set(get_args(Views)) == set(VIEW_COUNTS) == set(VIEW_WORDS)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", get_args(Views))
def test_every_view_has_the_shape_of_the_batch_and_leaves_it_alone(kind: Views, shape: tuple[int, ...]) -> None:
    x = batch(shape)
    before = x.clone()
    views = list(views_of(x, kind))
    assert len(views) == VIEW_COUNTS[kind]
    assert all(view.shape == x.shape for view in views)
    assert torch.equal(x, before)


@pytest.mark.parametrize("kind", get_args(Views))
def test_points_have_one_view(kind: Views) -> None:
    x = torch.rand(5, 2)
    assert [torch.equal(view, x) for view in views_of(x, kind)] == [True]


def test_mirror_images() -> None:
    x = batch((3, 5, 4))
    same, mirrored = views_of(x, "flip")
    assert torch.equal(same, x)
    np.testing.assert_array_equal(mirrored.numpy(), x.numpy()[..., ::-1])


@pytest.mark.parametrize(("side", "crop"), [(256, 224), (32, 28), (28, 25), (8, 7), (4, 4), (3, 3), (1, 1)])
def test_a_crop_has_seven_eighths_of_a_side(side: int, crop: int) -> None:
    assert crop_side(side) == crop


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 20), (3, 40, 19)], ids=str)
def test_ten_crops_are_torchvisions_in_its_order(shape: tuple[int, ...]) -> None:
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    x, (height, width) = batch(shape), shape[1:]
    crops = functional.ten_crop(x, [crop_side(height), crop_side(width)])
    wanted = [functional.resize(crop, [height, width], antialias=False) for crop in crops]
    for view, crop in zip(views_of(x, "ten_crop"), wanted, strict=True):
        torch.testing.assert_close(view, crop, rtol=0, atol=1e-6)


def test_a_view_of_an_example_is_the_same_in_any_batch() -> None:
    x = batch((3, 12, 10), 9)
    together = torch.stack(list(views_of(x, "ten_crop")))
    alone = torch.stack(list(views_of(x[4:5], "ten_crop")))
    torch.testing.assert_close(together[:, 4:5], alone, rtol=0, atol=1e-6)
