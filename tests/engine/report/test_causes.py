"""Curves of real runs on which each rule must speak or be silent (``recorded/record.py`` made them)."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest

from tests.engine.report.curves import started
from tests.engine.report.recorded.record import RUNS, recorded
from workbench.engine.core.events import EpochEnded, Measured, RunEnded
from workbench.engine.core.observed import LayerStat, LayerStats
from workbench.engine.core.step_store import StepStore
from workbench.engine.report import explain
from workbench.engine.report.causes import (
    CAUSES,
    Capacity,
    Cause,
    HighRate,
    Initialization,
    LowRate,
    StrongPenalty,
)
from workbench.engine.report.curve import Fit
from workbench.engine.report.layer_stats import LayerNumbers
from workbench.engine.report.verdict import Judge
from workbench.engine.run_store.evaluations import Measurements
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec

HERE = Path(__file__).parent / "recorded"
LONGER = "Train for 30 epochs"

#: What each run is advised.
ADVICE = {
    "usual": None,
    "rate_1e-5": "Try learning rate 0.0001",
    "rate_1e-4": "Try learning rate 0.001",
    "rate_1e-3": LONGER,
    "rate_1": LONGER,
    "rate_3": "Try learning rate 0.3",
    "rate_1_without_batch_norm": "Try learning rate 0.1",
    "weights_1e-8": "Try He initialization",
    "weights_1e-2_deep": "Try He initialization",
    "weights_3": "Try He initialization",
    "weights_3_tanh": "Try Xavier initialization",
    "weights_zero": "Try He initialization",
    "decay_0.3": "Try weight decay 0.03",
    "l2_0.3": "Try a penalty of 0.03",
    "dropout_0.9": None,
    "width_1": "Try wider layers: 2",
    "width_2": "Try wider layers: 4",
    "points_width_2": None,
    "points_linear": None,
    "points_usual": None,
    "few_examples": LONGER,
    "overfit": "Try dropout 0.2",
    "few_validation": None,
}

#: The runs of which a rule alone has to speak; on the others whose network does not fit it may speak or not.
SPEAKS: dict[type[Cause], set[str]] = {
    StrongPenalty: {"decay_0.3", "l2_0.3"},
    Initialization: {"weights_1e-8", "weights_1e-2_deep", "weights_3", "weights_3_tanh", "weights_zero"},
    HighRate: {"rate_3", "rate_1_without_batch_norm"},
    LowRate: {"rate_1e-5", "rate_1e-4"},
    Capacity: {"width_1", "width_2"},
}
#: The runs on which a rule must be silent whatever comes before it.
SILENT: dict[type[Cause], set[str]] = {
    StrongPenalty: {"rate_3", "rate_1e-5", "weights_1e-8", "width_1", "points_width_2"},
    Initialization: {"rate_3", "rate_1e-5", "rate_1_without_batch_norm", "decay_0.3", "width_1", "points_linear"},
    HighRate: {"rate_1e-5", "rate_1e-4", "rate_1e-3", "width_1", "width_2", "points_width_2", "points_linear"},
    LowRate: {"rate_3", "rate_1e-3", "weights_1e-8", "width_1", "width_2", "decay_0.3", "points_width_2"},
    Capacity: {"rate_3", "rate_1e-5", "weights_1e-8", "weights_zero", "rate_1_without_batch_norm", "decay_0.3"},
}


class Kept(LayerStat):
    """A recorded layer: its numbers instead of its samples."""

    numbers: LayerNumbers


@cache
def history(name: str) -> History:
    plain = json.loads((HERE / f"{name}.json").read_text())
    made = History(StepStore())
    begun = started(plain["spec"], plain["epochs"][1]["step"])
    object.__setattr__(begun, "classes", tuple(plain["classes"]))
    made.fold(begun)
    for epoch in plain["epochs"]:
        parts = {part: epoch[part] and Measured(**epoch[part]) for part in ("train_eval", "val")}
        made.fold(EpochEnded(**{**epoch, **parts, "averages": {}}))
    stats = []
    for layer in plain["layers"]:
        kept: Any = object.__new__(Kept)
        object.__setattr__(kept, "name", layer.pop("name"))
        object.__setattr__(kept, "numbers", LayerNumbers(**layer, counts=()))
        stats.append(kept)
    made.fold(LayerStats(0, stats))
    return made


@pytest.fixture(autouse=True)
def _recorded_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "numbers", lambda stat: stat.numbers)


def ended(name: str) -> History:
    made = history(name)
    if made.ended is None:
        last = made.evaluations[-1]
        made.fold(RunEnded("completed", last.step, last.epochs_done, last.seconds, ""))
    return made


def fit(name: str) -> Fit:
    made, layers = history(name), []
    assert made.started is not None and made.layers is not None
    for each in made.layers.layers:
        layers.append((each.name, cast("Any", each).numbers))
    train = [cast("Measured", epoch.train_eval) for epoch in made.evaluations]
    return Fit(made, Measurements.of(train), math.log(len(made.started.classes)), layers)


def test_every_run_is_advised() -> None:
    assert set(ADVICE) == set(RUNS)
    assert {type(each) for each in CAUSES} == set(SPEAKS) == set(SILENT)


@pytest.mark.parametrize("name", ADVICE)
def test_advice_on_a_recorded_run(name: str) -> None:
    verdict = Judge(ended(name)).verdict()
    words = verdict.suggestion.words if verdict.suggestion is not None else None
    assert words == ADVICE[name]
    if verdict.suggestion is not None and words != LONGER and verdict.kind != "overfitting":
        assert verdict.suggestion.why and verdict.suggestion.why in verdict.evidence
        made = history(name).started
        assert made is not None
        spec = ExperimentSpec.model_validate(made.spec)
        assert spec.edited(verdict.suggestion.path, verdict.suggestion.value) != spec


@pytest.mark.parametrize("rule", CAUSES, ids=lambda rule: type(rule).__name__)
def test_a_rule_speaks_and_is_silent(rule: Cause) -> None:
    for name in SPEAKS[type(rule)]:
        assert rule.suggested(fit(name)) is not None, name
    for name in SILENT[type(rule)]:
        assert rule.suggested(fit(name)) is None, name


def test_the_recorded_runs_are_those_of_today() -> None:
    """One of them again; another processor may differ in the last bits, which add up."""
    plain, _ = recorded(RUNS["rate_1e-4"])
    kept = json.loads((HERE / "rate_1e-4.json").read_text())
    assert plain["spec"].keys() >= kept["spec"].keys() and len(plain["epochs"]) == len(kept["epochs"])
    for now, then in zip(plain["epochs"], kept["epochs"], strict=True):
        assert now["train_eval"]["loss"] == pytest.approx(then["train_eval"]["loss"], rel=1e-2)


def test_a_fall_within_the_uncertainty_of_the_loss_is_no_reason_for_a_higher_rate() -> None:
    known = fit("rate_1e-4")
    unsure = replace(known, train=Measurements.of([replace(each, loss_se=each.loss) for each in known.train]))
    assert LowRate().suggested(known) is not None and LowRate().suggested(unsure) is None
