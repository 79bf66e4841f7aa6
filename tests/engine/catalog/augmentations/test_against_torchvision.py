"""Augmentations against torchvision, one picture at a time with the same parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.catalog.augmentations.helpers import applied, batch, numbers
from workbench.engine.catalog.augmentations import Augmentation
from workbench.engine.catalog.augmentations.blur import Blur
from workbench.engine.catalog.augmentations.colour import ColourJitter, Grayscale
from workbench.engine.catalog.augmentations.erasing import RandomErasing
from workbench.engine.catalog.augmentations.rotation import Rotation
from workbench.engine.catalog.augmentations.scale import Scale
from workbench.engine.catalog.augmentations.shift import Shear, Translation

BOTH = pytest.mark.parametrize("shape", [(3, 9, 14), (1, 8, 8)], ids=str)


def torchvisions() -> Any:
    return pytest.importorskip("torchvision.transforms.v2.functional")


def one_by_one(x: torch.Tensor, u: torch.Tensor, change: Callable[..., torch.Tensor]) -> torch.Tensor:
    """``change`` of each picture with its own numbers, from -1 to 1."""
    return torch.stack([change(p, *v) for p, v in zip(x, (2 * u.double() - 1).tolist(), strict=True)])


def moved(picture: torch.Tensor, **parameters: Any) -> torch.Tensor:
    functional = torchvisions()
    fixed = {"angle": 0.0, "translate": [0, 0], "scale": 1.0, "shear": [0.0, 0.0]}
    return functional.affine(picture, **(fixed | parameters), interpolation=functional.InterpolationMode.BILINEAR)


@BOTH
def test_affine_members_agree_with_torchvision(shape: tuple[int, ...]) -> None:
    x, (height, width) = batch(shape), shape[1:]
    cases: list[tuple[Augmentation, Callable[..., torch.Tensor]]] = [
        (
            Rotation(degrees=70.0),
            lambda p, a: torchvisions().rotate(p, 70 * a, torchvisions().InterpolationMode.BILINEAR),
        ),
        (
            Translation(horizontal=0.3, vertical=0.6),
            lambda p, a, b: moved(p, translate=[round(0.3 * width * a), round(0.6 * height * b)]),
        ),
        (Shear(horizontal=35.0, vertical=20.0), lambda p, a, b: moved(p, shear=[35.0 * a, 20.0 * b])),
        (Scale(largest=1.7), lambda p, a: moved(p, scale=1.7**a)),
    ]
    for spec, change in cases:
        u = numbers(spec)
        np.testing.assert_allclose(applied(spec, x, u), one_by_one(x, u, change), atol=2e-5, err_msg=spec.kind)


@BOTH
def test_colour_jitter_agrees_with_torchvision(shape: tuple[int, ...]) -> None:
    functional = torchvisions()
    spec = ColourJitter(brightness=0.9, contrast=0.8, saturation=0.7, hue=0.5)
    x, u = batch(shape), numbers(spec)

    def change(picture: torch.Tensor, b: float, c: float, s: float, h: float) -> torch.Tensor:
        picture = functional.adjust_brightness(picture, 1 + 0.9 * b)
        picture = functional.adjust_contrast(picture, 1 + 0.8 * c)
        picture = functional.adjust_saturation(picture, 1 + 0.7 * s)
        return functional.adjust_hue(picture, 0.5 * h)

    np.testing.assert_allclose(applied(spec, x, u), one_by_one(x, u, change), atol=5e-6)


@BOTH
def test_gray_agrees_with_torchvision(shape: tuple[int, ...]) -> None:
    x = batch(shape)
    wanted = torchvisions().rgb_to_grayscale(x, num_output_channels=shape[0])
    np.testing.assert_allclose(applied(Grayscale(p=1.0), x, numbers(Grayscale())), wanted, atol=1e-6)


@BOTH
def test_blur_agrees_with_torchvision(shape: tuple[int, ...]) -> None:
    spec = Blur(largest=1.6)  # the kernel reaches 5 pixels
    x, u = batch(shape), numbers(spec)
    functional = torchvisions()
    wanted = one_by_one(x, u, lambda p, a: functional.gaussian_blur(p, [11, 11], [max(1e-6, 0.8 * (a + 1))] * 2))
    np.testing.assert_allclose(applied(spec, x, u), wanted, atol=2e-6)


@BOTH
def test_erasing_agrees_with_torchvision(shape: tuple[int, ...]) -> None:
    """What was erased is a rectangle: torchvision's of the same corners gives the same picture."""
    x = batch(shape, 200) * 0.9 + 0.1  # nothing is black before
    spec = RandomErasing(p=0.8, largest=0.4)
    y = applied(spec, x, numbers(spec, 200))
    shares = []
    for before, after in zip(x, y, strict=True):
        rows, columns = torch.where((after == 0).all(0))
        if len(rows):
            h, w = int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1
            black = torch.zeros(len(before), h, w)
            before = torchvisions().erase(before, int(rows.min()), int(columns.min()), h, w, black)
            shares.append(h * w / before[0].numel())
        assert torch.equal(before, after)
    assert len(shares) / 200 == pytest.approx(0.8, abs=0.1)
    assert np.mean(shares) == pytest.approx(0.21, abs=0.03)
