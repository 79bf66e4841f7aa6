"""The sentence on the layers: each rule fires at its stated number and not before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.helpers import record, small_spec
from workbench.engine.core.observed import LayerStats
from workbench.engine.report.layer_advice import advice
from workbench.engine.report.layer_stats import LayerNumbers, numbers

GOOD = LayerNumbers(0.0, 1.0, 0.4, 0.0, None, -4.0, 4.0, (1,), 0.0, 1e-2, 1e-3)


def said(*changes: dict[str, object]) -> str:
    return advice([(f"fc{k}", replace(GOOD, **change)) for k, change in enumerate(changes, 1)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (({}, {}, {}), "Nothing stands out"),
        (({}, {"std": float("nan")}, {}), "fc2 has values that are NaN or infinite"),
        (({}, {"dead": 0.51}, {}), "Dead units: in fc2, 51\xa0%"),
        (({}, {"dead": 0.49}, {}), "Nothing"),
        (({"saturated": 0.6}, {}, {}), "Saturated: in fc1, 60\xa0%"),
        (({}, {"std": 0.009}, {}), "Activations vanish"),
        (({}, {"std": 0.011}, {}), "Nothing"),
        (({}, {"std": 101.0}, {}), "Activations explode"),
        (({}, {}, {"std": 101.0}), "Nothing"),  # logits have a scale of their own
        (({"gradient_std": 9e-6}, {}, {}), "Gradients vanish"),
        (({"gradient_std": 0.0},) * 3, "All gradients are zero"),
        (({"update_ratio": 0.04},) * 3, "Large updates: a step changes the weights by 4.0\xa0%"),
        (({"update_ratio": 9e-6},) * 3, "Small updates"),
        (({"update_ratio": None, "gradient_std": None},) * 3, "Nothing"),
        ((), "Nothing"),
    ],
)
def test_each_rule(changes: tuple[dict[str, object], ...], words: str) -> None:
    assert said(*changes).startswith(words)


@pytest.mark.parametrize(
    ("init", "activation", "words"),
    [
        ({"kind": "gaussian", "std": 1e-3}, "relu", "Activations vanish"),
        ({"kind": "gaussian", "std": 3.0}, "tanh", "Saturated"),
        ({"kind": "gaussian", "std": 3.0}, "relu", "Activations explode"),
        ({"kind": "zero"}, "relu", "Dead units"),
        ({"kind": "he"}, "relu", "Nothing"),
    ],
)
def test_the_lectures_cases_in_real_runs(init: dict[str, object], activation: str, words: str) -> None:
    model = {"kind": "mlp", "hidden": [64] * 5, "init_weights": init, "activation": {"kind": activation}}
    spec = small_spec(model=model, optimizer={"kind": "sgd", "lr": 0.05}, regularization=[], loop__epochs=1)
    first = record(spec).of(LayerStats)[0]
    assert advice([(layer.name, numbers(layer)) for layer in first.layers]).startswith(words)
