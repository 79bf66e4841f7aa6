"""Quantities on real runs, on small experiments: what they count, and that looking changes no run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.engine.helpers import small_spec
from tests.engine.lessons.test_real_runs import headless, numbers, stage
from workbench.engine.core.events import Edited
from workbench.engine.core.progress import finished
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities import Quantity, Stage
from workbench.engine.lessons.quantities.decay import FormulaError, LossBehindDrop
from workbench.engine.lessons.quantities.decay_by_hand import DropByHand, ReplayDifference
from workbench.engine.lessons.quantities.gap_and_score import GapAtEnd, ScoreOfLargerGap
from workbench.engine.lessons.quantities.layer_signal import Saturated, SpreadThroughLayers, TanhSlope
from workbench.engine.lessons.quantities.learning_rates import LateFall, LeadOfTheBestRate, StepOfDivergence
from workbench.engine.lessons.quantities.normed_signal import NormedMean, NormedSpread
from workbench.engine.lessons.quantities.penalized_weights import NearZero, NormAgainst
from workbench.engine.lessons.quantities.random_or_grid import DistinctValues, OtherSetting, RandomLead
from workbench.engine.lessons.quantities.run_numbers import BestScore, LossAtEnd, ScoreLead, StepsToLoss
from workbench.engine.lessons.real_runs import RealRun, here
from workbench.engine.spec.experiment import ExperimentSpec

#: A small MLP without anything random but its order; an epoch has 7 steps.
PLAIN = small_spec(regularization=[], augmentations=[], model={"kind": "mlp", "hidden": [16, 16]})


def measured(quantity: Quantity, place: Stage) -> tuple[float, Picture]:
    frames: list[Frame] = []
    found = finished(quantity.measure(place), frames.append)
    return found, next((frame.picture for frame in reversed(frames) if frame.picture), Picture())


def run_of(place: Stage, spec: ExperimentSpec) -> RealRun:
    return place.trained.runs[here(spec)]


def test_looking_into_batch_norm_leaves_the_run_as_it_is() -> None:
    place = stage(small_spec())
    finished(NormedSpread().measure(place))
    assert numbers(run_of(place, small_spec())) == headless(small_spec()).numbers()


def test_batch_norm_gives_mean_0_and_spread_1_and_without_it_there_is_one_line() -> None:
    place = stage(small_spec(), PLAIN)
    spread, picture = measured(NormedSpread(), place)
    assert spread == pytest.approx(1.0, abs=0.02)
    assert measured(NormedMean(), place)[0] < 1e-5 < measured(NormedMean(run=1), place)[0]
    assert [line.name for line in picture.panels[0].lines] == ["run 0", "run 0, before", "run 1"]
    assert [line.style for line in picture.panels[0].lines] == ["solid", "dashed", "solid"]


def test_the_signal_is_that_of_the_first_step() -> None:
    tanh = {"kind": "mlp", "hidden": [16, 16], "activation": {"kind": "tanh"}}
    small = PLAIN.edited("model", {**tanh, "init_weights": {"kind": "gaussian", "std": 0.01}})
    big = PLAIN.edited("model", {**tanh, "init_weights": {"kind": "gaussian", "std": 3.0}})
    place = stage(small, big)
    assert measured(SpreadThroughLayers(), place)[0] == pytest.approx(0.01 * 4, rel=0.3)
    assert measured(Saturated(), place)[0] == 0 and measured(Saturated(run=1), place)[0] > 70
    assert measured(TanhSlope(), place)[0] > 0.99 and measured(TanhSlope(run=1), place)[0] < 0.2
    assert math.isnan(measured(Saturated(), stage(PLAIN))[0]), "ReLU has no end to be saturated at"


def test_scores_and_steps_of_runs() -> None:
    slow = PLAIN.edited("optimizer.lr", 1e-4)
    place = stage(PLAIN, slow)
    scores = [measured(BestScore(run=run), place)[0] for run in (0, 1)]
    assert scores[0] == 100 * max(e.val.accuracy for e in run_of(place, PLAIN).evaluations[1:])
    assert measured(ScoreLead(), place)[0] == pytest.approx(scores[0] - scores[1]) and scores[0] > scores[1] + 20
    assert math.isnan(measured(LossAtEnd(), place)[0]), "21 steps are less than 50"
    steps, picture = measured(StepsToLoss(target=2.4), stage(PLAIN, slow))
    assert steps < 1 and picture.table is not None
    assert picture.table.rows[1][:2] == ("run 1", "more than 21")


def test_the_gap_decides_which_run_is_which() -> None:
    weak = PLAIN.edited("optimizer.lr", 1e-4)
    place = stage(PLAIN, weak)
    gaps = [measured(GapAtEnd(run=run), place)[0] for run in (0, 1)]
    lead = measured(ScoreOfLargerGap(), place)[0]
    assert lead == measured(ScoreOfLargerGap(run=1, against=0), place)[0]
    assert lead == measured(ScoreLead(), place)[0] * (1 if gaps[0] > gaps[1] else -1)


def test_norm_and_share_are_those_of_the_weights_at_the_end() -> None:
    shrunk = PLAIN.edited("regularization", [{"kind": "l2", "strength": 1.0}])
    place = stage(shrunk, PLAIN)
    ratio, picture = measured(NormAgainst(), place)
    weights = [
        np.concatenate([p.detach().numpy().ravel() for p in run_of(place, spec).network.parameters() if p.dim() > 1])
        for spec in (shrunk, PLAIN)
    ]
    assert ratio == pytest.approx(np.linalg.norm(weights[0]) / np.linalg.norm(weights[1]), rel=1e-5)
    assert measured(NearZero(), place)[0] == pytest.approx(100 * np.mean(np.abs(weights[0]) <= 1e-3), rel=1e-5)
    assert [line.x[-1] for line in picture.panels[0].lines] == [21, 21]


def test_rates_are_ranked_and_one_that_diverges_is_drawn() -> None:
    rates, long = (0.001, 0.1, 1e5), PLAIN.edited("loop.epochs", 10).edited("optimizer", {"kind": "sgd", "lr": 0.1})
    place = stage(long)
    lead, picture = measured(LeadOfTheBestRate(rates=rates), place)
    assert lead > 2 and picture.table is not None
    assert [row[0] for row in picture.table.rows] == ["Rate 0.1", "Rate 0.001", "Rate 100\u202f000"]
    wild = picture.panels[0].lines[2]
    assert 0 < len(wild.x) < 20 and wild.y[-1] == pytest.approx(1.5 * math.log(10))
    assert measured(StepOfDivergence(run=2, rates=rates), place)[0] == 2
    assert math.isinf(measured(StepOfDivergence(run=1, rates=rates), place)[0])
    assert measured(LateFall(run=1, rates=rates), place)[0] < measured(LateFall(run=0, rates=rates), place)[0] < 1


def test_schedules_are_compared_with_their_formulas() -> None:
    kinds = [{"kind": "step", "gamma": 0.5, "every": 2}, {"kind": "exponential", "a": 0.3, "per": "step"}]
    specs = [PLAIN.edited("schedule", kind) for kind in (*kinds, {"kind": "one_over_t", "a": 0.4})]
    assert measured(FormulaError(), stage(*specs))[0] < 1e-12
    assert measured(FormulaError(), stage(PLAIN.edited("schedule", {**kinds[0], "warmup": 1})))[0] > 0.1
    assert math.isnan(measured(FormulaError(), stage(PLAIN.edited("schedule", {"kind": "cosine"})))[0])


def test_the_loss_behind_an_epoch_that_is_not_there_is_no_number() -> None:
    place = stage(PLAIN)
    losses = headless(here(PLAIN)).steps.read(0)[1][:, 0]
    assert measured(LossBehindDrop(after=2), place)[0] == pytest.approx(losses[14:].mean() / losses[7:14].mean())
    assert math.isnan(measured(LossBehindDrop(after=5), place)[0])


def test_a_decay_by_hand_is_one_entry_of_the_tape_and_replays() -> None:
    place = stage(PLAIN)
    assert measured(ReplayDifference(after=2), place)[0] == 0
    (hand,) = [run for key, run in place.trained.runs.items() if isinstance(key, tuple) and key[-1] == "hand"]
    (edit,) = hand.of(Edited)
    assert (edit.step, edit.path, edit.new) == (14, "optimizer.lr", pytest.approx(0.001))
    assert measured(ReplayDifference(after=2, with_tape=False), place)[0] > 0.001
    count = len(place.trained.runs)
    finished(DropByHand(after=2).measure(place))
    assert len(place.trained.runs) == count, "the same three runs"


def test_searches_share_their_range_and_read_their_scores_off_the_measured_curve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A peak that three values of a grid may miss; only the learning rate counts."""

    def score(_stage: Stage, spec: ExperimentSpec) -> float:
        return 100 * math.exp(-((math.log10(spec.optimizer.lr) + 1) ** 2) * 4)

    monkeypatch.setattr("workbench.engine.lessons.quantities.random_or_grid.score_of", score)
    place = stage(PLAIN)
    lead, picture = measured(RandomLead(), place)
    assert lead > 2
    (grid, random), curve = picture.panels[0].lines, picture.panels[1].lines[2]
    assert len(set(grid.x)) == 3 and len(grid.x) == len(random.x) == 9
    span = 10.0**4 * min(grid.x) / 10 ** (4 / 6)
    assert min(grid.x) / 10 ** (4 / 6) <= min(random.x) and max(random.x) <= span * 1.0001
    assert max(curve.y) == pytest.approx(100)
    assert measured(DistinctValues(), place)[0] == 3
    assert measured(DistinctValues(budget=27, settings=3), place)[0] == 9
    assert measured(RandomLead(settings=1), place)[0] < 0
    assert measured(OtherSetting(), place)[0] == 0
