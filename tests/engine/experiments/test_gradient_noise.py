"""Gradient noise: against the exact spread of the examples' gradients, with masks, and on copies alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from tests.engine.helpers import record, small_spec
from workbench.engine.core.events import Command, Copy, Event, Stepped
from workbench.engine.core.progress import finished
from workbench.engine.data.store import DataStore
from workbench.engine.experiments import gradient_noise as subject
from workbench.engine.experiments.gradient_noise import (
    GradientNoise,
    NoiseAtSize,
    batch_sizes,
    gradient_noise,
    unit_noise,
)
from workbench.engine.experiments.network_copy import network_copy
from workbench.engine.spec.experiment import ExperimentSpec


def measured(spec: ExperimentSpec, saved: Any = None) -> GradientNoise:
    return finished(gradient_noise(spec, DataStore(), saved))


def linear_spec(**edits: Any) -> ExperimentSpec:
    return small_spec(model={"kind": "mlp", "hidden": []}, regularization=[], augmentations=[], **edits)


def test_a_linear_network_has_the_noise_of_its_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """Softmax regression: an example's gradient is (p − y) xᵀ; the spread over all gives the noise of every size."""
    monkeypatch.setattr(subject, "MOST_DRAWS", 200)
    monkeypatch.setattr(subject, "FEWEST_DRAWS", 200)
    spec = linear_spec()
    found = measured(spec)
    run = finished(network_copy(spec, DataStore(), None))
    x, y = run.data.examples.batch(np.sort(run.data.split.train))
    (layer,) = [m for m in run.state.network.modules() if isinstance(m, torch.nn.Linear)]
    with torch.no_grad():
        wrong = layer(x.flatten(1)).softmax(1) - functional.one_hot(y, 10)
        each = torch.cat([(wrong[:, :, None] * x.flatten(1)[:, None]).flatten(1), wrong], 1)
        mean = each.mean(0)
        spread = math.sqrt(float(((each - mean) ** 2).sum(1).mean())) / float(mean.norm())
    n = found.examples
    assert n == len(x) == 200
    assert [at.size for at in found.sizes] == [1, 2, 4, 8, 16, 32, 64]
    for at in found.sizes:
        exact = spread / math.sqrt(at.size) * math.sqrt((n - at.size) / (n - 1))
        assert at.noise == pytest.approx(exact, rel=0.15)
        assert at.cosine == pytest.approx(1 / math.sqrt(1 + exact**2), rel=0.12)
    assert found.unit_noise == pytest.approx(spread, rel=0.06)
    assert found.mask_cosine is None


def test_all_examples_have_no_noise_and_masks_do() -> None:
    found = measured(small_spec())
    assert found.sizes[-1].noise < found.sizes[0].noise / 4
    assert found.mask_cosine is not None
    assert 0.5 < found.mask_cosine < 0.999
    plain = measured(small_spec(regularization=[{"kind": "dropout", "p": 0.0}]))
    assert plain.mask_cosine == pytest.approx(1.0)
    assert "with other masks have a cosine" in found.words


def test_a_state_is_measured_where_it_is_and_the_run_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MOST_EXAMPLES", 64)
    spec = small_spec()
    copies: list[dict[str, Any]] = []

    def steer(event: Event) -> Command | None:
        return Copy(copies.append) if isinstance(event, Stepped) and event.step == 12 else None

    run = record(spec, steer)
    found = measured(spec, copies[0])
    assert found.step == 12
    assert found.examples == 64
    assert found.notes == ("These are drawn from 200.",)
    assert found.unit_noise != measured(spec).unit_noise
    assert run.numbers() == record(spec).numbers()


def test_the_same_state_gives_the_same_numbers() -> None:
    assert measured(linear_spec()) == measured(linear_spec())


def test_sizes_and_the_estimate() -> None:
    assert batch_sizes(1437) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert batch_sizes(2) == [1]
    exact = [NoiseAtSize(b, (1.0,), (3 / math.sqrt(b) * math.sqrt((100 - b) / 99),)) for b in (1, 4, 50)]
    assert unit_noise(exact, 100) == pytest.approx(3.0)
    words = GradientNoise(0, 100, tuple(exact), 3.0, None).words
    assert words.startswith("After 0 steps, against the gradient of 100 examples:")
    assert "at a batch of about 9." in words
