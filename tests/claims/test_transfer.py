"""Claim 28: with little data, a pretrained backbone wins. Means over several draws of the examples; margins are stated.

The backbone that comes with the program has seen drawn letters and signs, never a digit; the digits are real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.claims.runs import ended
from workbench.engine.spec.toml import load
from workbench.engine.weights.find_weights import located

#: By examples per class: epochs and batch size, so that every network makes 150 or 160 updates.
LENGTH = {5: (30, 10), 20: (20, 25), 80: (5, 25)}
COMMON = {
    "data.validation_fraction": 0.5,
    "optimizer": {"kind": "adam", "lr": 0.003},
    "schedule": {"kind": "cosine"},
}


def reused(**settings: Any) -> dict[str, Any]:
    """The shipped backbone under a head that starts at zero: with few examples, what is random in it stays there."""
    model = {"kind": "transfer", "weights": "letters", "head_init": {"kind": "zero"}, **settings}
    return {"model": model, "preprocessing": {"kind": "none"}}


def ways(draw: int) -> dict[str, Mapping[str, Any]]:
    """The same network four times: from scratch, frozen below the head, fine-tuned, and frozen as it was drawn."""
    return {
        "scratch": {"model": {"kind": "small_cnn", "channels": [48, 96], "hidden": []}},
        "frozen": reused(),
        "tuned": reused(freezing={"kind": "head_first", "epochs": 3}),
        "random": reused(start="random", network_seed=draw),
    }


@cache
def accuracies(examples: int, draws: range) -> dict[str, float]:
    """The mean validation accuracy at the end of each way's runs, on ``examples`` a class."""
    epochs, batch = LENGTH[examples]
    edits = {**COMMON, "data.examples_per_class": examples, "loop.epochs": epochs, "loop.batch_size": batch}
    found: dict[str, list[float]] = {}
    for draw in draws:
        for name, own in ways(draw).items():
            found.setdefault(name, []).append(ended({**edits, **own}, draw).val.accuracy)
    shown = ", ".join(f"{name} {np.mean(each):.2%} ± {np.std(each):.2%}" for name, each in found.items())
    print(f"claim 28, {examples} a class, {len(draws)} draws: {shown}")
    return {name: float(np.mean(each)) for name, each in found.items()}


@pytest.fixture(
    params=[range(2), pytest.param(range(8), marks=[pytest.mark.full, pytest.mark.timeout(400)])],
    ids=lambda draws: f"{len(draws)}",
)
def draws(request: pytest.FixtureRequest) -> range:
    """The seeds of split, order, and random networks over which a mean is taken."""
    assert isinstance(request.param, range)
    return request.param


def test_the_network_from_scratch_is_the_backbones() -> None:
    path = located("letters")
    assert path is not None
    spec = load(path.with_suffix(".toml"))
    assert {"kind": spec.model.kind, "channels": [48, 96], "hidden": []} == ways(0)["scratch"]["model"]
    assert spec.at("model.channels") == (48, 96) and spec.at("model.hidden") == ()
    assert spec.data.source.kind == "drawn"


def test_claim_28_with_five_a_class_the_backbone_wins(draws: range) -> None:
    of = accuracies(5, draws)
    assert of["frozen"] > of["scratch"] + 0.02
    assert of["tuned"] > of["scratch"] + 0.02
    assert of["frozen"] > of["random"] + 0.05, "what was learned counts, not the shape of the network"


def test_claim_28_with_twenty_a_class_it_still_helps(draws: range) -> None:
    of = accuracies(20, draws)
    assert of["frozen"] > of["scratch"] + 0.003
    assert of["tuned"] > of["scratch"] + 0.003
    assert of["frozen"] > of["random"] + 0.012


def test_claim_28_with_eighty_a_class_the_lead_is_gone(draws: range) -> None:
    few, many = accuracies(5, draws), accuracies(80, draws)
    assert abs(many["frozen"] - many["scratch"]) < 0.01
    assert many["tuned"] > many["scratch"] - 0.003
    assert many["frozen"] > many["random"]
    assert many["frozen"] - many["scratch"] < few["frozen"] - few["scratch"] - 0.015
