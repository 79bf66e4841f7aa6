"""Claims 1, 2 and 4: what the initial weights and batch norm do to the signal. Claim 3 is measured as a scene."""

from __future__ import annotations

import math
from typing import Any

from tests.claims.runs import Probe, best, digits, evaluations, trained

DEEP = [100] * 6
GUESSING = math.log(10)


def deep(init: dict[str, Any], activation: str = "tanh", **more: Any) -> dict[str, Any]:
    model = {"kind": "mlp", "hidden": DEEP, "activation": {"kind": activation}, "init_weights": init, **more}
    return {"model": model, "loop.epochs": 6, "optimizer": {"kind": "sgd", "lr": 0.05}}


SMALL, BIG = {"kind": "gaussian", "std": 0.01}, {"kind": "gaussian", "std": 1.0}
XAVIER = {"kind": "xavier"}


def test_claim_1_small_weights_let_the_signal_vanish(seed: int) -> None:
    stds = [float(a.std()) for a in Probe(digits(deep(SMALL), seed)).of("_act")]
    good = [float(a.std()) for a in Probe(digits(deep(XAVIER), seed)).of("_act")]
    print("std of hidden activations: 0.01", stds, "Xavier", good)
    assert stds[-1] < 1e-4 * stds[0] and good[-1] > 0.3 * good[0]
    small, fair = (Probe(digits(deep(init), seed)).gradient("fc1.weight") for init in (SMALL, XAVIER))
    assert small < 1e-4 * fair, "the gradient of the first layer vanishes too"
    run = trained(deep(SMALL), seed)
    last = evaluations(run)[-1].val
    assert last is not None and abs(last.loss - GUESSING) < 0.02, "the loss stays at that of guessing"
    assert best(trained(deep(XAVIER), seed)) > 0.9


def test_claim_2_big_weights_saturate_tanh(seed: int) -> None:
    big, good = Probe(digits(deep(BIG), seed)), Probe(digits(deep(XAVIER), seed))
    shares = [[float((a.abs() > 0.99).float().mean()) for a in probe.of("_act")] for probe in (big, good)]
    print("share beyond ±0.99: std 1", shares[0], "Xavier", shares[1])
    assert min(shares[0][1:]) > 0.7 and max(shares[1]) < 0.05
    slopes = [float((1 - probe.of("_act")[-1].square()).mean()) for probe in (big, good)]
    assert slopes[0] < 0.3 * slopes[1], "where tanh is flat, gradients vanish"
    assert best(trained(deep(BIG), seed)) < best(trained(deep(XAVIER), seed)) - 0.05


def test_claim_2_relu_explodes_instead(seed: int) -> None:
    stds = [float(a.std()) for a in Probe(digits(deep(BIG, "relu"), seed)).of("_act")]
    print("std of hidden ReLU activations at std 1:", stds)
    assert stds[-1] > 1000 * stds[0]


def test_claim_4_batch_norm_keeps_the_signal_at_any_initialization(seed: int) -> None:
    for init in (SMALL, BIG):
        probe = Probe(digits(deep(init, batch_norm=True), seed))
        for before, after in zip(probe.of(tuple_of("fc")), probe.of("_norm"), strict=True):
            assert float(after.mean(0).abs().max()) < 1e-3
            assert abs(float(after.std(0, unbiased=False).mean()) - 1) < 0.12, float(before.std())
    run = trained(deep(SMALL, batch_norm=True), seed)
    print("batch norm, std 0.01:", best(run))
    assert best(run) > 0.8, "it trains where claim 1 failed"


def tuple_of(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(1, len(DEEP) + 1))
