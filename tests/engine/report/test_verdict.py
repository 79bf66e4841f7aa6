"""Each verdict from curves that deserve it, and none from curves that do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.engine.report.curves import SPEC, measured, run, started
from workbench.engine.core.events import Edited, MeasuredOnTest, Notice, RunEnded
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import decimal_text, percent
from workbench.engine.report.generalization_gap import LossGap, split_of, trains_at_random
from workbench.engine.report.verdict import NO_GAP, PRAISE_RULE, RULE, Judge
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec

FALLING = [2.3, 1.2, 0.8, 0.55, 0.4, 0.3, 0.22, 0.16, 0.12, 0.09, 0.06]
OVERFIT_VAL = [2.3, 1.25, 0.9, 0.7, 0.62, 0.61, 0.64, 0.66, 0.7, 0.72, 0.75]
OVERFIT_ACCURACY = [0.1, 0.6, 0.7, 0.8, 0.86, 0.85, 0.85, 0.84, 0.84, 0.83, 0.83]


def completed(history: History) -> History:
    history.fold(RunEnded("completed", 1, 1, 1.0, ""))
    return history


def test_nothing_yet():
    assert Judge(History()).verdict().kind == "empty"
    begun = History()
    begun.fold(started())
    assert Judge(begun).verdict().kind == "too_early"
    reading = History()
    reading.fold(Loading(3, 10, "Reading pictures"))
    assert Judge(reading).verdict().headline.startswith("The data is being read")


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_silent_below_three_evaluations_after_training_began(epochs):
    verdict = Judge(run(FALLING[:epochs], FALLING[:epochs])).verdict()
    assert verdict.kind == "too_early" and f"{epochs - 1} of 3" in verdict.headline
    assert verdict.suggestion is None


def test_speaks_at_three():
    assert Judge(run(FALLING[:4], FALLING[:4])).verdict().kind == "learning"


def test_no_validation():
    verdict = Judge(run(FALLING, None)).verdict()
    assert verdict.kind == "no_validation" and verdict.split is None
    assert verdict.suggestion and verdict.suggestion.path == "data.validation_fraction"


def test_learning_states_the_window_and_the_numbers():
    verdict = Judge(run(FALLING, [x + 0.05 for x in FALLING], [0.1 * k / 1.2 for k in range(11)])).verdict()
    assert verdict.kind == "learning"
    assert verdict.headline == "Still learning: over the last 5 epochs validation loss went from 0.35 to 0.11."
    assert RULE in verdict.evidence and verdict.suggestion is None


def test_a_completed_run_that_still_learns_is_offered_more_epochs():
    verdict = Judge(completed(run(FALLING, FALLING, [k / 20 for k in range(11)]))).verdict()
    assert verdict.suggestion and (verdict.suggestion.path, verdict.suggestion.value) == ("loop.epochs", 30)


def test_overfitting():
    verdict = Judge(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY)).verdict()
    assert verdict.kind == "overfitting"
    assert verdict.headline == "Validation has not improved for 6 epochs while training fell; gap 0.69."
    assert "Best validation accuracy 86.0\xa0% (epoch 4); now 83.0\xa0%." in verdict.evidence
    assert "Train loss since then: 0.40 to 0.06." in verdict.evidence
    assert "Validation loss rose from 0.61 (epoch 5) to 0.75." in verdict.evidence
    assert verdict.suggestion and verdict.suggestion.words == "Try dropout 0.2"
    assert verdict.best is not None and verdict.best.epochs_done == 4


def test_not_overfitting_one_epoch_before_the_window_is_full():
    assert Judge(run(FALLING[:9], OVERFIT_VAL[:9], OVERFIT_ACCURACY[:9])).verdict().kind != "overfitting"
    assert Judge(run(FALLING[:10], OVERFIT_VAL[:10], OVERFIT_ACCURACY[:10])).verdict().kind == "overfitting"


def test_overfitting_seen_in_the_loss_while_accuracy_holds():
    accuracy = [0.1, 0.6, 0.7, 0.8, 0.82, 0.83, 0.84, 0.85, 0.86, 0.87, 0.88]
    verdict = Judge(run(FALLING, OVERFIT_VAL, accuracy)).verdict()
    assert verdict.kind == "overfitting"
    assert verdict.headline.startswith("Validation loss has not improved for 5 epochs while training fell")
    assert any("Accuracy has not fallen yet" in words for words in verdict.evidence)


def test_silent_about_a_gap_within_two_standard_errors():
    verdict = Judge(run(FALLING, [*FALLING[:5], *[0.14] * 6], OVERFIT_ACCURACY, se=0.05)).verdict()
    assert verdict.kind == "unclear" and "more than 2 standard errors" in verdict.headline
    assert verdict.suggestion is None


def test_accuracy_that_stands_still_while_the_loss_falls_is_learning():
    assert Judge(run(FALLING, FALLING, [0.9] * 11)).verdict().kind == "learning"


def test_plateau_with_a_gap():
    flat = [2.3, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    verdict = Judge(run(flat, [x + 0.2 for x in flat], [0.1, 0.5, 0.8] + [0.79] * 6)).verdict()
    assert verdict.kind == "plateau"
    assert verdict.headline == "Neither validation nor training has improved for 6 epochs; gap 0.20."
    assert verdict.suggestion and (verdict.suggestion.path, verdict.suggestion.value) == ("optimizer.lr", 0.005)


def test_no_gap_says_what_the_lecture_says():
    flat = [2.3, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    verdict = Judge(run(flat, flat, [0.1, 0.5, 0.8] + [0.79] * 6)).verdict()
    assert verdict.kind == "no_gap" and NO_GAP in verdict.evidence
    assert "best validation score" in NO_GAP
    assert verdict.suggestion is None  # nothing is known of the layers, so it is not clear that more would help


def test_no_advice_where_everything_is_right():
    flat = [2.3, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    history = run(flat, flat, [0.1, 0.5, 1.0] + [0.99] * 6)
    assert Judge(history).verdict().suggestion is None


def test_too_close_to_call():
    slow = [2.3, 0.5, 0.5, 0.49, 0.49]
    verdict = Judge(run(slow[1:], slow[1:], [0.5, 0.501, 0.502, 0.503], se=0.05)).verdict()
    assert verdict.kind == "unclear" and verdict.headline.startswith("No clear change")


def test_diverged_by_notice():
    history = run(FALLING, FALLING)
    history.fold(Notice(7, "diverged", "Training diverged at step 8: the loss is no longer a number.", "error"))
    verdict = Judge(history).verdict()
    assert verdict.kind == "diverged" and "step 8" in verdict.headline
    assert verdict.suggestion and verdict.suggestion.value == 0.005


def test_a_warning_that_was_recovered_from_is_not_the_end():
    history = run(FALLING, FALLING)
    history.fold(Notice(7, "diverged", "The loss grew to 3e3.", "warning"))
    assert Judge(history).verdict().kind == "learning"


def test_diverged_by_nan_and_by_rising():
    assert Judge(run([2.3, 1.0, float("nan")], [2.3, 1.0, float("nan")])).verdict().kind == "diverged"
    rising = Judge(run([2.3, 2.9, 4.0, 9.0], [2.3, 3.0, 4.0, 9.0])).verdict()
    assert rising.kind == "diverged"
    assert (
        rising.headline == "Training has increased the loss: the train loss is 9.00; before the first step it was 2.30."
    )


def test_a_validation_that_is_no_number_is_not_judged():
    verdict = Judge(run(FALLING[:5], [2.3, 1.0, 0.8, 0.7, float("inf")])).verdict()
    assert verdict.split is None and verdict.kind == "unclear"


def test_the_rate_of_a_suggestion_is_the_one_of_now():
    history = run(FALLING, FALLING)
    history.fold(Edited(3, "optimizer.lr", 0.05, 0.3))
    history.fold(Notice(7, "diverged", "…", "error"))
    suggestion = Judge(history).verdict().suggestion
    assert suggestion is not None and suggestion.value == 0.03


@pytest.mark.parametrize(
    ("members", "path", "value"),
    [
        ([{"kind": "dropout", "p": 0.2, "conv": False}], "regularization.0.p", 0.4),
        ([{"kind": "l2"}, {"kind": "dropout", "p": 0.4, "conv": False}], "regularization.1.p", 0.5),
        ([{"kind": "dropout", "p": 0.5, "conv": False}], None, None),
    ],
)
def test_more_dropout_up_to_a_half(members, path, value):
    suggestion = (
        Judge(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY, spec={**SPEC, "regularization": members}))
        .verdict()
        .suggestion
    )
    assert (suggestion and suggestion.path, suggestion and suggestion.value) == (path, value)


def test_suggestions_can_be_applied_to_the_spec():
    suggestion = Judge(run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY)).verdict().suggestion
    assert suggestion is not None
    edited = ExperimentSpec().edited(suggestion.path, suggestion.value)
    assert edited.at("regularization.0.p") == 0.2


def test_the_split_names_the_larger_part():
    history = run(FALLING, [x + 0.3 for x in FALLING], running=[None, *[x + 0.1 for x in FALLING[1:]]])
    split = split_of(history.evaluations[-1])
    assert split is not None and split.larger == "gap"
    assert split.words == "The generalization gap (0.30) is larger than the regularization effect (0.10)."
    other = split_of(replace(history.evaluations[-1], running_loss=FALLING[-1] + 0.5))
    assert other is not None and other.larger == "effect"
    assert other.words == "The regularization effect (0.50) is larger than the generalization gap (0.30)."


EFFECT = "regularization effect"


@pytest.mark.parametrize(
    ("part", "is_random"),
    [
        ({}, False),
        ({"regularization": [{"kind": "l2"}, {"kind": "label_smoothing"}]}, False),
        ({"regularization": [{"kind": "dropconnect"}]}, True),
        ({"augmentations": [{"kind": "rotation"}]}, True),
    ],
)
def test_with_nothing_random_the_running_loss_only_lags(part, is_random):
    spec = {**SPEC, **part}
    assert trains_at_random(spec) is is_random
    higher = [None, *[x + 0.1 for x in FALLING[1:]]]
    verdict = Judge(run(FALLING, [x + 0.3 for x in FALLING], running=higher, spec=spec)).verdict()
    assert verdict.split is not None and verdict.split.effect_name == (EFFECT if is_random else "running − train")
    said = EFFECT if is_random else "difference between running and measured train loss"
    assert f"The generalization gap (0.30) is larger than the {said} (0.10)." in verdict.evidence


STILL = [2.3, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]


def test_a_run_that_has_learned_is_praised():
    accuracy = [0.1, 0.8, 0.98, 0.983, 0.982, 0.983, 0.983, 0.983]
    verdict = Judge(run(STILL, [x + 0.05 for x in STILL], accuracy, train_accuracy=0.99)).verdict()
    assert verdict.kind == "learned"
    assert verdict.headline == "Learned: validation 98.3\xa0%, the gap is small."
    assert "Train 99.0\xa0%, so the accuracy gap is 0.7\xa0%." in verdict.evidence
    assert PRAISE_RULE in verdict.evidence and RULE in verdict.evidence
    assert any("Best validation accuracy 98.3\xa0% (epoch 3)" in words for words in verdict.evidence)
    assert verdict.suggestion is None


def test_a_training_loss_that_still_falls_does_not_spoil_the_praise():
    falling = [2.3, 0.5, 0.1, 0.08, 0.06, 0.04, 0.02, 0.01]
    verdict = Judge(run(falling, STILL, [0.1, 0.8, *[0.98] * 6], train_accuracy=0.99)).verdict()
    assert verdict.kind == "learned"


@pytest.mark.parametrize(
    ("accuracy", "train_accuracy", "val"),
    [
        (0.94, 0.95, STILL),  # not high enough
        (0.96, 0.999, STILL),  # far behind train
        (0.97, 0.98, [2.3, 0.5, 0.1, 0.1, 0.14, 0.14, 0.14, 0.14]),  # validation loss has risen
    ],
)
def test_no_praise_where_something_is_wrong(accuracy, train_accuracy, val):
    history = run(STILL, val, [0.1, 0.8, *[accuracy] * 6], train_accuracy=train_accuracy)
    assert Judge(history).verdict().kind != "learned"


def test_no_praise_while_it_still_learns():
    assert Judge(run(FALLING, FALLING, [0.1, *[0.97] * 10], train_accuracy=0.97)).verdict().kind == "learning"


def test_a_gap_within_the_margin_is_small():
    accuracy = [0.1, 0.8, *[0.96] * 6]
    assert Judge(run(STILL, STILL, accuracy, train_accuracy=0.99, se=0.011)).verdict().kind == "learned"
    assert Judge(run(STILL, STILL, accuracy, train_accuracy=0.99, se=0.009)).verdict().kind != "learned"


def test_the_split_is_silent_within_two_standard_errors():
    split = split_of(run(FALLING, FALLING, se=0.1).evaluations[-1])
    assert split is not None and split.larger == "neither" and "both within" in split.words
    first = split_of(run(FALLING, FALLING).evaluations[0])
    assert first is not None and first.effect is None and "±" in first.words


def test_a_judge_that_watched_says_what_one_says_that_comes_late():
    whole = run(FALLING, OVERFIT_VAL, OVERFIT_ACCURACY)
    growing = History()
    growing.fold(started())
    judge = Judge(growing)
    for epoch in whole.evaluations:
        growing.fold(epoch)
        assert judge.verdict() == Judge(growing).verdict()
    assert judge.verdict() == Judge(whole).verdict()


def test_numbers_in_words():
    assert [decimal_text(x) for x in (0.314, 0.0431, 0.0, -0.2, 1.9e-5)] == [
        "0.31",
        "0.043",
        "0.00",
        "−0.20",
        "1.9e-5",
    ]
    assert percent(0.9786) == "97.9\xa0%"


def test_a_running_mean_below_the_measurement_is_not_called_larger() -> None:
    """Ten-crop testing or batch norm's running statistics can measure worse than training runs."""
    split = LossGap(gap=0.06, margin=0.01, gap_accuracy=0.0, effect=-0.86, effect_margin=0.02)
    assert (
        split.words == "Running train is 0.86 below the measured train loss; the generalization gap (0.06) is smaller."
    )


