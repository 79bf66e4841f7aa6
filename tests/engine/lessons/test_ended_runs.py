"""Runs that are measured at their end alone, draws of runs, and random passes of a trained network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from torch import Tensor

from tests.engine.helpers import small_spec
from workbench.engine.core.progress import finished
from workbench.engine.lessons.ended_runs import UnmeasuredRun, ended_runs
from workbench.engine.lessons.passes import kept_share, labels, plain_pass, random_passes
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities import NamedSpec, Stage
from workbench.engine.lessons.quantities.few_examples import LeadWithFew
from workbench.engine.lessons.quantities.of_draws import GapRatio, MeanScoreLead, drawn
from workbench.engine.lessons.quantities.random_passes import Passes
from workbench.engine.lessons.real_runs import RealRun, best_accuracy, side_by_side
from workbench.engine.lessons.run_cache import RunCache, seeded
from workbench.engine.nn.stochastic_layers import Dropout
from workbench.engine.spec.experiment import ExperimentSpec

SPEC = small_spec(loop__epochs=2, regularization=[{"kind": "dropout", "p": 0.3}])
PLAIN = small_spec(loop__epochs=2, regularization=[])


def stage(*specs: ExperimentSpec, seed: int = 0) -> Stage:
    return Stage(None, specs[0], seed, tuple(NamedSpec(f"run {number}", spec) for number, spec in enumerate(specs)))


def blank(_runs: Sequence[object]) -> Picture:
    return Picture()


def trained(spec: ExperimentSpec) -> RealRun:
    return finished(side_by_side(stage(spec), blank))[0]


@pytest.fixture(scope="module")
def run() -> RealRun:
    return trained(SPEC)


def test_the_end_of_an_unmeasured_run_is_that_of_a_measured_one(run: RealRun) -> None:
    cache = RunCache()
    (found,) = finished(ended_runs(stage(SPEC).runs, blank, cache))
    assert found.val == run.evaluations[-1].val
    again = finished(ended_runs((NamedSpec("renamed", SPEC),), blank, cache))
    assert again == (replace(found, name="renamed"),)


def test_an_unmeasured_run_is_not_evaluated_as_it_goes() -> None:
    unmeasured = UnmeasuredRun(NamedSpec("", SPEC))
    finished(unmeasured.begin(RunCache().data))
    while unmeasured.ended is None:
        unmeasured.advance(100)
    assert len(unmeasured.evaluations) == 3 and all(event.val is None for event in unmeasured.evaluations)


def test_each_draw_has_a_seed_of_its_own_and_each_seed_other_draws() -> None:
    two = drawn(stage(SPEC, PLAIN, seed=4), 3)
    assert [(named.name, named.spec.loop.seed) for named in two] == [
        *(("run 0", seed) for seed in (12, 13, 14)),
        *(("run 1", seed) for seed in (12, 13, 14)),
    ]
    assert all(named.spec.data.split_seed == named.spec.loop.seed for named in two)
    assert drawn(stage(SPEC, seed=2**31 - 1), 3)[0].spec.loop.seed < 2**31


def test_numbers_of_draws_are_those_of_the_means() -> None:
    beside = stage(SPEC, PLAIN)
    ways = [[trained(seeded(spec, seed)) for seed in range(3)] for spec in (SPEC, PLAIN)]
    gaps = [np.mean([e.val.loss - e.train_eval.loss for each in way for e in each.evaluations]) for way in ways]
    bests = [np.mean([best_accuracy(each) for each in way]) for way in ways]
    assert finished(GapRatio().measure(beside)) == pytest.approx(gaps[0] / gaps[1])
    assert finished(MeanScoreLead(run=1, against=0).measure(beside)) == pytest.approx(100 * (bests[1] - bests[0]))


def test_with_more_examples_there_are_fewer_epochs_and_the_lead_is_that_of_its_number() -> None:
    quantity = LeadWithFew(numbers=(4, 16), examples=16, draws=1)
    two = stage(SPEC.edited("loop.epochs", 8), PLAIN.edited("loop.epochs", 8))
    plan = [named.spec.edited("data.examples_per_class", 16).edited("loop.epochs", 2) for named in drawn(two, 1)]
    ends = finished(ended_runs([NamedSpec("", spec) for spec in plan], blank, RunCache()))
    wanted = 100 * (ends[0].val.accuracy - ends[1].val.accuracy)
    assert finished(quantity.measure(two)) == pytest.approx(wanted)
    assert np.isnan(finished(LeadWithFew(numbers=(4, 16), examples=5, draws=1).measure(two)))


def test_a_picture_of_few_examples_has_what_has_ended() -> None:
    frames = list(LeadWithFew(numbers=(2, 4), examples=2, draws=1).measure(stage(SPEC, PLAIN)))
    pictures = [frame.picture for frame in frames if frame.picture is not None]
    counts = [[len(line.x) for line in picture.panels[0].lines] for picture in pictures]
    assert counts == [[0, 0], [1, 0], [1, 1], [2, 1], [2, 2]]
    assert pictures[1].table is not None and pictures[1].table.rows[1][1:] == ("…", "…")
    done = [frame.done for frame in frames if frame.total == frames[-1].total]
    assert done == sorted(done) and done[0] == 0 and done[-1] == frames[-1].total


def test_the_plain_pass_is_the_evaluation_and_random_ones_differ(run: RealRun) -> None:
    val = run.evaluations[-1].val
    assert val is not None
    shares = random_passes(run, 3)
    assert (plain_pass(run).argmax(1) == labels(run)).mean() == pytest.approx(val.accuracy)
    assert run.network.training, "as it was before"
    assert not np.array_equal(shares[0], shares[1]) and np.array_equal(shares, random_passes(run, 3))


def test_what_is_kept_is_divided_so_that_the_mean_is_kept(run: RealRun, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept_share(run, 300) == pytest.approx(1.0, abs=0.02)

    def undivided(self: Dropout, x: Tensor) -> Tensor:
        return x * self.kept(x) if self.training else x

    monkeypatch.setattr(Dropout, "forward", undivided)
    assert kept_share(run, 300) == pytest.approx(0.7, abs=0.02)
    assert np.isnan(kept_share(trained(PLAIN), 2))


def test_passes_are_averaged_before_they_are_scored() -> None:
    """Two passes that are each wrong about another example, and right together about both."""
    shares = np.array([[[0.9, 0.1], [0.55, 0.45]], [[0.45, 0.55], [0.1, 0.9]]])
    found = Passes(shares, shares[0], np.array([0, 1]))
    assert found.single == 0.5 and found.averages == [0.5, 1.0]
    assert found.spread == pytest.approx(0.225)
