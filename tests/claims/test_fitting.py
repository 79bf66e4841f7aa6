"""Claims 19, 23 to 25 and 27: overfitting, and what holds it back. Means over several splits; margins are stated.

Claim 22, and what counts in claim 19, are measured as scenes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from tests.claims.runs import Ended, best, digits, ended, evaluations, gap, trained
from workbench.engine.training.set_up import set_up

#: Two half moons with wrong labels among them: a large network learns those by heart.
MOONS = {
    "data.source": {"kind": "moons", "examples": 600, "noise": 0.2, "label_noise": 0.15},
    "data.validation_fraction": 0.5,
    "model": {"kind": "mlp", "hidden": [128, 128]},
    "optimizer": {"kind": "adam", "lr": 0.01},
    "loop.epochs": 60,
    "loop.batch_size": 32,
}
#: Larger and longer, so that the loss rises clearly on every split.
BY_HEART = {**MOONS, "model": {"kind": "mlp", "hidden": [256, 256]}, "loop.epochs": 80}
NORMED = {"model": {"kind": "mlp", "hidden": [128, 128], "batch_norm": True}}
FEW = {
    "data.examples_per_class": 20,
    "model": {"kind": "mlp", "hidden": [256, 256]},
    "optimizer": {"kind": "momentum", "lr": 0.02},
    "loop.epochs": 60,
    "loop.batch_size": 32,
}
#: The first 120 steps of it, four times those that a network without dropping takes to a loss of 0.3.
START = {**FEW, "loop.epochs": 24}


def mean(of: Callable[[Ended], float], edits: Mapping[str, Any], splits: range) -> float:
    return float(np.mean([of(ended(edits, split)) for split in splits]))


def drop(kind: str, p: float = 0.5) -> dict[str, Any]:
    return {"regularization": [{"kind": kind, "p": p}]}


def steps_to(target: float, run: Ended) -> float:
    """Steps until the mean training loss of ten steps is below ``target``; all of them if it never is."""
    smooth = np.convolve(run.losses, np.ones(10) / 10, "valid")
    found = np.flatnonzero(smooth < target)
    return float(found[0] + 10) if len(found) else float(len(run.losses))


def test_claim_19_the_gap_shows_overfitting(seed: int) -> None:
    """Validation loss rises while training goes on to fall, and the gap with it."""
    values = evaluations(trained(BY_HEART, seed))
    val = [e.val.loss for e in values if e.val is not None]
    train = [e.train_eval.loss for e in values if e.train_eval is not None]
    lowest = int(np.argmin(val))
    assert np.mean(val[-10:]) > val[lowest] + 0.05 and np.mean(train[-10:]) < train[lowest]


@pytest.mark.parametrize(("kind", "claim"), [("dropout", 23), ("dropconnect", 25)])
def test_claims_23_and_25_dropping_narrows_the_gap_and_slows_training(kind: str, claim: int, few_splits: range) -> None:
    without = float(np.mean([gap(trained(MOONS, split)) for split in few_splits]))
    with_it = mean(lambda run: run.gap, {**MOONS, **drop(kind)}, few_splits)
    slow = [mean(lambda run: steps_to(0.3, run), {**START, **edits}, few_splits) for edits in ({}, drop(kind))]
    print(f"claim {claim}, {kind}: gap {without:.3f} → {with_it:.3f}, steps to a loss of 0.3 {slow[0]} → {slow[1]}")
    assert with_it < 0.8 * without
    assert slow[1] > 2 * slow[0]


@pytest.mark.parametrize(("kind", "claim"), [("dropout", 23), ("dropconnect", 25)])
def test_claims_23_and_25_the_expectation_is_kept(kind: str, claim: int) -> None:
    """The mean over many training passes of the layer behind the first dropped one is its value in evaluation."""
    model = {"kind": "mlp", "hidden": [32], "activation": {"kind": "leaky_relu", "slope": 1.0}}
    training = set_up(digits({**drop(kind, 0.3), "model": model}))
    module, (x, _) = training.network.module, training.data.examples.batch(training.data.split.train[:64])
    with torch.inference_mode():
        kept = module.eval()(x)
        module.train()
        passes = []
        for number in range(400):
            for layer in training.network.stochastic:
                layer.at(0, number)
            passes.append(module(x))
    drawn = torch.stack(passes)
    error = (drawn.mean(0) - kept) / (drawn.std(0) / np.sqrt(len(passes)) + 1e-12)
    print(f"claim {claim}: largest deviation {float(error.abs().max()):.2f} standard errors of {error.numel()}")
    assert float(error.abs().max()) < 4.5 and float(error.square().mean()) == pytest.approx(1.0, abs=0.35)


def test_claim_24_augmentation_helps_when_data_is_few(few_splits: range) -> None:
    few = {
        "data.examples_per_class": 5,
        "model": {"kind": "small_cnn"},
        "optimizer": {"kind": "adam", "lr": 0.003},
        "loop.epochs": 60,
        "loop.batch_size": 25,
    }
    augmented = ([], [{"kind": "random_crop", "padding": 1}], [{"kind": "horizontal_flip", "p": 0.5}])
    plain, crop, mirror = (
        mean(lambda run: run.val.accuracy, {**few, "augmentations": each}, few_splits) for each in augmented
    )
    print(f"5 a class: none {plain:.4f}, shifted by a pixel {crop:.4f}, mirrored (wrong for digits) {mirror:.4f}")
    assert crop > plain + 0.01
    assert mirror < plain - 0.01, "what does not keep the label does harm"


def test_claim_27_batch_norm_alone_is_often_enough(few_splits: range) -> None:
    both = {**NORMED, **drop("dropout")}
    ways = {"none": MOONS, "BN": {**MOONS, **NORMED}, "BN+drop": {**MOONS, **both}}
    runs = {name: [trained(edits, split) for split in few_splits] for name, edits in ways.items()}
    gaps, scores = ({name: np.mean([*map(of, each)]) for name, each in runs.items()} for of in (gap, best))
    print("gap", gaps, "best validation", scores)
    assert gaps["BN"] < 0.6 * gaps["none"]
    assert scores["BN"] > scores["none"] - 0.01 and scores["BN+drop"] < scores["BN"] + 0.01
