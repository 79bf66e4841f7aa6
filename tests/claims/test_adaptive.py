"""Claims 13 to 16, and what scaling each coordinate by itself cannot do: the tilted valley of the errata."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.claims.descent import Floats, quadratic, rotation, starts, turned, updates_to, walk
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.progress import finished
from workbench.engine.playground.rates import rate_band
from workbench.engine.playground.spec import PlaygroundSpec


def optimizer(kind: str, **values: Any) -> Optimizer:
    return members_of(Optimizer)[kind].model_validate(values)


def constant(x: Floats) -> Floats:
    """A slope of 1 in every direction."""
    return np.ones_like(x)


def lengths(spec: Optimizer, updates: int) -> Floats:
    """The length of each update on a constant slope, divided by the rate."""
    path = walk(spec, constant, np.zeros((1, 1)), updates)[:, 0, 0]
    return np.abs(np.diff(path)) / spec.lr


def test_claim_13_adagrad_evens_out_the_directions_and_its_rate_only_shrinks() -> None:
    spec = optimizer("adagrad", lr=0.5)
    _, gradient = quadratic(np.diag([1.0, 100.0]))
    path = walk(spec, gradient, np.array([[1.0, 1.0]]), 100)[:, 0]
    assert np.abs(path[:, 0] - path[:, 1]).max() < 1e-8, "a hundred times as steep, yet the same path"
    slopes = gradient(path[:-1])
    rates = np.diff(path, axis=0) / -slopes
    assert (np.diff(rates, axis=0) <= 1e-12).all(), "the effective rate never rises"
    t = np.arange(1, 201)
    assert np.abs(lengths(spec, 200) * np.sqrt(t) - 1).max() < 1e-6, "1 / √t for constant gradients"


def test_claim_14_rmsprop_keeps_moving_where_adagrad_stops() -> None:
    adagrad, rmsprop = (lengths(optimizer(kind, lr=0.01), 2000) for kind in ("adagrad", "rmsprop"))
    print("step / rate after 2000 updates: AdaGrad", adagrad[-1], "RMSProp", rmsprop[-1])
    assert adagrad[-1] < 0.03 and rmsprop[-1] == pytest.approx(1.0, abs=1e-3)


def test_claim_15_adam_without_bias_correction_starts_with_very_large_steps() -> None:
    plain = lengths(optimizer("adam_uncorrected", lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8), 1000)
    full = lengths(optimizer("adam", lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8), 1000)
    print("step / rate without correction at t = 1, 12, 1000:", plain[[0, 11, 999]], "with:", full[[0, 11, 999]])
    assert plain[0] == pytest.approx(3.16, abs=0.01)
    assert plain[11] == pytest.approx(6.57, abs=0.01) and plain.argmax() == 11
    assert plain[999] == pytest.approx(1.26, abs=0.01)
    assert np.abs(full - 1).max() < 1e-4


@pytest.mark.parametrize("kind", ["adagrad", "rmsprop", "adam_uncorrected", "adam"])
def test_claim_16_a_coordinate_without_gradient_stays_put(kind: str) -> None:
    path = walk(optimizer(kind), lambda x: x * [1.0, 0.0], np.array([[1.0, 0.7]]), 50)[:, 0]
    assert np.isfinite(path).all() and (path[:, 1] == 0.7).all() and path[-1, 0] != 1.0


#: Mean updates at a tilt of 0, 10, 22.5 and 45 degrees at the best of the rates, as the errata give them.
TILTED = {
    "adagrad": ({}, (4, 39, 102, 182)),
    "rmsprop": ({"alpha": 0.99}, (4, 35, 80, 128)),
    "adam": ({"beta1": 0.9, "beta2": 0.999}, (40, 43, 49, 56)),
    "sgd": ({}, (125, 125, 125, 125)),
    "momentum": ({"momentum": 0.9}, (35, 35, 35, 35)),
    "nesterov": ({"momentum": 0.9}, (18, 18, 18, 18)),
}
TILTS = (0.0, 10.0, 22.5, 45.0)
RATES = 10 ** np.linspace(-3.5, 1, 136)


def mean_updates(kind: str, values: dict[str, Any], tilt: float, rates: Floats) -> Floats:
    """Mean updates until f < 1e-4 f(x0) for each rate; 3000 where 400 do not suffice."""
    eps = {"eps": 1e-8} if "eps" in members_of(Optimizer)[kind].model_fields else {}
    value, gradient = quadratic(turned(100.0, tilt))
    start = starts() @ rotation(tilt).T
    found = []
    for rate in rates:
        with np.errstate(over="ignore", invalid="ignore"):
            path = walk(optimizer(kind, lr=float(rate), **values, **eps), gradient, start, 400)
            found.append(updates_to(value(path), missing=3000.0).mean())
    return np.array(found)


@pytest.mark.parametrize("kind", TILTED)
def test_scaling_each_coordinate_cannot_undo_a_turned_valley(kind: str) -> None:
    """Every 18th rate, and every ninth for gradient descent, which is fast at few; ``-m full`` tries all 136."""
    values, wanted = TILTED[kind]
    rates = RATES[:: 9 if kind == "sgd" else 18]
    ends = [float(mean_updates(kind, values, tilt, rates).min()) for tilt in (TILTS[0], TILTS[-1])]
    print(f"{kind}: mean updates upright and at 45 degrees {ends}, errata {wanted[0]} and {wanted[-1]}")
    if kind in ("adagrad", "rmsprop"):
        assert ends[1] > 10 * ends[0]
    elif kind == "adam":
        assert 1.2 * ends[0] < ends[1] < 2 * ends[0]
    else:
        assert ends[1] == pytest.approx(ends[0], rel=1e-6), "the rules without a scale do not see the tilt"


def on_the_playground(kind: str, values: dict[str, Any], tilt: float) -> float:
    """As ``mean_updates``, the best of all rates, by what the page finds for its fair rates."""
    eps = {"eps": 1e-8} if "eps" in members_of(Optimizer)[kind].model_fields else {}
    spec = PlaygroundSpec(surface=Bowl(condition=100.0, tilt=tilt), updates=400)
    start = starts() @ rotation(tilt).T
    return finished(rate_band(spec, optimizer(kind, **values, **eps), RATES, start)).fewest


@pytest.mark.full
@pytest.mark.parametrize("kind", TILTED)
def test_the_figures_of_the_tilted_valley(kind: str) -> None:
    values, wanted = TILTED[kind]
    walked = [float(mean_updates(kind, values, tilt, RATES).min()) for tilt in TILTS]
    raced = [on_the_playground(kind, values, tilt) for tilt in TILTS]
    print(kind, walked, "on the playground", raced, "errata", wanted)
    for found in (walked, raced):
        for one, other in zip(found, wanted, strict=True):
            assert abs(one - other) <= max(1.0, 0.1 * other)
