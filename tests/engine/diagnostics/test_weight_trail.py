"""The last steps of the watched weight: what is kept, and the strips against transcriptions and torch's own steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.engine.helpers import record, small_spec
from workbench.engine.core.events import Command, Edit, Event, Stepped
from workbench.engine.core.observed import RecentSteps, Watched
from workbench.engine.core.update_rule import Rule
from workbench.engine.diagnostics import weight_probe, weight_trail
from workbench.engine.diagnostics.step_recorder import StepRecorder
from workbench.engine.diagnostics.weight_trail import WeightTrail
from workbench.engine.report.weight_strips import STRIPS, columns_of
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up

PLACE = "fc1.weight[5]"


@pytest.fixture(autouse=True)
def every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", 0.0)


def seen(kind: str, steer: Callable[[Event], Command | None] = lambda event: None, **hyper: Any) -> list[Watched]:
    full = kind in ("lbfgs", "gradient_descent")
    spec = small_spec(optimizer={"kind": kind, **hyper}, loop__watch=PLACE, loop__epochs=12 if full else 2)
    return record(spec, steer).of(Watched)


def strips(recent: RecentSteps | None) -> dict[str, np.ndarray | None]:
    assert recent is not None
    return {strip.name: strip.values(recent.rule, columns_of(recent)) for strip in STRIPS}


def test_each_step_is_a_row() -> None:
    shown = seen("momentum", lr=0.05)
    recent = shown[-1].recent
    assert recent is not None
    columns = columns_of(recent)
    assert columns["step"].tolist() == list(range(len(shown)))
    assert columns["g"].tolist() == [each.gradient for each in shown]
    assert columns["x"].tolist() == [each.old for each in shown]
    assert columns["t"].tolist() == [step + 1 for step in range(len(shown))]
    for each in shown:
        assert each.recent is not None
        assert columns_of(each.recent)["step"][-1] == each.step


@pytest.mark.parametrize(
    "kind", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "adadelta", "muon", "lbfgs"]
)
def test_steps_are_those_that_torch_made(kind: str) -> None:
    shown = seen(kind)
    found = strips(shown[-1].recent)["step"]
    assert found is not None
    made = np.array([abs(each.new - each.old) for each in shown])
    assert shown[-1].recent is not None
    rates = columns_of(shown[-1].recent)["lr"]
    known = np.isfinite(found)
    assert known.sum() >= len(shown) - 1  # of a rule whose lines do not give x, the last step has no next one
    spacing = 2.0**-22 * max(abs(each.old) for each in shown)
    assert (np.abs(found[known] * rates[known] - made[known]) <= spacing + 1e-4 * made[known]).all()


def test_adam_transcribed() -> None:
    shown = seen("adam", lr=0.01)
    m = s = 0.0
    rates, ratios = [], []
    for t, each in enumerate(shown, 1):
        m, s = 0.9 * m + 0.1 * each.gradient, 0.999 * s + 0.001 * each.gradient**2
        m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
        rates.append(0.01 / (math.sqrt(s_hat) + 1e-8))
        ratios.append(abs(m_hat / each.gradient))
    found = strips(shown[-1].recent)
    assert found["rate"] == pytest.approx(np.array(rates), rel=1e-4)
    assert found["velocity"] == pytest.approx(np.array(ratios), rel=1e-3)
    assert found["step"] is not None
    assert found["step"][0] == pytest.approx(1.0, abs=1e-4)  # Adam's first step is the rate


def test_both_forms_of_momentum_have_the_same_velocity() -> None:
    one, other = (strips(seen("momentum", lr=0.05, form=form)[-1].recent) for form in ("outside", "inside"))
    assert one["velocity"] == pytest.approx(other["velocity"], rel=1e-2)
    assert strips(seen("sgd")[-1].recent)["velocity"] is None
    assert strips(seen("lbfgs")[-1].recent)["rate"] is None


def test_a_live_edit_goes_on_with_its_own_constants() -> None:
    def steer(event: Event) -> Command | None:
        return Edit("optimizer.momentum", 0.0) if isinstance(event, Stepped) and event.step == 6 else None

    recent = seen("momentum", steer, lr=0.05)[-1].recent
    assert recent is not None
    rho = columns_of(recent)["rho"].tolist()
    assert rho[:6] == [0.9] * 6
    assert set(rho[6:]) == {0.0}
    velocity = strips(recent)["velocity"]
    assert velocity is not None
    assert velocity[6:] == pytest.approx(np.ones(len(rho) - 6))


def test_another_place_or_rule_begins_anew() -> None:
    def steer(event: Event) -> Command | None:
        if isinstance(event, Stepped) and event.step == 4:
            return Edit("loop.watch", "fc1.weight[6]")
        return Edit("optimizer.weight_decay", 0.1) if isinstance(event, Stepped) and event.step == 8 else None

    first = [columns_of(each.recent)["step"][0] for each in seen("momentum", steer) if each.recent is not None]
    assert set(first) == {0.0, 4.0, 8.0}


def test_going_back_takes_steps_back() -> None:
    run = set_up(small_spec(loop__watch=PLACE))
    saved: list[dict[str, Any]] = []
    shown: list[Watched] = []
    for event in train_loop(run):
        if isinstance(event, Watched):
            shown.append(event)
        if isinstance(event, Stepped) and event.step == 3:
            saved.append(run.state.state())
        if isinstance(event, Stepped) and event.step == 8 and len(shown) == 8:
            run.state.restore(saved[0])
            break
    watch = next(each for each in run.state.callbacks if isinstance(each, weight_probe.Watch))
    assert watch._trail is not None
    assert columns_of(watch._trail[1].recent())["step"].tolist() == [0, 1, 2]


def test_only_the_last_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_trail, "LENGTH", 5)
    trail = WeightTrail(Rule(("x = x - lr*g",)), ("x", "t"), {})
    for step in range(4):
        trail.append(step, 0.1, 1.0, (2.0, None))
    assert columns_of(trail.recent())["step"].tolist() == [0, 1, 2, 3]
    for step in range(4, 12):
        trail.append(step, 0.1, 1.0, (2.0, None))
    columns = columns_of(trail.recent())
    assert columns["step"].tolist() == [7, 8, 9, 10, 11]
    assert columns["t"].tolist() == [8, 9, 10, 11, 12]
    assert trail.recent() == trail.recent()


def test_on_other_devices_only_shown_steps_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a number waits there. Steps are then the rule's, since the next step may be missing."""
    monkeypatch.setattr(StepRecorder, "is_on_host", False)
    monkeypatch.setattr(weight_probe, "SHOWN_EVERY", math.inf)
    monkeypatch.setattr(weight_probe, "SLOW", math.inf)
    first, last = seen("momentum")  # and the run's last step is shown at its end
    assert last.step == 13
    assert first.recent is not None
    assert last.recent is not None
    assert columns_of(first.recent)["step"].tolist() == [0]
    assert columns_of(last.recent)["step"].tolist() == [0, 13]
    found = strips(last.recent)["step"]
    assert found is not None
    rates = columns_of(last.recent)["lr"]
    assert found * rates == pytest.approx([abs(first.new - first.old), abs(last.new - last.old)], abs=1e-6)
