"""Augmentations: against transcriptions for one picture at a time, and what every member keeps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from workbench.engine.augmentations import Augmentation
from workbench.engine.augmentations.colour import ColourJitter
from workbench.engine.augmentations.crop import RandomCrop
from workbench.engine.augmentations.flip import HorizontalFlip, VerticalFlip
from workbench.engine.augmentations.rotation import Rotation
from workbench.engine.catalog import members_of
from workbench.engine.data import augmented
from workbench.engine.randomness import uniforms
from workbench.engine.spec import ExperimentSpec

Floats = npt.NDArray[np.float32]
SHAPES = [(1, 8, 8), (3, 32, 32), (3, 9, 14), (1, 14, 9), (3, 2, 3), (1, 1, 1)]
VARIANTS: list[Augmentation] = [
    HorizontalFlip(),
    VerticalFlip(p=0.3),
    RandomCrop(padding=3),
    RandomCrop(padding=3, fill="reflect"),
    RandomCrop(padding=64),
    Rotation(degrees=40.0),
    Rotation(degrees=180.0, fill="edge"),
    ColourJitter(),
    ColourJitter(brightness=1.0, contrast=1.0, saturation=1.0),
]
MEMBERS = [cls() for cls in members_of(Augmentation).values()]
NAMES = [f"{v.kind} {v.brief()}" for v in VARIANTS]


def batch(shape: tuple[int, ...], n: int = 12, seed: int = 0) -> torch.Tensor:
    x = torch.rand((n, *shape), generator=torch.Generator().manual_seed(seed))
    x[0], x[-1] = 0.0, 1.0  # the ends of the range
    return x


def numbers(augmentation: Augmentation, n: int = 12, seed: int = 0) -> torch.Tensor:
    u = torch.rand((n, augmentation.draws), generator=torch.Generator().manual_seed(seed + 100))
    u[0], u[1] = 0.0, 1.0 - 2**-24  # the ends of what ``uniforms`` gives
    return u


def applied(augmentation: Augmentation, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    return augmentation.apply(x.clone(), u.clone())


# --- transcriptions for one picture (C, H, W) -----------------------------------------------------------------------


def one_flip(spec: HorizontalFlip | VerticalFlip, x: Floats, u: Floats) -> Floats:
    if u[0] >= spec.p:
        return x
    return x[:, :, ::-1] if isinstance(spec, HorizontalFlip) else x[:, ::-1]


def one_crop(spec: RandomCrop, x: Floats, u: Floats) -> Floats:
    height, width = x.shape[1:]
    border = min(spec.padding, height - 1, width - 1)
    mode: Any = "constant" if spec.fill == "zero" else "reflect"
    padded = np.pad(x, ((0, 0), (border, border), (border, border)), mode=mode)
    top, left = (min(int(v * np.float32(2 * border + 1)), 2 * border) for v in u)
    return padded[:, top : top + height, left : left + width]


def one_rotation(spec: Rotation, x: Floats, u: Floats) -> Floats:
    """Each output pixel looks up its source in pixel coordinates, with bilinear weights, in float64."""
    angle = np.deg2rad((2.0 * float(u[0]) - 1.0) * spec.degrees)
    height, width = x.shape[1:]
    result = np.zeros(x.shape)
    for row in range(height):
        for column in range(width):
            dx, dy = column - (width - 1) / 2, row - (height - 1) / 2
            # Counter-clockwise on screen, where rows grow downwards.
            sx = math.cos(angle) * dx - math.sin(angle) * dy + (width - 1) / 2
            sy = math.sin(angle) * dx + math.cos(angle) * dy + (height - 1) / 2
            if spec.fill == "edge":
                sx, sy = min(max(sx, 0), width - 1), min(max(sy, 0), height - 1)
            for r in (math.floor(sy), math.floor(sy) + 1):
                for c in (math.floor(sx), math.floor(sx) + 1):
                    weight = (1 - abs(sy - r)) * (1 - abs(sx - c))
                    if 0 <= r < height and 0 <= c < width:
                        result[:, row, column] += weight * x[:, r, c]
    return result.astype(np.float32)


def one_jitter(spec: ColourJitter, x: Floats, u: Floats) -> Floats:
    luma = np.array([0.2989, 0.587, 0.114])

    def gray(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return y[0] if len(y) == 1 else np.tensordot(luma, y, 1)

    brightness, contrast, saturation = (
        1.0 + strength * (2.0 * float(v) - 1.0)
        for strength, v in zip((spec.brightness, spec.contrast, spec.saturation), u, strict=True)
    )
    y = np.clip(x.astype(np.float64) * brightness, 0, 1)
    y = np.clip(contrast * y + (1 - contrast) * gray(y).mean(), 0, 1)
    if len(y) == 3:
        y = np.clip(saturation * y + (1 - saturation) * gray(y), 0, 1)
    return y.astype(np.float32)


ORACLES: dict[type[Augmentation], Any] = {
    HorizontalFlip: one_flip,
    VerticalFlip: one_flip,
    RandomCrop: one_crop,
    Rotation: one_rotation,
    ColourJitter: one_jitter,
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_follows_the_transcription_for_one_picture(spec: Augmentation, shape: tuple[int, ...]) -> None:
    x, u = batch(shape), numbers(spec)
    wanted = np.stack([ORACLES[type(spec)](spec, *pair) for pair in zip(x.numpy(), u.numpy(), strict=True)])
    # Float32 places a pixel of a turned picture to about 1e-6 of its width.
    tolerance = 2e-5 if isinstance(spec, Rotation) else 2e-6
    np.testing.assert_allclose(applied(spec, x, u).numpy(), wanted, atol=tolerance)


def test_every_member_has_an_oracle() -> None:
    assert {type(m) for m in MEMBERS} == set(ORACLES) == {type(v) for v in VARIANTS}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_an_example_comes_out_the_same_in_any_batch(spec: Augmentation, shape: tuple[int, ...]) -> None:
    x, u = batch(shape), numbers(spec)
    together = applied(spec, x, u)
    alone = torch.cat([applied(spec, x[i : i + 1], u[i : i + 1]) for i in range(len(x))])
    turned = applied(spec, x.flip(0), u.flip(0)).flip(0)
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-6)
    torch.testing.assert_close(together, turned, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_shape_type_and_range_are_kept(spec: Augmentation, shape: tuple[int, ...]) -> None:
    x, u = batch(shape, 200), numbers(spec, 200)
    y = applied(spec, x, u)
    assert y.shape == x.shape
    assert y.dtype == torch.float32
    assert float(y.min()) >= 0.0
    assert float(y.max()) <= 1.0


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    "spec",
    [
        HorizontalFlip(p=0.0),
        VerticalFlip(p=0.0),
        RandomCrop(padding=0),
        Rotation(degrees=0.0),
        ColourJitter(brightness=0.0, contrast=0.0, saturation=0.0),
    ],
    ids=lambda s: s.kind,
)
def test_zero_strength_changes_nothing(spec: Augmentation, shape: tuple[int, ...]) -> None:
    x = batch(shape)
    assert torch.equal(applied(spec, x, numbers(spec)), x)


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda s: s.kind)
def test_examples_get_numbers_of_their_own(spec: Augmentation) -> None:
    """One set of parameters for a whole batch would leave equal pictures equal."""
    x = batch((3, 16, 16), 1).expand(64, -1, -1, -1).clone()
    x[:] = batch((3, 16, 16), 3)[1]
    y = applied(spec, x, numbers(spec, 64))
    assert len({picture.numpy().tobytes() for picture in y}) > 1
    if not isinstance(spec, HorizontalFlip | VerticalFlip):
        assert len({picture.numpy().tobytes() for picture in y}) > 20


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda s: s.kind)
def test_every_member_has_words(spec: Augmentation) -> None:
    assert spec.brief()
    assert spec.label_note.endswith(".")
    assert any(
        p.severity == "warning" for p in spec.problems(ExperimentSpec().edited("data.source", {"kind": "xor"}), "")
    )
    assert not list(spec.problems(ExperimentSpec(), ""))


def test_flips_come_as_often_as_they_should() -> None:
    x = torch.rand(4000, 1, 2, 2)
    u = torch.from_numpy(uniforms(np.arange(4000), 1, 0, 0, "flip"))
    y = applied(HorizontalFlip(p=0.3), x, u)
    assert (y != x).any(-1).any(-1).any(-1).float().mean().item() == pytest.approx(0.3, abs=0.04)


def test_crops_visit_every_place_equally_often() -> None:
    n = 9000
    x = torch.zeros(n, 1, 5, 5)
    x[:, :, 2, 2] = 1.0
    u = torch.from_numpy(uniforms(np.arange(n), 2, 0, 0, "crop"))
    share = applied(RandomCrop(padding=1), x, u).mean(0)[0]
    np.testing.assert_allclose(share[1:4, 1:4], 1 / 9, atol=0.02)
    assert share.sum() == pytest.approx(1.0, abs=1e-3)


def test_a_quarter_turn_is_exact_and_counter_clockwise() -> None:
    x = batch((3, 6, 6))
    u = torch.full((12, 1), 1.0)
    np.testing.assert_allclose(applied(Rotation(degrees=90.0), x, u), torch.rot90(x, 1, (-2, -1)), atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 9, 14), (1, 8, 8)], ids=str)
def test_rotation_agrees_with_torchvision(shape: tuple[int, ...]) -> None:
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    spec = Rotation(degrees=70.0)
    x, u = batch(shape), numbers(spec)
    mode = functional.InterpolationMode.BILINEAR
    angles = ((2 * u[:, 0].double() - 1) * 70.0).tolist()
    wanted = torch.stack([functional.rotate(p, a, mode) for p, a in zip(x, angles, strict=True)])
    np.testing.assert_allclose(applied(spec, x, u), wanted, atol=2e-5)


@pytest.mark.parametrize("shape", [(3, 9, 14), (1, 8, 8)], ids=str)
def test_colour_jitter_agrees_with_torchvision(shape: tuple[int, ...]) -> None:
    functional = pytest.importorskip("torchvision.transforms.v2.functional")
    spec = ColourJitter(brightness=0.9, contrast=0.8, saturation=0.7)
    x, u = batch(shape), numbers(spec)
    wanted = []
    for picture, (b, c, s) in zip(x, (2 * u.double() - 1).tolist(), strict=True):
        picture = functional.adjust_brightness(picture, 1 + 0.9 * b)
        picture = functional.adjust_contrast(picture, 1 + 0.8 * c)
        wanted.append(functional.adjust_saturation(picture, 1 + 0.7 * s))
    np.testing.assert_allclose(applied(spec, x, u), torch.stack(wanted), atol=2e-6)


def test_saturation_leaves_gray_pictures_alone() -> None:
    spec = ColourJitter(brightness=0.0, contrast=0.0, saturation=1.0)
    gray = batch((1, 6, 6))
    assert torch.equal(applied(spec, gray, numbers(spec)), gray)
    same = gray.expand(-1, 3, -1, -1).contiguous()
    np.testing.assert_allclose(applied(spec, same, numbers(spec)), same, atol=1e-4)  # the weights sum to 0.9999


def test_a_chain_is_the_same_for_an_example_in_any_batch() -> None:
    chain = [HorizontalFlip(), RandomCrop(), Rotation(), ColourJitter(), HorizontalFlip()]
    x = batch((3, 10, 10), 30)
    together = augmented(x.clone(), np.arange(30), chain, seed=3, epoch=1)
    some = np.array([7, 2, 29])
    alone = augmented(x[some].clone(), some, chain, seed=3, epoch=1)
    torch.testing.assert_close(alone, together[some], rtol=0, atol=1e-6)
    later = augmented(x.clone(), np.arange(30), chain, seed=3, epoch=2)
    assert not torch.equal(later, together)
