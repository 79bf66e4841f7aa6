"""A fair rate: the same budget for all, the best rate, and the band of those that are nearly as good."""

from __future__ import annotations

import math

import pytest

from tests.engine.helpers import small_spec
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.fair_rates import FairRate, FairTest, fair_rates, table

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


def test_where_no_rate_lowers_the_loss_there_is_none() -> None:
    nothing = rate(2.0, 2.5, math.inf, math.inf)
    assert (nothing.best, nothing.band, nothing.words) == (None, None, "No rate has lowered the loss.")
    assert "no rate has lowered it" in table([nothing], TEST)


def test_a_best_rate_at_the_edge_is_said() -> None:
    assert rate(1.0, 1.5, 1.6, 1.7).is_at_edge
    assert "a better one may lie beyond" in rate(1.0, 1.5, 1.6, 1.7).words
    assert not rate(1.5, 1.0, 1.6, 1.7).is_at_edge


@pytest.mark.parametrize("wrong", [{"low": 0.0}, {"low": 2.0, "high": 1.0}, {"rates": 1}, {"steps": 1}, {"seeds": 0}])
def test_an_invalid_fair_test_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SpecError):
        FairTest(**wrong)  # type: ignore[arg-type]
