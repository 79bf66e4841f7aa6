"""A fair rate: the same budget for all, the best rate, and the band of those that are nearly as good."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from tests.engine.helpers import small_spec
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.data.store import DataStore
from workbench.engine.experiments import fair_rates as fair_module
from workbench.engine.experiments.fair_rates import FairRate, FairTest, fair_rates, table
from workbench.engine.spec.experiment import ExperimentSpec

TEST = FairTest(low=1e-3, high=1e3, rates=4, steps=8, seeds=2)


@pytest.fixture(scope="module")
def found() -> tuple[FairRate, ...]:
    plain = small_spec(augmentations=[], regularization=[]).edited("model.batch_norm", False)
    kinds = (("SGD", "sgd"), ("Adam", "adam"))
    settings = [(name, plain.edited("optimizer", {"kind": kind, "lr": 0.5})) for name, kind in kinds]
    return finished(fair_rates(settings, DataStore(), TEST))


def test_all_settings_are_tried_at_the_same_rates(found: tuple[FairRate, ...]) -> None:
    assert [each.name for each in found] == ["SGD", "Adam"]
    assert all(each.rates == TEST.grid for each in found)
    assert TEST.grid == pytest.approx((1e-3, 1e-1, 1e1, 1e3))


def test_each_optimizer_has_a_rate_of_its_own(found: tuple[FairRate, ...]) -> None:
    sgd, adam = found
    assert sgd.best == pytest.approx(0.1)
    assert adam.losses[0] < sgd.losses[0]  # a rate that is far too low for SGD is none for Adam
    assert max(sgd.losses) > sgd.start
    assert sgd.start == pytest.approx(adam.start)  # the same weights, the same first batch


def test_the_budget_is_the_same_for_all() -> None:
    spec = small_spec()
    said: list[Loading] = []
    finished(fair_rates([("a", spec), ("b", spec)], DataStore(), TEST), said.append)
    counts = [[each.words.split(":")[0] for each in said].count(name) for name in "ab"]
    assert counts == [TEST.rates * TEST.seeds] * 2
    assert said[-1].done == said[-1].total - 1


def rate(*losses: float, start: float = 2.0) -> FairRate:
    return FairRate("one", (0.01, 0.1, 1.0, 10.0), losses, start)


def test_the_band_holds_the_rates_that_fall_nearly_as_far() -> None:
    assert rate(1.9, 1.1, 1.0, math.inf).band == (0.1, 1.0)
    assert rate(1.05, 1.2, 1.0, 1.05).band == (1.0, 10.0)  # what is beyond a worse rate does not belong to it
    assert rate(1.9, 1.0, 1.5, math.inf).band == (0.1, 0.1)
    assert (
        rate(1.05, 1.05, 1.05, 1.0).band == rate(1.0, 1.05, 1.05, 1.05).band == (0.01, 10.0)
    )  # several on either side
    assert rate(1.9, 1.0, 1.1, 1.2).band == (0.1, 1.0)  # nine tenths of the fall are enough


def test_where_no_rate_lowers_the_loss_there_is_none() -> None:
    nothing = rate(2.0, 2.5, math.inf, math.inf)
    assert (nothing.best, nothing.band, nothing.words) == (None, None, "No rate has lowered the loss.")
    assert "no rate has lowered it" in table([nothing], TEST)


def test_a_best_rate_at_the_edge_is_said() -> None:
    assert rate(1.0, 1.5, 1.6, 1.7).is_at_edge
    assert "a better one may lie beyond" in rate(1.0, 1.5, 1.6, 1.7).words
    assert rate(1.7, 1.6, 1.5, 1.0).is_at_edge
    assert not rate(1.5, 1.0, 1.6, 1.7).is_at_edge


@pytest.mark.parametrize("wrong", [{"low": 0.0}, {"low": 2.0, "high": 1.0}, {"rates": 1}, {"steps": 1}, {"seeds": 0}])
def test_an_invalid_fair_test_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError):
        FairTest(**wrong)  # type: ignore[arg-type]


def scripted(monkeypatch: pytest.MonkeyPatch, *losses: float) -> list[float]:
    """Practice steps that have these losses one after the other; returns the rates that they are asked for."""
    left, rates = list(losses), list[float]()

    def step(_run: object, rate: float) -> SimpleNamespace:
        rates.append(rate)
        loss = left.pop(0)
        return SimpleNamespace(loss=loss, finite=math.isfinite(loss))

    monkeypatch.setattr("workbench.engine.training.practice.practice_step", step)
    return rates


def test_a_rates_loss_is_the_mean_of_its_last_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = scripted(monkeypatch, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 1.0)
    assert fair_module._trained(None, 0.5, 8) == (9.0, 2.0)  # type: ignore[arg-type]
    assert rates == [0.5] * 8
    scripted(monkeypatch, 9.0, 8.0, 7.0, 1.0, 0.0)
    assert fair_module._trained(None, 0.5, 4) == (9.0, 1.0)  # type: ignore[arg-type]


def test_a_rate_at_which_it_diverges_is_infinitely_bad_and_no_more_steps_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates = scripted(monkeypatch, 9.0, 1.0, math.nan, 1.0, 1.0)
    assert fair_module._trained(None, 0.5, 5) == (9.0, math.inf)  # type: ignore[arg-type]
    assert len(rates) == 3


def test_each_seed_begins_with_weights_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for all rates and all settings; losses are means over the seeds."""
    seen: list[tuple[int, float]] = []

    def copied(spec: ExperimentSpec, seed: int, *_given: object) -> int:
        return spec.loop.seed + seed

    def trained(seed: int, rate: float, _steps: int) -> tuple[float, float]:
        seen.append((seed, rate))
        return 10.0 * seed, seed * rate

    monkeypatch.setattr(fair_module, "_copy", copied)
    monkeypatch.setattr(fair_module, "_trained", trained)
    test = FairTest(low=1.0, high=10.0, rates=2, steps=4, seeds=3)
    (found,) = finished(fair_rates([("a", small_spec(loop__seed=4))], DataStore(), test))
    assert seen == [(seed, rate) for seed in (4, 5, 6) for rate in test.grid]
    assert (found.start, found.losses) == (50.0, pytest.approx((5.0, 50.0)))


def test_a_copy_has_the_seed_added_and_looks_at_no_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ExperimentSpec] = []
    monkeypatch.setattr("workbench.engine.training.set_up.set_up", lambda spec, **_given: made.append(spec))
    spec = small_spec(loop__seed=4, loop__diagnostics=5, ensemble={"kind": "independent", "members": 2})
    fair_module._copy(spec, 3, None, None)  # type: ignore[arg-type]
    assert (made[0].loop.seed, made[0].loop.diagnostics, made[0].ensemble.kind) == (7, 0, "single")
