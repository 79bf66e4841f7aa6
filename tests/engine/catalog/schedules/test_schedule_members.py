"""The schedules beyond the lecture's closed forms: against torch's schedulers, step for step, and their warm-up."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.schedules.decays import Cosine, Exponential, Linear, Milestones, StepDecay
from workbench.engine.catalog.schedules.hand_drawn import Drawn
from workbench.engine.catalog.schedules.one_cycle import OneCycle
from workbench.engine.catalog.schedules.plateau import ReduceOnPlateau
from workbench.engine.catalog.schedules.restarts import CosineRestarts
from workbench.engine.catalog.variant import members_of
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Measured
from workbench.engine.spec.experiment import ExperimentSpec

TOTAL = 40
MEMBERS = list(members_of(Schedule).values())
Make = Callable[[torch.optim.Optimizer], lr_scheduler.LRScheduler]


def torch_rates(make: Make, steps: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no step of the optimizer is made here; some schedulers call old names
        scheduler = make(optimizer)
        rates = []
        for _ in range(steps):
            rates.append(float(optimizer.param_groups[0]["lr"]))
            scheduler.step()
    return rates


ORACLES: list[tuple[Schedule, Make]] = [
    (Milestones(at=(5, 17, 17, 30), gamma=0.3), lambda o: lr_scheduler.MultiStepLR(o, [5, 17, 17, 30], 0.3)),
    (Milestones(at=(30, 5), gamma=0.3), lambda o: lr_scheduler.MultiStepLR(o, [30, 5], 0.3)),
    (Linear(final=0.2), lambda o: lr_scheduler.LinearLR(o, 1.0, 0.2, TOTAL)),
    (CosineRestarts(period=7, growth=1, final=0.1), lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 7, 1, 0.1)),
    (CosineRestarts(period=3, growth=2, final=0.0), lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2, 0.0)),
    (
        OneCycle(peak=0.4, start_division=10, end_division=50),
        lambda o: lr_scheduler.OneCycleLR(
            o, 1.0, total_steps=TOTAL, pct_start=0.4, div_factor=10, final_div_factor=50, cycle_momentum=False
        ),
    ),
    (
        OneCycle(peak=0.25, start_division=4, end_division=3, shape="line"),
        lambda o: lr_scheduler.OneCycleLR(
            o,
            1.0,
            total_steps=TOTAL,
            pct_start=0.25,
            div_factor=4,
            final_div_factor=3,
            cycle_momentum=False,
            anneal_strategy="linear",
        ),
    ),
]


@pytest.mark.parametrize(("schedule", "make"), ORACLES, ids=lambda c: getattr(c, "kind", ""))
def test_as_torch_has_it(schedule: Schedule, make: Make) -> None:
    expected = torch_rates(make, TOTAL)
    assert [schedule.multiplier(k, TOTAL) for k in range(TOTAL)] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (Constant(), lambda o: lr_scheduler.LambdaLR(o, lambda k: 1.0)),
        (StepDecay(gamma=0.5, every=4), lambda o: lr_scheduler.StepLR(o, 4, 0.5)),
        (Exponential(a=0.1), lambda o: lr_scheduler.ExponentialLR(o, math.exp(-0.1))),
        (Cosine(final=0.1), lambda o: lr_scheduler.CosineAnnealingLR(o, TOTAL - 6, 0.1)),
    ],
    ids=lambda c: getattr(c, "kind", ""),
)
def test_a_warm_up_before_a_schedule_is_torchs_sequence_of_two(schedule: Schedule, make: Make) -> None:
    def both(optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        # The second one is made first, so that the optimizer starts at the warm-up's rate.
        first = lr_scheduler.LinearLR(optimizer, 0.05, 1.0, 6)
        return lr_scheduler.SequentialLR(optimizer, [first, make(optimizer)], [6])

    expected = torch_rates(both, TOTAL)
    warmed = schedule.model_copy(update={"warmup": 6, "warmup_from": 0.05, "per": "step"})
    assert [warmed.factor(k, 8, 5) for k in range(TOTAL)] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
@pytest.mark.parametrize("per", ["step", "epoch"])
def test_every_member_has_the_warm_up(cls: type[Schedule], per: str) -> None:
    plain, warmed = cls(per=per), cls(per=per, warmup=4, warmup_from=0.2)
    unit, epochs = (1, 20) if per == "step" else (5, 20)
    total = epochs if per == "epoch" else 5 * epochs
    first = plain.multiplier(0, total - 4)
    rising = [warmed.factor(k * unit, 5, epochs) for k in range(4)]
    assert rising == pytest.approx([first * share for share in (0.2, 0.4, 0.6, 0.8)])
    after = [warmed.factor((k + 4) * unit, 5, epochs) for k in range(total - 4)]
    assert after == [plain.multiplier(k, total - 4) for k in range(total - 4)]


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
def test_every_member_takes_changes_by_hand(cls: type[Schedule]) -> None:
    plain, changed = cls(), cls(by_hand=((7, 0.1), (9, 3)))
    for step in range(30):
        by_hand = 1.0 if step < 7 else 0.1 if step < 9 else 3.0
        assert changed.factor(step, 5, 6) == plain.factor(step, 5, 6) * by_hand


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
@given(
    warmup=st.integers(0, 50), steps_per_epoch=st.integers(1, 40), epochs=st.integers(0, 30), step=st.integers(0, 2000)
)
def test_the_rate_of_any_step_is_a_finite_number(
    cls: type[Schedule], warmup: int, steps_per_epoch: int, epochs: int, step: int
) -> None:
    for per in ("step", "epoch"):
        schedule = cls(per=per, warmup=warmup)
        factor = schedule.factor(step, steps_per_epoch, epochs)
        assert math.isfinite(factor)
        assert factor >= 0.0
        if step < epochs * steps_per_epoch:  # within the run nothing stands still
            assert factor > 0.0
        assert factor == schedule.factor(step, steps_per_epoch, epochs)


def test_a_warm_up_longer_than_the_run_only_rises() -> None:
    schedule = Cosine(warmup=100, warmup_from=0.5, per="step")
    rates = [schedule.factor(k, 10, 2) for k in range(20)]
    assert rates == pytest.approx([0.5 + 0.5 * k / 100 for k in range(20)])


def test_a_cosine_restarts_from_the_full_rate() -> None:
    schedule = CosineRestarts(period=2, growth=3)
    assert [k for k in range(30) if schedule.multiplier(k, 30) == 1.0] == [0, 2, 8, 26]
    assert schedule.multiplier(7, 30) == pytest.approx((1 + math.cos(math.pi * 5 / 6)) / 2)


def test_one_cycle_begins_peaks_and_ends_where_it_says() -> None:
    schedule = OneCycle(peak=0.25, start_division=20, end_division=5)
    rates = [schedule.multiplier(k, 400) for k in range(400)]
    assert rates[0] == pytest.approx(1 / 20)
    assert rates[99] == pytest.approx(1.0)
    assert max(rates) == rates[99]
    assert rates[-1] == pytest.approx(1 / 100)


def test_a_drawn_line_goes_through_its_points() -> None:
    points = ((0.0, 1.0), (0.25, 0.4), (1.0, 0.01))
    line = Drawn(points=points)
    assert [line.multiplier(k, 100) for k in (0, 25, 100, 130)] == pytest.approx([1.0, 0.4, 0.01, 0.01])
    assert line.multiplier(10, 100) == pytest.approx(0.76)
    log = Drawn(points=points, between="log")
    assert log.multiplier(50, 100) == pytest.approx(0.4 * (0.01 / 0.4) ** (1 / 3))
    steps = Drawn(points=points, between="steps")
    assert [steps.multiplier(k, 100) for k in (24, 25, 99, 100)] == [1.0, 0.4, 0.4, 0.01]
    assert Drawn(points=((0.4, 0.3),)).multiplier(5, 10) == 0.3
    assert Drawn(points=()).multiplier(5, 10) == 1.0


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([[0.5, 1.0], [0.5, 0.1]], "rising positions"),
        ([[0.5, 1.0], [0.2, 0.1]], "rising positions"),
        ([[0.0, 0.0]], "factors from 1e-9"),
        ([[1.5, 1.0]], "positions from 0 to 1 (shares of the run)"),
        ([[0.5]], "a position and a factor"),
        ([0.5], "must be a list"),
        ([[0.01 * i, 1.0] for i in range(65)], "at most 64"),
    ],
)
def test_points_that_make_no_curve_are_refused(points: object, words: str) -> None:
    with pytest.raises(SpecError, match=r"schedule\.points") as refused:
        ExperimentSpec().edited("schedule", {"kind": "drawn", "points": points})
    assert words in str(refused.value)


def measured(loss: float, accuracy: float = 0.5) -> Measured:
    return Measured(loss, accuracy, 10, 0.0, 0.0)


@given(
    losses=st.lists(st.floats(0.01, 5.0), min_size=1, max_size=40),
    drop=st.floats(0.05, 0.9),
    patience=st.integers(0, 4),
    threshold=st.floats(0.0, 0.3),
    minimum=st.floats(0.0, 1.0),
)
def test_plateau_is_torchs(losses: list[float], drop: float, patience: int, threshold: float, minimum: float) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=drop, patience=patience, threshold=threshold, min_lr=minimum, eps=0.0
    )
    ours = ReduceOnPlateau(drop=drop, patience=patience, threshold=threshold, minimum=minimum)
    memory = dict[str, float]()
    for loss in losses:
        theirs.step(loss)
        before = dict(memory)
        after = ours.after_measurement(memory, None, measured(loss))
        assert memory == before  # replaced, never changed in place
        memory = dict(after)
        assert ours.factor(3, 10, 10, memory) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)


def test_plateau_watches_what_it_is_told_to() -> None:
    falling, rising = [1.0, 0.9, 0.8, 0.7], [0.1, 0.2, 0.3, 0.4]
    for watch, drops in (("val_loss", 3), ("val_accuracy", 0), ("train_loss", 0)):
        schedule = ReduceOnPlateau(watch=watch, patience=0, drop=0.5)
        memory: dict[str, float] = {}
        for good, bad in zip(falling, rising, strict=True):
            train, val = measured(good), measured(bad, accuracy=bad)
            memory = dict(schedule.after_measurement(memory, train, val))
        assert schedule.recalled(memory) == 0.5**drops


def test_plateau_without_validation_measures_the_training_examples() -> None:
    schedule = ReduceOnPlateau(patience=0, drop=0.5)
    memory = dict(schedule.after_measurement({}, measured(1.0), None))
    memory = dict(schedule.after_measurement(memory, measured(1.5), None))
    assert schedule.recalled(memory) == 0.5
    assert schedule.after_measurement(memory, None, None) == memory
    assert schedule.after_measurement(memory, measured(math.nan), None) == memory


@pytest.mark.parametrize("cls", MEMBERS, ids=lambda c: c.kind)
def test_every_member_has_a_little_picture_of_its_own(cls: type[Schedule]) -> None:
    sketch = cls.sketch()
    assert len(sketch) == 40
    assert all(math.isfinite(value) and value >= 0 for value in sketch)
    assert max(sketch) > 0
    assert sum(other.sketch() == sketch for other in MEMBERS) == 1
