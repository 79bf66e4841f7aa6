"""Every rule that explains a curve, on recorded runs where it must speak and where it must be silent."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.engine.report.curves import run
from tests.engine.report.recorded.record import RUNS
from tests.engine.report.test_causes import ended, history
from workbench.engine.report import explain
from workbench.engine.report.curve_rules import NotLearning
from workbench.engine.report.explain import RULES
from workbench.engine.report.explanation import Explanation, Rule
from workbench.engine.report.verdict import Judge
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec

#: Rule → the runs on which it must speak, and those on which it must be silent.
SPEAKS: dict[str, set[str]] = {
    "not_learning": {"weights_1e-8", "weights_1e-2_deep", "weights_zero", "rate_1_without_batch_norm", "rate_3"},
    "strong_penalty": {"decay_0.3", "l2_0.3"},
    "initialization": {"weights_1e-8", "weights_3", "weights_3_tanh", "weights_zero"},
    "rate_too_high": {"rate_3", "rate_1_without_batch_norm"},
    "rate_too_low": {"rate_1e-5", "rate_1e-4"},
    "silent_units": {"weights_3", "weights_3_tanh", "rate_1_without_batch_norm"},
    "overfitting": {"overfit"},
    "noisy_validation": {"weights_3_tanh", "decay_0.3", "l2_0.3"},
    "underfitting": {"width_1", "width_2", "points_width_2"},
    "best_at_last": {"rate_1e-4", "rate_1e-3", "few_examples"},
}
SILENT: dict[str, set[str]] = {
    "not_learning": {"rate_1e-4", "weights_3_tanh", "width_1", "points_linear", "decay_0.3", "overfit"},
    "strong_penalty": {"rate_3", "width_1", "overfit"},
    "initialization": {"rate_3", "rate_1e-5", "width_1", "overfit"},
    "rate_too_high": {"rate_1e-5", "rate_1e-3", "width_1", "points_linear"},
    "rate_too_low": {"rate_3", "rate_1e-3", "weights_1e-8", "width_1"},
    "silent_units": {"rate_1", "rate_1e-5", "width_1", "decay_0.3", "points_usual"},
    "overfitting": {"few_examples", "points_usual", "rate_1e-3", "decay_0.3", "width_1", "dropout_0.9"},
    "noisy_validation": {"rate_3", "rate_1", "width_1", "few_examples", "overfit", "few_validation", "dropout_0.9"},
    "underfitting": {"rate_1e-4", "rate_1e-3", "few_examples", "weights_1e-8", "overfit"},
    "best_at_last": {"rate_1e-5", "rate_1", "overfit", "points_usual", "width_1", "decay_0.3"},
}
#: Runs that nothing has to be said of.
WELL = ("usual", "rate_1", "dropout_0.9", "points_usual", "few_validation")


@pytest.fixture(autouse=True)
def _recorded_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "numbers", lambda stat: stat.numbers)


def found(name: str) -> dict[str, Explanation]:
    return {each.rule: each for each in Judge(ended(name)).explanations()}


@pytest.mark.parametrize("name", sorted(SPEAKS["not_learning"]))
def test_the_headline_of_a_run_at_chance_is_that_nothing_is_learned(name: str) -> None:
    verdict = Judge(ended(name)).verdict()
    assert verdict.kind == "plateau" and verdict.headline == NotLearning.sentence
    assert any("equal probabilities give" in words for words in verdict.evidence)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_speaks_and_is_silent(rule: Rule) -> None:
    assert SPEAKS[rule.name] and not SPEAKS[rule.name] & SILENT[rule.name]
    assert {name for name in SPEAKS[rule.name] if rule.name not in found(name)} == set()
    assert {name for name in SILENT[rule.name] if rule.name in found(name)} == set()


def test_every_rule_has_its_curves_and_one_name() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names) and set(names) == set(SPEAKS) == set(SILENT)


@pytest.mark.parametrize("name", WELL)
def test_nothing_is_said_of_a_run_that_is_well(name: str) -> None:
    assert found(name) == {}


@pytest.mark.parametrize("name", RUNS)
def test_each_cites_numbers_with_their_place_and_an_edit_that_can_be_made(name: str) -> None:
    started = history(name).started
    assert started is not None
    spec, last = ExperimentSpec.model_validate(started.spec), history(name).evaluations[-1].step
    for each in found(name).values():
        assert each.sentence.endswith(".") and each.evidence
        for evidence in each.evidence:
            assert any(sign.isdigit() for sign in evidence.words)
            assert 0 <= evidence.first <= evidence.last <= last
        assert [spec.edited(*edit) for edit in each.edits] != [spec] * len(each.edits) or not each.edits


def test_overfitting_is_dated_by_the_lowest_validation_loss() -> None:
    evaluations = history("overfit").evaluations
    lowest = min(evaluations, key=lambda each: each.val.loss if each.val is not None else 9.0)
    said = found("overfit")["overfitting"]
    assert f"Overfitting since epoch {lowest.epochs_done}:" in said.sentence
    assert (said.evidence[0].first, said.evidence[0].last) == (lowest.step, evaluations[-1].step)


def test_more_epochs_are_advised_only_of_a_run_that_came_to_its_end() -> None:
    known, running = ended("few_examples"), History(history("few_examples").steps)
    assert known.started is not None and known.layers is not None
    for event in (known.started, *known.evaluations, known.layers):
        running.fold(event)
    assert "best_at_last" in found("few_examples")
    assert "best_at_last" not in {each.rule for each in Judge(running).explanations()}


def test_a_rise_within_the_uncertainty_is_no_overfitting() -> None:
    known, unsure = history("overfit"), History(history("overfit").steps)
    assert known.started is not None and known.layers is not None
    unsure.fold(known.started)
    unsure.fold(known.layers)
    for each in known.evaluations:
        assert each.val is not None
        unsure.fold(replace(each, val=replace(each.val, loss_se=each.val.loss)))
    assert "overfitting" not in {each.rule for each in Judge(unsure).explanations()}


def test_nothing_is_said_too_early() -> None:
    known, early = history("rate_3"), History(history("rate_3").steps)
    assert known.started is not None
    early.fold(known.started)
    assert Judge(early).explanations() == ()
    for each in known.evaluations[:3]:
        early.fold(each)
    assert Judge(early).explanations() == ()


def test_nothing_is_said_of_losses_that_are_no_numbers() -> None:
    known, broken = history("rate_3"), History(history("rate_3").steps)
    assert known.started is not None
    broken.fold(known.started)
    for each in known.evaluations:
        assert each.train_eval is not None
        broken.fold(replace(each, train_eval=replace(each.train_eval, loss=math.nan)))
    assert Judge(broken).explanations() == ()


def test_a_bend_of_the_curve_is_no_noise() -> None:
    rise, bend = [0.1, 0.6, 0.7, 0.8, 0.86, 0.85, 0.85, 0.84, 0.84, 0.83, 0.83], [0.5] * 11
    judge = Judge(run(bend, bend, rise))
    assert "noisy_validation" not in {each.rule for each in judge.explanations()}
    jumps = [0.1, 0.6, 0.7, 0.6, 0.72, 0.63, 0.74, 0.62, 0.7, 0.6, 0.73]
    said = {each.rule: each for each in Judge(run(bend, bend, jumps)).explanations()}["noisy_validation"]
    assert "between 60.0\xa0% and 74.0\xa0%" in said.evidence[0].words and said.evidence[0].first == 23


def forked(name: str, at: int) -> dict[str, Explanation]:
    """What is said of a recorded run if it were a fork whose first evaluation is number ``at``."""
    known = ended(name)
    assert known.started is not None and known.layers is not None and known.ended is not None
    made = History(known.steps)
    later = known.evaluations[at:]
    made.fold(replace(known.started, parent="the-parent", parent_step=later[0].step - 1))
    for event in (*later, known.layers, known.ended):
        made.fold(event)
    return {each.rule: each for each in Judge(made).explanations()}


def test_a_fork_is_explained_from_where_it_branched_off() -> None:
    """A fork has no evaluation before the first step; advice on it never begins before it does."""
    said = forked("overfit", 2)
    assert set(said) == set(found("overfit")) == {"overfitting"}
    for name in ("decay_0.3", "width_1", "few_examples"):
        first = history(name).evaluations[2].step
        places = [evidence.first for each in forked(name, 2).values() for evidence in each.evidence]
        assert places and min(places) >= first


def test_what_only_a_start_shows_is_not_said_of_a_fork() -> None:
    for name in ("weights_3", "rate_3", "rate_1e-5"):
        of_start = {"initialization", "rate_too_low"}
        assert found(name).keys() & of_start or "rate_too_high" in found(name)
        assert not forked(name, 1).keys() & of_start
        assert "rose" not in " ".join(e.words for each in forked(name, 1).values() for e in each.evidence)
