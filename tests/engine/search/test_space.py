"""What is tried: a function of seed and number, grids, settings that only some members have; plans as plain data."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tests.engine.search.studies import small_plan
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.search_space import random_point
from workbench.engine.search.plan import Plan, advice

CONDITIONAL = ("optimizer=adam,momentum", "optimizer.momentum=0.5:0.9:2", "optimizer.lr=0.01:0.1:2")


def test_random_trials_are_points_of_the_seed_and_the_number():
    plan = small_plan(trials=50, seed=7)
    for number in (0, 49, 13):
        shares = random_point(7, number, 2)
        point = plan.point(number)
        assert point["optimizer.lr"] == pytest.approx(0.001 * 100 ** shares[0], rel=1e-5)
        assert point["loop.batch_size"] == round(15.5 * (64.5 / 15.5) ** shares[1])
    assert plan.point(50) is None
    assert [plan.point(n) for n in range(5)] == [replace(plan, trials=9).point(n) for n in range(5)]
    assert plan.point(0) != replace(plan, seed=8).point(0)


def test_a_longer_list_of_fields_leaves_the_values_of_the_first_as_they_were():
    short, long = small_plan(("optimizer.lr=0.001:0.1",)), small_plan()
    assert [short.point(n)["optimizer.lr"] for n in range(3)] == [long.point(n)["optimizer.lr"] for n in range(3)]


def test_a_grid_tries_the_product_of_its_values_in_a_random_order_of_the_seed():
    plan = small_plan(("optimizer.lr=0.001:0.1:3", "loop.batch_size=16,64"), trials=None, sampler="grid")
    plan.refuse_problems()
    wanted = {*itertools.product((0.001, 0.01, 0.1), (16, 64))}
    tried = [tuple(plan.point(n).values()) for n in range(6)]
    assert set(tried) == wanted and plan.planned == 6 and plan.point(6) is None
    other = replace(plan, seed=1)
    assert {tuple(other.point(n).values()) for n in range(6)} == wanted
    assert [tuple(other.point(n).values()) for n in range(6)] != tried


def test_a_grid_without_counts_is_as_fine_as_the_budget_allows():
    assert small_plan(trials=10, sampler="grid").planned == 9
    assert small_plan(("optimizer.lr", "loop.batch_size=16:64:2"), trials=11, sampler="grid").planned == 10
    assert small_plan(("optimizer.lr", "loop.batch_size=16,64"), trials=1, sampler="grid").planned == 1
    with pytest.raises(SpecError, match="more than 100"):
        small_plan(("optimizer.lr=0.1:1:1000", "loop.batch_size=1:999:999"), trials=9, sampler="grid").refuse_problems()


def test_settings_of_a_member_are_tried_with_that_member_alone():
    plan = small_plan(CONDITIONAL, trials=None, sampler="grid")
    assert plan.planned == 2 + 4  # Adam has no momentum, so its rates are there once
    points = [plan.point(n) for n in range(6)]
    assert sum("optimizer.momentum" in point for point in points) == 4
    for point in points:
        spec = plan.space.spec(point)
        assert spec.optimizer.lr == point["optimizer.lr"] and spec.optimizer.kind == point["optimizer"]["kind"]
        assert spec.optimizer.kind == "adam" or spec.optimizer.momentum == point["optimizer.momentum"]
    drawn = [small_plan(CONDITIONAL, trials=40).point(n) for n in range(40)]
    kinds = [point["optimizer"]["kind"] for point in drawn]
    assert set(kinds) == {"adam", "momentum"}
    assert all(("optimizer.momentum" in p) == (kind == "momentum") for p, kind in zip(drawn, kinds, strict=True))


def test_random_covers_a_logarithmic_range_evenly():
    plan = small_plan(("optimizer.lr=0.0001:1",), trials=400)
    rates = np.log10([plan.point(n)["optimizer.lr"] for n in range(400)])
    counts = np.histogram(rates, bins=4, range=(-4, 0))[0]
    assert counts.min() > 75  # 100 expected, standard deviation 8.7


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"trials": None}, "a number of trials or of minutes"),
        ({"trials": 0}, "at least one trial"),
        ({"minutes": 0.0}, "more than 0 minutes"),
        ({"minutes": float("nan")}, "more than 0 minutes"),
        ({"fields": ()}, "at least one field"),
        ({"trials": None, "minutes": 1.0, "sampler": "grid"}, "a count for each field"),
    ],
)
def test_plans_that_could_do_nothing_are_refused(said, reason):
    with pytest.raises(SpecError, match=reason):
        small_plan(**said).refuse_problems()


def test_a_plan_is_the_same_from_the_database():
    plan = small_plan((*CONDITIONAL, "loop.batch_size=32,64"), seed=3, sampler="tpe", pruning="median", minutes=2.0)
    assert Plan.of_plain(plan.to_plain(), "a") == plan


def test_a_plan_of_another_version_is_refused_with_its_version():
    said = small_plan().to_plain()
    newer = {**said, "program": "9.1", "base": said["base"].replace("[optimizer]", "[optimizer]\nfuzz = 1")}
    for plain in (newer, {**said, "program": "9.1", "version": 99}, {**said, "program": "9.1", "fields": None}):
        with pytest.raises(WorkbenchError, match=r"was made by version 9\.1 of this program"):
            Plan.of_plain(plain, "old")
    lost = {**said["fields"][0], "path": "optimizer.warp"}
    with pytest.raises(WorkbenchError, match=r"optimizer\.warp: is not a known setting"):
        Plan.of_plain({**said, "fields": [lost]}, "old")
    with pytest.raises(WorkbenchError, match="was not made by this program"):
        Plan.of_plain(None, "foreign")


def test_beyond_four_fields_the_advice_counts_combinations_and_hours():
    assert advice(4, 60.0) == ""
    assert (
        "3\u202f125 combinations" in advice(5, None) and " at " not in advice(5, None).partition("combinations")[2][:8]
    )
    assert "about 52 h 5 min at 60.0 s a trial" in advice(5, 60.0)


def test_another_budget_is_another_grid():
    plan = small_plan(sampler="grid", trials=9)
    with pytest.raises(WorkbenchError, match="another number is another study"):
        plan.with_budget(16, None)
    assert small_plan(trials=9).with_budget(16, None).planned == 16
