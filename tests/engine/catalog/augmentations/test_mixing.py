"""Mixup and CutMix: against transcriptions for one batch, and what the labels of a run become."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.engine.helpers import small_spec
from workbench.engine.catalog.augmentations import Augmentation, Mixing
from workbench.engine.catalog.augmentations.flip import HorizontalFlip
from workbench.engine.catalog.augmentations.mixing import CutMix, Mixup, partners, symmetric_beta
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.randomness import uniforms
from workbench.engine.data.examples import Examples, as_shares, augmented_and_mixed
from workbench.engine.train import train

Floats = npt.NDArray[Any]
VARIANTS: list[Mixing] = [Mixup(), Mixup(alpha=3.0, p=0.5), CutMix(), CutMix(alpha=0.3, p=1.0)]
NAMES = [f"{v.kind} {v.brief()}" for v in VARIANTS]
SHAPES = [(1, 8, 8), (3, 9, 14), (1, 1, 1)]


def batch(shape: tuple[int, ...], n: int = 12) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.rand((n, *shape), generator=torch.Generator().manual_seed(0))
    return x, as_shares(torch.arange(n) % 5, 5)


def numbers(spec: Augmentation, n: int = 12) -> torch.Tensor:
    u = torch.from_numpy(uniforms(np.arange(n), spec.draws, 1, 2, "mixing").copy())
    u[0], u[1] = 0.0, 1.0 - 2**-24
    return u


def beta(u: Floats, alpha: float) -> float:
    """Student's t of Bailey's polar method, carried over to [0, 1]; in float64."""
    nu = 2 * alpha
    t = math.sqrt(nu * ((1 - float(u[0])) ** (-2 / nu) - 1)) * math.cos(2 * math.pi * float(u[1]))
    return 0.5 + t / (2 * math.sqrt(nu + t * t))


def partner_of(i: int, u: Floats) -> int:
    """The example with the next larger second number; after the largest the smallest."""
    larger = [j for j in range(len(u)) if u[j, 1] > u[i, 1]]
    return min(larger or range(len(u)), key=lambda j: u[j, 1])


def one_mixup(spec: Mixup, x: Floats, y: Floats, u: Floats, i: int) -> tuple[Floats, Floats]:
    share = beta(u[i, 2:4], spec.alpha) if u[i, 0] < spec.p else 1.0
    j = partner_of(i, u)
    return share * x[i] + (1 - share) * x[j], share * y[i] + (1 - share) * y[j]


def one_cutmix(spec: CutMix, x: Floats, y: Floats, u: Floats, i: int) -> tuple[Floats, Floats]:
    if u[i, 0] >= spec.p:
        return x[i], y[i]
    height, width = x.shape[2:]
    side = math.sqrt(1 - beta(u[i, 2:4], spec.alpha))
    h, w = max(1, round(side * height)), max(1, round(side * width))
    top, left = min(height - h, int(u[i, 4] * (height - h + 1))), min(width - w, int(u[i, 5] * (width - w + 1)))
    j, made = partner_of(i, u), x[i].copy()
    made[:, top : top + h, left : left + w] = x[j][:, top : top + h, left : left + w]
    pasted = h * w / (height * width)
    return made, (1 - pasted) * y[i] + pasted * y[j]


ORACLES: dict[type[Augmentation], Any] = {Mixup: one_mixup, CutMix: one_cutmix}


def test_every_mixing_member_has_an_oracle() -> None:
    found = {cls for cls in members_of(Augmentation).values() if issubclass(cls, Mixing)}
    assert found == set(ORACLES) == {type(v) for v in VARIANTS}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_follows_the_transcription(spec: Mixing, shape: tuple[int, ...]) -> None:
    (x, y), u = batch(shape), numbers(spec)
    made, labels = spec.mix(x.clone(), y.clone(), u)
    wanted = [ORACLES[type(spec)](spec, x.numpy(), y.numpy(), u.numpy(), i) for i in range(len(x))]
    np.testing.assert_allclose(made, np.stack([pair[0] for pair in wanted]), atol=5e-6)
    np.testing.assert_allclose(labels, np.stack([pair[1] for pair in wanted]), atol=5e-6)


@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_pictures_stay_in_range_and_labels_are_shares(spec: Mixing) -> None:
    x, y = batch((3, 9, 14), 300)
    made, labels = spec.mix(x.clone(), y.clone(), numbers(spec, 300))
    assert made.shape == x.shape
    assert made.dtype == labels.dtype == torch.float32
    assert float(made.min()) >= 0.0
    assert float(made.max()) <= 1.0
    np.testing.assert_allclose(labels.sum(1), 1.0, atol=1e-6)
    assert float(labels.min()) >= 0.0
    assert int((labels > 0).sum(1).max()) == 2


@pytest.mark.parametrize("spec", VARIANTS, ids=NAMES)
def test_the_order_in_the_batch_does_not_matter_and_alone_nothing_changes(spec: Mixing) -> None:
    (x, y), u = batch((3, 9, 14)), numbers(spec)
    made, labels = spec.mix(x.clone(), y.clone(), u)
    turned, turned_labels = spec.mix(x.flip(0), y.flip(0), u.flip(0))
    torch.testing.assert_close(turned.flip(0), made, rtol=0, atol=1e-6)
    torch.testing.assert_close(turned_labels.flip(0), labels, rtol=0, atol=1e-6)
    alone, own = spec.mix(x[5:6].clone(), y[5:6].clone(), u[5:6])
    torch.testing.assert_close(alone, x[5:6], rtol=0, atol=1e-6)
    torch.testing.assert_close(own, y[5:6], rtol=0, atol=1e-6)


@pytest.mark.parametrize("spec", [Mixup(p=0.0), CutMix(p=0.0)], ids=["mixup", "cutmix"])
def test_probability_zero_changes_nothing(spec: Mixing) -> None:
    (x, y), u = batch((3, 9, 14)), numbers(spec)
    made, labels = spec.mix(x.clone(), y.clone(), u)
    assert torch.equal(made, x)
    assert torch.equal(labels, y)


@pytest.mark.parametrize("n", [1, 2, 7, 64])
def test_everyone_is_a_partner_once_and_nobody_its_own(n: int) -> None:
    found = partners(torch.rand(n, generator=torch.Generator().manual_seed(3)))
    assert sorted(found.tolist()) == list(range(n))
    assert n == 1 or not (found == torch.arange(n)).any()


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5, 1.0, 4.0, 10.0])
def test_the_shares_follow_the_beta_distribution(alpha: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    u = torch.from_numpy(uniforms(np.arange(20_000), 2, 0, 0, "beta"))
    places = np.linspace(0.001, 0.999, 999)  # float32 cannot tell the last few below 1 from 1
    below = np.searchsorted(np.sort(symmetric_beta(u, alpha)), places) / len(u)
    np.testing.assert_allclose(below, stats.beta(alpha, alpha).cdf(places), atol=1.63 / math.sqrt(len(u)))
    ends = symmetric_beta(torch.tensor([[0.0, 0.0], [0.0, 0.5], [1 - 2**-24, 0.1], [0.5, 0.25]]), alpha)
    assert torch.isfinite(ends).all()
    assert float(ends.min()) >= 0.0
    assert float(ends.max()) <= 1.0


# --- In a run -------------------------------------------------------------------------------------------------------


def test_the_labels_of_a_batch_are_classes_or_shares() -> None:
    examples, where = Examples(Digits().load(), "cpu"), np.arange(40)
    _, labels = examples.training_batch(where, [HorizontalFlip()], 0, 0)
    assert labels.dtype == torch.int64
    assert labels.shape == (40,)
    x, shares = examples.training_batch(where, [HorizontalFlip(), Mixup(), CutMix()], 0, 0)
    assert shares.dtype == torch.float32
    assert shares.shape == (40, 10)
    again, shares_again = examples.training_batch(where, [HorizontalFlip(), Mixup(), CutMix()], 0, 0)
    assert torch.equal(x, again)
    assert torch.equal(shares, shares_again)
    later, _ = examples.training_batch(where, [HorizontalFlip(), Mixup(), CutMix()], 0, 1)
    assert not torch.equal(x, later)


def test_two_mixing_members_mix_labels_one_after_the_other() -> None:
    x, y = batch((1, 8, 8))
    where = np.arange(12)
    first, mixed = augmented_and_mixed(x.clone(), y, where, [Mixup(alpha=1.0)], 0, 0)
    u = torch.from_numpy(uniforms(where, CutMix.draws, 0, 0, "cutmix/0"))
    wanted = CutMix(p=1.0).mix(first, mixed, u)
    both = augmented_and_mixed(x.clone(), y, where, [Mixup(alpha=1.0), CutMix(p=1.0)], 0, 0)
    assert all(torch.equal(a, b) for a, b in zip(both, wanted, strict=True))


@pytest.mark.parametrize("kind", ["mixup", "cutmix"])
def test_a_run_trains_on_mixed_labels(kind: str) -> None:
    spec = small_spec(augmentations=[{"kind": kind}], loop__epochs=2)
    ended = list(train(spec))[-1]
    assert ended.reason == "completed"  # type: ignore[attr-defined]