def test_the_untrained_start_is_no_beginning_of_a_fall():
    losses = [2.04, 0.9, 0.7, 0.6, 0.57]
    verdict = Judge(run([2.0, 0.5, 0.4, 0.3, 0.25], losses)).verdict()
    assert (
        "over the last 3 epochs" in verdict.headline
        and f"from {decimal_text(0.9)} to {decimal_text(0.57)}" in verdict.headline
    )


def test_a_start_alone_is_no_progress():
    verdict = Judge(run([2.0, 0.5, 0.5, 0.5], [2.04, 0.57, 0.57, 0.57])).verdict()
    assert verdict.kind == "unclear" and verdict.headline.startswith("No clear change: over the last 2 epochs")


@pytest.mark.parametrize(("test", "is_said"), [(0.41, True), (0.80, False), (0.95, False)])
def test_a_test_far_below_validation_is_the_first_that_is_said(test: float, is_said: bool):
    history = run([2.0, 0.1, 0.01, 0.01], [2.0, 0.5, 0.5, 0.5], [0.2, 0.88, 0.88, 0.88])
    history.fold(MeasuredOnTest(69, measured(1.5, test), 1))
    verdict = Judge(history).verdict()
    assert verdict.headline.startswith("The test is far below validation: 41") == is_said
    assert any("Likely causes" in text for text in verdict.evidence) == is_said
