"""Schedules: the closed forms, and what every member keeps."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.schedules.decays import Cosine, Exponential, OneOverT, StepDecay
from workbench.engine.catalog.variant import members_of
from workbench.engine.spec.experiment import ExperimentSpec

TOTAL = 40
CLOSED_FORMS: list[tuple[Schedule, Callable[[int], float]]] = [
    (Constant(), lambda k: 1.0),
    (StepDecay(gamma=0.3, every=7), lambda k: 0.3 ** math.floor(k / 7)),
    (Exponential(a=0.07), lambda k: math.exp(-0.07 * k)),
    (OneOverT(a=0.6), lambda k: 1 / (1 + 0.6 * k)),
    (Cosine(final=0.05), lambda k: 0.05 + 0.95 * (1 + math.cos(math.pi * k / TOTAL)) / 2),
]
MEMBERS = list(members_of(Schedule).values())


@pytest.mark.parametrize(("schedule", "form"), CLOSED_FORMS, ids=lambda c: getattr(c, "kind", ""))
def test_closed_form(schedule: Schedule, form: Callable[[int], float]) -> None:
    for k in range(TOTAL + 1):
        assert schedule.multiplier(k, TOTAL) == pytest.approx(form(k), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
@pytest.mark.parametrize("total", [1, 2, 17, 10_000])
def test_starts_at_one_stays_finite_and_is_pure(cls: type[Schedule], total: int) -> None:
    schedule = cls()
    factors = [schedule.multiplier(k, total) for k in range(min(total, 300) + 1)]
    assert all(math.isfinite(f) and f >= 0 for f in factors)
    assert factors == [schedule.multiplier(k, total) for k in range(min(total, 300) + 1)]
    # A run that was prolonged and shortened again asks beyond its end; huge k must not overflow.
    assert math.isfinite(schedule.multiplier(total + 5, total))
    assert math.isfinite(schedule.multiplier(10**7, total))
    assert math.isfinite(schedule.multiplier(0, 0))


@pytest.mark.parametrize("schedule", [case[0] for case in CLOSED_FORMS], ids=lambda s: s.kind)
def test_decays_never_rise(schedule: Schedule) -> None:
    factors = [schedule.multiplier(k, TOTAL) for k in range(TOTAL + 1)]
    assert factors[0] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(factors))


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
def test_counted_in_epochs_the_rate_is_constant_within_an_epoch(cls: type[Schedule]) -> None:
    schedule = cls(per="epoch")
    for step in range(60):
        assert schedule.factor(step, 6, 10) == schedule.multiplier(step // 6, 10)


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
def test_counted_in_steps_the_counter_is_the_finished_steps(cls: type[Schedule]) -> None:
    schedule = cls(per="step")
    for step in range(60):
        assert schedule.factor(step, 6, 10) == schedule.multiplier(step, 60)


def test_step_decay_drops_right_after_the_interval() -> None:
    schedule = StepDecay(gamma=0.1, every=2)
    assert [schedule.factor(step, 3, 6) for step in (5, 6, 11, 12)] == pytest.approx([1.0, 0.1, 0.1, 0.01])


def test_cosine_ends_at_its_final_share() -> None:
    assert Cosine(final=0.2).multiplier(TOTAL, TOTAL) == pytest.approx(0.2)
    assert Cosine(final=0.2).multiplier(TOTAL + 9, TOTAL) == pytest.approx(0.2)


def test_a_warm_up_in_epochs_rises_at_every_step() -> None:
    schedule = Constant(warmup=2, warmup_from=0.2)
    factors = [schedule.factor(step, 5, 4) for step in range(20)]
    assert factors[:11] == pytest.approx([0.2 + 0.08 * step for step in range(11)])
    assert factors[10:] == [1.0] * 10


@pytest.mark.parametrize(
    ("per", "warmup", "full_batch", "warned"),
    [("epoch", 3, False, True), ("epoch", 2, False, False), ("step", 3, False, False), ("step", 3, True, True)],
)
@pytest.mark.parametrize("kind", ["one_cycle", "cosine"])
def test_a_warm_up_as_long_as_the_run_is_warned_of(
    kind: str, per: str, warmup: int, full_batch: bool, warned: bool
) -> None:
    spec = ExperimentSpec().edited("loop.epochs", 3)
    spec = spec.edited("schedule", {"kind": kind, "per": per, "warmup": warmup})
    if full_batch:
        spec = spec.edited("optimizer", {"kind": "gradient_descent", "lr": 0.1})
    said = [p for p in spec.problems() if p.path == "schedule.warmup"]
    assert bool(said) == warned and all(p.severity == "warning" for p in said)
