"""The nearest formula: a formula that is drawn point by point is found again, with its parameters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.schedules.decays import Cosine, Exponential, Linear, Milestones, OneOverT, StepDecay
from workbench.engine.catalog.schedules.hand_drawn import Drawn
from workbench.engine.catalog.schedules.one_cycle import OneCycle
from workbench.engine.catalog.schedules.restarts import CosineRestarts
from workbench.engine.report.schedule_fit import nearest

TOTAL = 600


def drawn_like(schedule: Schedule, points: int = 41, between: str = "line") -> Drawn:
    places = [i / (points - 1) for i in range(points)]
    pairs = tuple((x, max(1e-9, schedule.multiplier(round(x * (TOTAL - 1)), TOTAL))) for x in places)
    return Drawn(points=pairs, between=between)


FORMULAS: Sequence[tuple[Schedule, float]] = [
    (Constant(), 1e-9),
    (Linear(final=0.2), 0.01),
    (Linear(final=0.0), 0.01),
    (Cosine(final=0.1), 0.01),
    (Cosine(final=0.0), 0.01),
    (Exponential(a=0.005), 0.01),
    (Exponential(a=0.03), 0.04),
    (OneOverT(a=0.02), 0.02),
    (OneCycle(peak=0.25, start_division=10, end_division=20), 0.03),
    (OneCycle(peak=0.5, start_division=4, end_division=5, shape="line"), 0.03),
]


@pytest.mark.parametrize(("schedule", "tolerance"), FORMULAS, ids=lambda v: getattr(v, "kind", ""))
def test_a_formula_drawn_point_by_point_is_found_again(schedule: Schedule, tolerance: float) -> None:
    found = nearest(drawn_like(schedule), TOTAL)
    assert found.schedule.kind == schedule.kind
    assert found.off <= tolerance
    for name in set(type(schedule).model_fields) - set(Schedule.model_fields):
        ours, theirs = getattr(found.schedule, name), getattr(schedule, name)
        assert ours == (pytest.approx(theirs, rel=0.1, abs=0.02) if isinstance(theirs, float) else theirs), name


def test_steps_are_found_as_step_decay_or_milestones() -> None:
    even = Drawn(points=((0.0, 1.0), (0.25, 0.3), (0.5, 0.09), (0.75, 0.027)), between="steps")
    found = nearest(even, TOTAL)
    assert found.schedule == StepDecay(per="step", every=150, gamma=0.3)
    assert found.off < 1e-9
    uneven = Drawn(points=((0.0, 1.0), (0.6, 0.1), (0.8, 0.01)), between="steps")
    found = nearest(uneven, TOTAL)
    assert found.schedule == Milestones(per="step", at=(360, 480), gamma=0.1)
    assert found.off < 1e-9
    assert found.words == "Milestones, drops at 360, 480, factor 0.1"


def test_restarts_are_found() -> None:
    points = []
    for period in range(3):
        points += [
            ((period * 200 + t) / TOTAL, max(1e-3, CosineRestarts(period=200, growth=1).multiplier(t, TOTAL)))
            for t in (0, 30, 60, 100, 140, 170, 199)
        ]
    found = nearest(Drawn(points=tuple(points)), TOTAL)
    assert found.schedule.kind == "cosine_restarts"
    assert found.schedule.period == 200
    assert found.off < 0.1


def test_warm_up_and_changes_by_hand_stay() -> None:
    curve = Drawn(points=((0.0, 1.0), (1.0, 0.1)), warmup=7, warmup_from=0.3, by_hand=((5, 0.5),), per="epoch")
    found = nearest(curve, 100).schedule
    assert isinstance(found, Linear)
    assert (found.per, found.warmup, found.warmup_from, found.by_hand) == ("epoch", 7, 0.3, ((5, 0.5),))


@given(
    places=st.lists(st.floats(0.0, 1.0), max_size=8, unique=True).map(sorted),
    factors=st.lists(st.floats(1e-9, 1e9), min_size=8, max_size=8),
    between=st.sampled_from(["line", "log", "steps"]),
    total=st.integers(0, 10**7),
)
@settings(max_examples=25)
def test_any_curve_has_a_nearest_formula_and_it_is_as_far_off_as_it_says(
    places: list[float], factors: list[float], between: str, total: int
) -> None:
    curve = Drawn(points=tuple(zip(places, factors, strict=False)), between=between)
    found = nearest(curve, total)
    type(found.schedule).model_validate(found.schedule.model_dump())  # its parameters keep their limits
    assert found.off >= 0.0
    assert found.words.startswith(found.schedule.title)
    assert found.off <= nearest_constant(curve, max(1, total)) + 1e-9


def nearest_constant(curve: Drawn, total: int) -> float:
    values = [curve.multiplier(round(i * (total - 1) / 60), total) for i in range(61)]
    return max(abs(v - 1.0) for v in values) / max(values)
