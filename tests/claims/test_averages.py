"""Claims 20, 21 and 26: averages of predictions, of weights, and of random passes."""

from __future__ import annotations

import numpy as np
import torch

from tests.claims.runs import digits, evaluations, trained
from workbench.engine.core.drive import drive
from workbench.engine.core.events import EnsembleMeasured, Event
from workbench.engine.data.examples import Examples
from workbench.engine.train import train, train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up

HIGH_RATE = {
    "optimizer": {"kind": "sgd", "lr": 0.2},
    "loop.batch_size": 4,
    "loop.epochs": 9,
    "averaging": [{"kind": "ema", "decay": 0.995}, {"kind": "mean"}],
}
POOLED = {
    "model": {"kind": "small_cnn", "channels": [8, 16], "hidden": [32], "batch_norm": False},
    "regularization": [{"kind": "fractional_max_pooling", "ratio": 1.41}],
    "optimizer": {"kind": "adam", "lr": 0.003},
    "data.examples_per_class": 30,
    "loop.epochs": 10,
    "loop.batch_size": 32,
}


def test_claim_20_the_average_of_an_ensemble_beats_its_mean_member(splits: range) -> None:
    """At the last evaluation, five networks that differ in their seeds, 10 examples per class."""
    few = {
        "data.examples_per_class": 10,
        "model": {"kind": "mlp", "hidden": [64]},
        "optimizer": {"kind": "momentum", "lr": 0.05},
        "loop.epochs": 20,
        "loop.batch_size": 20,
        "ensemble": {"kind": "independent", "members": 5},
    }
    gains = []
    for split in splits:
        events: list[Event] = []
        drive(train(digits(few, split)), lambda event: None, events.append)
        last = [event for event in events if isinstance(event, EnsembleMeasured)][-1]
        gains.append(last.averaged.accuracy - last.mean_member)
    print(f"averaged − mean member: {np.round(gains, 4).tolist()}, mean {np.mean(gains):.4f}")
    assert min(gains) > 0 and np.mean(gains) > 0.01


def test_claim_21_the_average_is_smoother_and_better_at_a_high_rate(seed: int) -> None:
    """Variance of the validation accuracy from one epoch to the next, and its mean, over the last six epochs."""
    last = evaluations(trained(HIGH_RATE, seed))[-6:]
    raw = np.array([e.val.accuracy for e in last if e.val is not None])
    for kind in ("ema", "mean"):
        averaged = np.array([e.averages[kind].accuracy for e in last])
        spread = np.diff(raw).var(), np.diff(averaged).var()
        print(f"{kind}: variance {spread[0]:.2e} → {spread[1]:.2e}, mean {raw.mean():.4f} → {averaged.mean():.4f}")
        assert spread[1] < 0.5 * spread[0]
        assert averaged.mean() > raw.mean() + 0.005


def test_claim_26_fractional_pooling_is_random_and_its_average_is_better(splits: range) -> None:
    """With the regions left random, the accuracy of single passes against that of the average of twelve."""
    singles, averages, spreads = [], [], []
    for split in splits:
        training = set_up(digits(POOLED, split))
        drive(train_loop(training), lambda event: None, lambda event: None)
        shares = random_passes(training, training.data.examples, 12)
        labels = training.data.examples.labels[training.data.split.val].numpy()
        singles += [(each.argmax(1) == labels).mean() for each in shares]
        averages.append((shares.mean(0).argmax(1) == labels).mean())
        spreads.append(shares.std(0).max(1).mean())
    print(
        f"single pass {np.mean(singles):.4f}, average {np.mean(averages):.4f}, spread of a share {np.mean(spreads):.3f}"
    )
    assert np.mean(spreads) > 0.01, "the passes differ"
    assert np.mean(averages) > np.mean(singles) + 0.002


def random_passes(training: RunContext, examples: Examples, passes: int) -> np.ndarray:
    """Class shares (passes, examples, classes) of the validation examples with the stochastic layers on."""
    training.network.module.train()
    found = []
    with torch.inference_mode():
        x, _ = examples.batch(training.data.split.val)
        for number in range(passes):
            for layer in training.network.stochastic:
                layer.at(99, number)
            found.append(training.network.module(x).softmax(1).numpy())
    return np.array(found)
