"""Weighted classes: the loss against NumPy, the gradient against repeated examples, and what is shown."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from tests.engine.helpers import small_spec
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.drive import drive
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.nn.losses import class_weights, minimized
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.practice import practice_step
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up

LABELS = np.repeat([0, 1, 2], [60, 20, 40])


def weighed_by_hand(logits: np.ndarray, shares: np.ndarray, weights: np.ndarray, smoothing: float) -> float:
    """Each share of a label counts as an example of its class, whose whole loss is multiplied by the weight."""
    total, logs = 0.0, log_softmax(logits, 1)
    for row, share in zip(logs, shares, strict=True):
        for label, part in enumerate(share):
            target = np.full(len(row), smoothing / len(row))
            target[label] += 1 - smoothing
            total += part * weights[label] * -(target * row).sum()
    return float(total / len(logits))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("mixed", [False, True])
def test_the_loss_is_that_of_numpy(smoothing: float, mixed: bool) -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(50, 3)), rng.integers(0, 3, 50)
    shares = rng.dirichlet([1, 1, 1], 50) if mixed else np.eye(3)[labels]
    weights = np.array([0.5, 2.0, 1.0])
    y = torch.from_numpy(shares) if mixed else torch.from_numpy(labels)
    got = minimized(torch.from_numpy(logits), y, smoothing, torch.from_numpy(weights))
    assert got.item() == pytest.approx(weighed_by_hand(logits, shares, weights, smoothing), rel=1e-12)


def test_weights_are_n_over_k_times_the_count() -> None:
    got = class_weights(torch.from_numpy(LABELS), 4)
    assert np.allclose(got, [120 / (4 * 60), 120 / (4 * 20), 120 / (4 * 40), 0.0])
    balanced = class_weights(torch.arange(30) % 3, 3)
    assert torch.equal(balanced, torch.ones(3))


def points(labels: np.ndarray) -> Dataset:
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(len(labels), 2)) + np.stack([labels, -labels], 1)
    return Dataset(inputs.astype(np.float32), labels.astype(np.int64), ("a", "b", "c"))


def spec(**changes: object) -> ExperimentSpec:
    made = small_spec().edited("preprocessing", {"kind": "none"}).edited("data.validation_fraction", 0.0)
    made = made.edited("optimizer", {"kind": "sgd", "lr": 0.1}).edited("regularization", ())
    made = made.edited("model", {"kind": "mlp", "hidden": (8,), "batch_norm": False})
    for path, value in {"data.class_weights": True, "data.examples_per_class": None, **changes}.items():
        made = made.edited(path, value)
    return made


def one_step(made: ExperimentSpec, data: Dataset) -> tuple[RunContext, float]:
    training = set_up(made, dataset=data)
    batch = practice_step(training, 0.1)
    return training, batch.loss


def test_a_full_batch_step_is_that_of_a_balanced_set_of_repeated_examples() -> None:
    """120 examples of 60, 20 and 40 are weighed as if all were repeated until there are 120 of each class."""
    data = points(LABELS)
    repeated = np.concatenate([np.flatnonzero(k == LABELS).repeat(120 // n) for k, n in enumerate((60, 20, 40))])
    twin = Dataset(data.inputs[repeated], data.labels[repeated], data.classes)
    weighed, _ = one_step(spec(**{"loop.batch_size": 120}), data)
    plain, _ = one_step(spec(**{"loop.batch_size": 360, "data.class_weights": False}), twin)
    unweighed, _ = one_step(spec(**{"loop.batch_size": 120, "data.class_weights": False}), data)
    ours, twins, without = (
        torch.cat([p.detach().flatten() for p in t.network.module.parameters()]) for t in (weighed, plain, unweighed)
    )
    assert torch.allclose(ours, twins, atol=1e-6)
    assert not torch.allclose(ours, without, atol=1e-4)


def test_the_loss_shown_is_the_plain_one() -> None:
    data = points(LABELS)
    _, shown = one_step(spec(**{"loop.batch_size": 120}), data)
    _, plain = one_step(spec(**{"loop.batch_size": 120, "data.class_weights": False}), data)
    assert shown == pytest.approx(plain, rel=1e-6)


def test_weights_come_from_what_is_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    capped = set_up(spec(**{"data.examples_per_class": 30}), dataset=points(LABELS))
    assert torch.allclose(capped.data.examples.class_weights, torch.tensor([80 / 90, 80 / 60, 80 / 90]))
    assert set_up(spec(**{"data.class_weights": False}), dataset=points(LABELS)).data.examples.class_weights is None


def test_members_of_an_ensemble_weigh_too(monkeypatch: pytest.MonkeyPatch) -> None:
    data = points(LABELS)
    monkeypatch.setattr(type(small_spec().data.source), "load", lambda self: data)
    alone = spec(**{"loop.epochs": 1, "loop.batch_size": 40})
    both = alone.edited("ensemble", {"kind": "independent", "members": 2})
    ensemble = EnsembleTraining(train_loop, both)
    assert ensemble.one_by_one == "the classes are weighted in the loss"
    drive(ensemble.run(), lambda event: None, lambda event: None)
    first = set_up(alone, dataset=data)
    drive(train_loop(first), lambda event: None, lambda event: None)
    for ours, theirs in zip(
        first.network.module.parameters(), ensemble.members[0].context.network.module.parameters(), strict=True
    ):
        assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(("label", "weight"), [(0, 2 / 3), (1, 2.0), (2, 1.0)])
def test_a_batch_of_one_class_is_weighed(label: int, weight: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Divided by the sum of its weights, as torch does, it would not be."""
    batch = np.flatnonzero(label == LABELS)[:10]
    norms = []
    for weighed in (True, False):
        training = set_up(spec(**{"data.class_weights": weighed}), dataset=points(LABELS))
        with monkeypatch.context() as patch:
            patch.setattr(training.batches, "next", lambda: batch)
            norms.append(practice_step(training, 0.1).norm)
    assert norms[0] == pytest.approx(weight * norms[1], rel=1e-5)


def test_a_smoothed_example_is_multiplied_as_a_whole() -> None:
    """By hand: p = (0.7, 0.2, 0.1), label 0, s = 0.3, weights (2, 1, 4). Torch's way would weigh class by class."""
    p = np.array([0.7, 0.2, 0.1])
    got = minimized(torch.from_numpy(np.log(p))[None], torch.tensor([0]), 0.3, torch.tensor([2.0, 1.0, 4.0]).double())
    wanted = 2 * (0.7 * -np.log(0.7) + 0.1 * -(np.log(0.7) + np.log(0.2) + np.log(0.1)))
    class_by_class = 0.7 * 2 * -np.log(0.7) + 0.1 * -(2 * np.log(0.7) + np.log(0.2) + 4 * np.log(0.1))
    assert got.item() == pytest.approx(wanted, rel=1e-12) and abs(wanted - class_by_class) > 0.2
