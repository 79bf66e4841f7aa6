"""Augmentations: against transcriptions for one picture at a time, and what every member keeps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from tests.engine.catalog.augmentations.helpers import applied, batch, numbers
from tests.engine.catalog.augmentations.transcriptions import ORACLES, TOLERANCES
from workbench.engine.catalog.augmentations import Augmentation, Mixing
from workbench.engine.catalog.augmentations.blur import Blur
from workbench.engine.catalog.augmentations.colour import ColourJitter, Grayscale
from workbench.engine.catalog.augmentations.crop import RandomCrop
from workbench.engine.catalog.augmentations.erasing import RandomErasing
from workbench.engine.catalog.augmentations.flip import HorizontalFlip, VerticalFlip
from workbench.engine.catalog.augmentations.noise import Noise
from workbench.engine.catalog.augmentations.pixels import pixel_normals, pixel_uniforms
from workbench.engine.catalog.augmentations.rotation import Rotation
from workbench.engine.catalog.augmentations.scale import RandomResizedCrop, Scale
from workbench.engine.catalog.augmentations.shift import Shear, Translation
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.randomness import uniforms
from workbench.engine.data.examples import augmented
from workbench.engine.spec.experiment import ExperimentSpec

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
    ColourJitter(hue=0.5),
    ColourJitter(brightness=0.0, contrast=0.0, saturation=0.0, hue=0.1),
    Translation(),
    Translation(horizontal=0.7, vertical=0.4, fill="edge"),
    Shear(horizontal=40.0, vertical=30.0),
    Shear(fill="edge"),
    Scale(largest=2.0),
    Scale(largest=1.5, fill="edge"),
    RandomResizedCrop(),
    RandomResizedCrop(smallest=0.1, stretch=3.0),
    Noise(),
    Noise(largest=1.0),
    Blur(),
    Blur(largest=2.5),
    Grayscale(p=0.5),
    RandomErasing(),
    RandomErasing(p=0.9, largest=1.0, fill="mean"),
    RandomErasing(p=0.9, fill="noise"),
]
ALL = [cls() for cls in members_of(Augmentation).values()]
#: Those of one picture at a time; test_mixing.py has the others.
MEMBERS = [spec for spec in ALL if not isinstance(spec, Mixing)]
NAMES = [f"{v.kind} {v.brief()}" for v in VARIANTS]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_follows_the_transcription_for_one_picture(spec: Augmentation, shape: tuple[int, ...]) -> None:
    x, u = batch(shape), numbers(spec)
    wanted = np.stack([ORACLES[type(spec)](spec, *pair) for pair in zip(x.numpy(), u.numpy(), strict=True)])
    np.testing.assert_allclose(applied(spec, x, u).numpy(), wanted, atol=TOLERANCES.get(type(spec), 2e-6))


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
        Shear(horizontal=0.0),
        Scale(largest=1.0),
        Noise(largest=0.0),
        Blur(largest=0.0),
        Grayscale(p=0.0),
        RandomErasing(p=0.0),
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
    if not isinstance(spec, HorizontalFlip | VerticalFlip | Grayscale):
        assert len({picture.numpy().tobytes() for picture in y}) > 15


@pytest.mark.parametrize("spec", ALL, ids=lambda s: s.kind)
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


def test_a_flip_that_never_or_always_comes_keeps_its_word_at_the_ends_of_the_random_numbers() -> None:
    x, ends = batch((1, 2, 3), 4)[1:3], torch.tensor([[0.0], [1.0 - 2**-24]])
    for flip, axis in ((HorizontalFlip, -1), (VerticalFlip, -2)):
        assert torch.equal(applied(flip(p=0.0), x, ends), x)
        assert torch.equal(applied(flip(p=1.0), x, ends), x.flip(axis))


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


# --- what the random numbers are ------------------------------------------------------------------------------------


def test_noise_is_normal_and_independent_from_pixel_to_pixel() -> None:
    stats = pytest.importorskip("scipy.stats")
    u = torch.from_numpy(uniforms(np.arange(40), 2, 0, 0, "noise"))
    normals, flat = pixel_normals(u, 5001).numpy(), pixel_uniforms(u, 5001).numpy()
    assert normals.shape == flat.shape == (40, 5001)
    assert stats.kstest(normals.ravel(), "norm").pvalue > 0.01
    assert stats.kstest(flat.ravel(), "uniform").pvalue > 0.01
    for made in (normals, flat):
        between_examples, between_pixels = np.corrcoef(made), np.corrcoef(made[:, :-1].ravel(), made[:, 1:].ravel())
        assert np.abs(between_examples - np.eye(40)).max() < 0.07
        assert abs(between_pixels[0, 1]) < 0.01
        halves = np.corrcoef(made[:, :2500].ravel(), made[:, 2501:5001].ravel())
        assert abs(halves[0, 1]) < 0.01


def test_enlarging_and_shrinking_are_equally_likely() -> None:
    u = torch.from_numpy(uniforms(np.arange(2000), 1, 0, 0, "scale"))
    x = torch.zeros(2000, 1, 9, 9)
    x[:, :, 2:7, 2:7] = 1.0
    area = applied(Scale(largest=1.5), x, u).sum((1, 2, 3)) / 25
    assert float(area.log().median()) == pytest.approx(0.0, abs=0.05)
    assert float(area.log().quantile(0.99)) == pytest.approx(2 * math.log(1.5), abs=0.05)


def test_old_files_of_colour_jitter_mean_what_they_meant() -> None:
    """Hue came later: without it the numbers of the other three are those of three draws."""
    spec = ColourJitter.model_validate({"brightness": 0.3, "contrast": 0.1, "saturation": 0.5})
    assert spec.hue == 0.0
    assert np.array_equal(uniforms(np.arange(9), 4, 1, 2, "x")[:, :3], uniforms(np.arange(9), 3, 1, 2, "x"))


def test_saturation_and_hue_leave_gray_pictures_alone() -> None:
    spec = ColourJitter(brightness=0.0, contrast=0.0, saturation=1.0, hue=0.5)
    gray = batch((1, 6, 6))
    assert torch.equal(applied(spec, gray, numbers(spec)), gray)
    same = gray.expand(-1, 3, -1, -1).contiguous()
    np.testing.assert_allclose(applied(spec, same, numbers(spec)), same, atol=1e-4)  # the weights sum to 0.9999


@pytest.mark.parametrize("spec", MEMBERS, ids=lambda s: s.kind)
def test_an_example_is_the_same_alone_among_seven_and_in_another_order(spec: Augmentation) -> None:
    """Through the pipeline, twice over, with numbers by its index."""
    x, chain = batch((3, 10, 10), 30), [spec, spec]
    together = augmented(x.clone(), np.arange(30), chain, seed=3, epoch=1)
    for some in (np.array([4]), np.array([7, 2, 29, 11, 0, 15, 3]), np.arange(30)[::-1].copy()):
        part = augmented(x[some].clone(), some, chain, seed=3, epoch=1)
        torch.testing.assert_close(part, together[some], rtol=0, atol=1e-6)


def test_a_chain_is_the_same_for_an_example_in_any_batch() -> None:
    chain = [HorizontalFlip(), RandomCrop(), Rotation(), ColourJitter(), HorizontalFlip()]
    x = batch((3, 10, 10), 30)
    together = augmented(x.clone(), np.arange(30), chain, seed=3, epoch=1)
    some = np.array([7, 2, 29])
    alone = augmented(x[some].clone(), some, chain, seed=3, epoch=1)
    torch.testing.assert_close(alone, together[some], rtol=0, atol=1e-6)
    later = augmented(x.clone(), np.arange(30), chain, seed=3, epoch=2)
    assert not torch.equal(later, together)


def test_the_order_of_a_chain_counts() -> None:
    x, where = batch((3, 10, 10), 30), np.arange(30)
    turned_first, moved_first = (
        augmented(x.clone(), where, chain, seed=3, epoch=1)
        for chain in ([Rotation(degrees=90.0), Translation()], [Translation(), Rotation(degrees=90.0)])
    )
    assert not torch.allclose(turned_first, moved_first, atol=0.1)
