"""Numbers of runs against curves that are written by hand: which steps, which epochs, which of two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.engine.helpers import small_spec
from workbench.engine.core.randomness import mixed
from workbench.engine.core.search_space import random_point
from workbench.engine.lessons import real_runs
from workbench.engine.lessons.draw_panels import gap_of, mean_gap, mean_line
from workbench.engine.lessons.quantities import NamedSpec, Stage
from workbench.engine.lessons.quantities.averaging import _lost, _Walk
from workbench.engine.lessons.quantities.decay import _means, drop
from workbench.engine.lessons.quantities.gap_and_score import ScoreOfLargerGap
from workbench.engine.lessons.quantities.learning_rates import LateFall, LeadOfTheBestRate
from workbench.engine.lessons.quantities.random_or_grid import RATES, RandomLead, _Found, score_of
from workbench.engine.lessons.quantities.random_passes import Passes
from workbench.engine.lessons.quantities.run_numbers import ScoreLead
from workbench.engine.lessons.real_runs import LAST, best_accuracy, gap, here, loss_at_end, smoothed, steps_to
from workbench.engine.lessons.run_cache import RunCache
from workbench.engine.lessons.run_panels import loss_panel


def run(losses: Sequence[float] = (), evaluations: Sequence[Any] = (), per_epoch: int = 2) -> Any:
    """A run that has ended, with these losses of its steps."""
    return SimpleNamespace(
        name="a",
        total=len(losses),
        steps=SimpleNamespace(count=len(losses)),
        ended=object(),
        evaluations=list(evaluations),
        column=lambda _name: np.array(losses, dtype=float),
        context=SimpleNamespace(batches=SimpleNamespace(per_epoch=per_epoch)),
    )


def evaluation(accuracy: float, loss: float = 1.0, trained: float | None = 0.5, step: int = 0) -> Any:
    own = None if trained is None else SimpleNamespace(loss=trained)
    return SimpleNamespace(step=step, val=SimpleNamespace(accuracy=accuracy, loss=loss), train_eval=own)


def test_a_target_is_reached_where_the_mean_is_below_it() -> None:
    one = run([4.0, 2.0, 3.0, 1.0])  # means of two: 3, 2.5, 2
    assert [steps_to(one, target, 2) for target in (3.1, 3.0, 2.5, 2.0)] == [2, 3, 4, None]
    assert smoothed(one, 4)[0].tolist() == [4] and smoothed(one, 4)[1].tolist() == [2.5]


def test_the_loss_at_the_end_needs_all_of_its_steps() -> None:
    losses = [9.0, *[2.0] * (LAST - 1), 52.0]
    assert loss_at_end(run(losses)) == 3.0
    assert math.isnan(loss_at_end(run(losses[2:])))
    assert loss_at_end(run(losses[1:])) == 3.0


def test_the_evaluation_before_the_first_step_is_never_the_best() -> None:
    one = run(evaluations=[evaluation(0.9), evaluation(0.3), evaluation(0.6)])
    assert best_accuracy(one) == 0.6
    assert math.isnan(best_accuracy(run(evaluations=[evaluation(0.9)])))


def test_a_gap_is_that_of_the_last_evaluation() -> None:
    one = run(evaluations=[evaluation(0.1, 9.0), evaluation(0.3, 1.25), evaluation(0.6, 2.0)])
    assert gap(one) == 1.5 and math.isnan(gap(run(evaluations=[evaluation(0.1, trained=None)])))


def test_scenes_train_on_one_thread_of_the_cpu() -> None:
    spec = here(small_spec(loop__threads=4, loop__fastest=True))
    assert (spec.loop.device, spec.loop.threads, spec.loop.fastest) == ("cpu", 1, False)


def test_what_has_ended_early_counts_as_done() -> None:
    """Its share of the steps will never come."""
    one, other = run([1.0] * 3), run([1.0] * 4)
    one.total, other.total, other.ended = 10, 10, None
    assert real_runs._done([one, other]) == 14
    assert real_runs._words([one, other], 20) == "Step 14 of 20 in 2 runs"


# --- of one curve ----------------------------------------------------------------------------------------------------


def test_as_many_steps_before_a_drop_are_compared_as_there_are_behind_it() -> None:
    one = run([100.0, 100.0, 8.0, 8.0, 2.0, 2.0])
    assert _means(one, 2) == (8.0, 2.0) and drop(one, 2) == 0.25
    assert _means(one, 1) == (100.0, 5.0), "fewer where there are no more"
    assert all(map(math.isnan, _means(one, 3)))


def test_a_late_fall_compares_the_second_half_with_the_quarter_before() -> None:
    assert LateFall(run=0).number([run([100.0, 100.0, 4.0, 4.0, 2.0, 2.0, 1.0, 1.0])]) == 1.5 / 4
    assert LateFall(run=0).number([run([9.0, 9.0, *[3.0] * 6])]) == 1.0


def test_the_lead_of_the_best_rate_is_over_the_next_best() -> None:
    runs = [run([loss] * LAST) for loss in (6.0, 2.0, 3.0)]
    assert LeadOfTheBestRate().number(runs) == 1.5
    assert math.isnan(LeadOfTheBestRate().number(runs[:1]))
    assert math.isinf(LeadOfTheBestRate().number([runs[0], run([1.0])])), "one that diverged has no loss at its end"


def test_losses_beyond_what_is_drawn_are_drawn_at_the_edge() -> None:
    drawn = loss_panel([run([1.0, 50.0, math.nan, 2.0])], over=1, most=3.0).lines[0]
    assert list(drawn.y) == [1.0, 3.0, 3.0, 2.0]
    assert list(loss_panel([run([1.0, 3.0])], over=20).lines[0].y) == [1.0, 3.0], "too short for a mean"


# --- of two ----------------------------------------------------------------------------------------------------------


def test_the_run_with_the_larger_gap_leads_or_lags_whatever_its_place() -> None:
    small, large = (
        run(evaluations=[evaluation(0.0), evaluation(score, loss)]) for score, loss in ((0.7, 0.75), (0.9, 2.0))
    )
    for runs in ([small, large], [large, small]):
        assert ScoreOfLargerGap().number(runs) == pytest.approx(20)
    assert ScoreLead().number([small, large]) == pytest.approx(-20)


def test_averaging_is_compared_with_the_mean_of_both_ends() -> None:
    assert _lost(_Walk((0.9, 0.7), 0.5)) == pytest.approx(30)


def test_the_mean_gap_is_over_the_last_ten_evaluations_of_all_draws() -> None:
    draws = [
        run(evaluations=[evaluation(0.1, 99.0), *(evaluation(0.1, loss) for _ in range(10))]) for loss in (1.5, 2.5)
    ]
    assert mean_gap(draws) == 1.5


def test_a_line_of_draws_ends_where_the_first_of_them_ends() -> None:
    draws = [run(evaluations=[evaluation(0, 9.0), *(evaluation(0, loss, step=at) for at in (1, 2, 3)[:count])])
             for count, loss in ((3, 1.5), (2, 2.5))]  # fmt: skip
    found = mean_line(draws, gap_of)
    assert (list(found.x), list(found.y)) == ([1, 2], [1.5, 1.5])


def test_the_spread_of_passes_is_that_of_the_class_that_varies_most() -> None:
    shares = np.array([[[0.8, 0.1, 0.1]], [[0.2, 0.4, 0.4]]])
    assert Passes(shares, shares[0], np.array([0])).spread == pytest.approx(0.3)


# --- searches --------------------------------------------------------------------------------------------------------


def test_a_run_that_diverges_before_it_is_measured_scores_as_guessing() -> None:
    spec = small_spec()
    cache, known = RunCache(), run(evaluations=[evaluation(0.9)])
    known.context.data = SimpleNamespace(classes=tuple("abcd"))
    cache.runs[here(spec)] = known
    assert score_of(Stage(None, spec, 0, (NamedSpec("", spec),), cache), spec) == 25.0
    known.evaluations.append(evaluation(0.625))
    assert score_of(Stage(None, spec, 0, (), cache), spec) == 62.5


def test_scores_between_measured_rates_are_read_on_a_logarithmic_axis() -> None:
    found = _Found(scores=[float(at) for at in range(len(RATES))], low=RATES[0])
    between = math.log(math.sqrt(RATES[4] * RATES[5]) / RATES[0]) / math.log(1e4)
    assert found.score(np.array([[between]])) == pytest.approx([4.5])
    assert found.rates(np.array([[0.0], [1.0]])) == pytest.approx([RATES[0], RATES[0] * 1e4])


def test_every_repeat_has_a_range_and_points_of_its_own() -> None:
    found, seen = _Found(scores=[0.0] * len(RATES)), []
    for seed in (3, 4):
        for repeat in range(2):
            RandomLead()._search(found, seed, repeat)
            seen.append((found.low, found.random.tobytes()))
    assert len({low for low, _ in seen}) == len({points for _, points in seen}) == 4
    assert all(RATES[0] <= low <= 100 * RATES[0] for low, _ in seen)
    assert found.random[2].tolist() == random_point(mixed("repeat", 4, 1), 2, 2).tolist()
    assert len(found.best_of_grid) == len(found.best_of_random) == 4
