"""Every rule of the verdict with one curve just inside its margin and one just outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from tests.engine.report.curves import SPEC, started
from workbench.engine.core.events import EpochEnded, Measured, Notice, RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.report.verdict import Judge, Verdict
from workbench.engine.run_store.history import History

SE = 0.01
#: Two standard errors of a difference where both means have the standard error SE.
MARGIN = 2 * math.sqrt(2) * SE
INSIDE, OUTSIDE = 0.99 * MARGIN, 1.01 * MARGIN


@dataclass(frozen=True)
class At:
    """One evaluation. Standard errors are those of the loss and of the accuracy, of both splits alike."""

    train: float = 0.5
    val: float = 0.5
    accuracy: float = 0.8
    train_accuracy: float = 0.8
    se: float = SE


def history(points: Sequence[At], first_epoch: int = 0) -> History:
    """A run with these evaluations; the best is marked as the engine does: accuracy, then loss."""
    made = History(StepStore(64))
    made.fold(started(SPEC))
    best, stale = (-1.0, 0.0), 0
    for epoch, at in enumerate(points, first_epoch):
        rank = (at.accuracy, -at.val)
        is_best = rank > best
        best, stale = (rank, 0) if is_best else (best, stale + 1)
        train = Measured(at.train, at.train_accuracy, 360, at.se, at.se)
        val = Measured(at.val, at.accuracy, 360, at.se, at.se)
        running = at.train if epoch else None
        made.fold(EpochEnded(epoch, epoch * 23, 1.0, 0.05, running, running, train, val, is_best, stale, 1e4))
    return made


def judged(*points: At, first_epoch: int = 0) -> Verdict:
    return Judge(history(points, first_epoch)).verdict()


#: Before the first step; nothing later is worse.
START = At(2.3, 2.3, 0.1, 0.1)


def flat(number: int = 5, **values: float) -> list[At]:
    """Evaluations that are all alike: after one of them that was better, the curve is flat for ``number``."""
    return [At(**values)] * number


# --- has training fallen since the best -------------------------------------------------------------------------------


@pytest.mark.parametrize(("fall", "kind"), [(INSIDE, "plateau"), (OUTSIDE, "overfitting"), (-OUTSIDE, "plateau")])
def test_training_fell_by_more_than_two_standard_errors(fall: float, kind: str) -> None:
    """Accuracy was best at epoch 1, five evaluations ago; the gap is clear."""
    best = At(0.5, 0.8, 0.81)
    assert judged(START, best, *flat(train=0.5 - fall, val=0.8)).kind == kind


def test_the_standard_errors_of_both_evaluations_count() -> None:
    """√(0.03² + 0.01²), not twice the smaller or the larger one alone."""
    border = 2 * math.hypot(0.03, SE)
    for fall, kind in ((0.99 * border, "plateau"), (1.01 * border, "overfitting")):
        best = At(0.5, 0.8, 0.81, se=0.03)
        assert judged(START, best, *flat(train=0.5 - fall, val=0.8)).kind == kind


@pytest.mark.parametrize(("stale", "kind"), [(4, "unclear"), (5, "overfitting"), (6, "overfitting")])
def test_five_evaluations_without_a_better_one_are_flat(stale: int, kind: str) -> None:
    best = At(0.5, 0.8, 0.82)
    before = [At(0.5, 0.8, 0.81)] * 6
    assert judged(START, *before, best, *flat(stale, train=0.3, val=0.8)).kind == kind


# --- is there a gap --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "kind"), [(INSIDE, "unclear"), (OUTSIDE, "overfitting"), (-INSIDE, "unclear"), (-OUTSIDE, "unclear")]
)
def test_overfitting_needs_a_gap_above_zero(gap: float, kind: str) -> None:
    best = At(0.8, 0.3 + gap, 0.81)
    verdict = judged(START, best, *flat(train=0.3, val=0.3 + gap))
    assert verdict.kind == kind
    assert ("not above train loss" in verdict.headline) == (kind == "unclear")


@pytest.mark.parametrize(
    ("gap", "kind"), [(INSIDE, "no_gap"), (-INSIDE, "no_gap"), (OUTSIDE, "plateau"), (-OUTSIDE, "plateau")]
)
def test_a_flat_run_with_and_without_a_gap(gap: float, kind: str) -> None:
    best = At(0.5, 0.5 + gap, 0.81)
    verdict = judged(START, best, *flat(val=0.5 + gap))
    assert verdict.kind == kind
    assert (verdict.suggestion.path if verdict.suggestion else None) == (None if kind == "no_gap" else "optimizer.lr")


@pytest.mark.parametrize("gap", [0.0, 0.3])
@pytest.mark.parametrize(
    ("best", "train", "advised"),
    [(1.0, 0.9, False), (0.9, 1.0, False), (1.0, 1.0, False), (0.999, 0.999, True), (0.9, 0.9, True)],
)
def test_no_advice_where_all_of_one_split_is_right(gap: float, best: float, train: float, advised: bool) -> None:
    """The best validation, or training as it is now: either is enough, and what is below 1 is not all."""
    verdict = judged(START, At(0.5, 0.5 + gap, best), *flat(val=0.5 + gap, accuracy=0.8, train_accuracy=train))
    assert verdict.kind == ("plateau" if gap else "no_gap")
    # Without a gap only the layers could tell what keeps it from fitting, and these were not measured.
    assert (verdict.suggestion is not None) == (advised and gap > 0)


# --- the loss of validation rises -------------------------------------------------------------------------------------


def rising(rise: float, fall: float = 0.3, since: int = 5, accuracy: float = 0.8) -> Verdict:
    """The lowest validation loss lies ``since`` evaluations back; accuracy creeps up, so it is not flat."""
    lowest = At(0.5, 0.6, 0.7)
    creeping = [At(0.5 - fall, 0.6 + rise, accuracy + 0.0001 * k) for k in range(since)]
    return judged(START, *[At(0.7, 0.8, 0.7)] * 4, lowest, *creeping)


@pytest.mark.parametrize("accuracy", [0.7, 0.8])
def test_the_loss_rose_by_more_than_two_standard_errors(accuracy: float) -> None:
    risen = rising(OUTSIDE, accuracy=accuracy)
    assert risen.kind == "overfitting" and risen.headline.startswith("Validation loss has not improved for 5 epochs")
    assert rising(INSIDE, accuracy=accuracy).kind == ("learning" if accuracy == 0.8 else "unclear")
    assert rising(-INSIDE, accuracy=accuracy).kind == ("learning" if accuracy == 0.8 else "unclear")


@pytest.mark.parametrize(("since", "kind"), [(4, "unclear"), (5, "overfitting")])
def test_the_loss_must_have_risen_for_five_evaluations(since: int, kind: str) -> None:
    lowest = At(0.5, 0.6, 0.79)
    verdict = judged(START, *[At(0.6, 0.61, 0.795)] * 5, lowest, *[At(0.2, 0.7, 0.8 + 1e-4 * k) for k in range(since)])
    assert verdict.kind == kind


@pytest.mark.parametrize(("fall", "kind"), [(INSIDE, "learning"), (OUTSIDE, "overfitting")])
def test_a_risen_loss_is_overfitting_only_if_training_fell_since_the_lowest(fall: float, kind: str) -> None:
    assert rising(0.1, fall).kind == kind


def test_the_lowest_loss_is_the_first_of_equal_ones() -> None:
    twice = [At(0.5, 0.6, 0.70), At(0.5, 0.6, 0.701)]
    verdict = judged(START, *twice, *[At(0.2, 0.7, 0.702 + 1e-4 * k) for k in range(4)])
    assert verdict.kind == "overfitting" and "has not improved for 5 epochs" in verdict.headline
    assert "Validation loss rose from 0.60 (epoch 1) to 0.70." in verdict.evidence


@pytest.mark.parametrize("rise", [INSIDE, OUTSIDE])
def test_the_risen_loss_is_evidence_only_outside_the_margin(rise: float) -> None:
    verdict = judged(START, At(0.8, 0.6, 0.81), *flat(train=0.3, val=0.6 + rise))
    assert verdict.kind == "overfitting"
    assert any("Validation loss rose" in words for words in verdict.evidence) == (rise == OUTSIDE)


# --- is it learning ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "kind"), [(INSIDE, "unclear"), (OUTSIDE, "learning"), (-OUTSIDE, "no_gap")])
def test_learning_is_an_accuracy_that_rose(change: float, kind: str) -> None:
    before, after = [At(accuracy=0.7)] * 3, [At(accuracy=0.7 + change)] * 3
    assert judged(*before, *after, first_epoch=1).kind == kind


@pytest.mark.parametrize(("change", "kind"), [(INSIDE, "unclear"), (OUTSIDE, "learning"), (-INSIDE, "no_gap")])
def test_learning_is_a_loss_that_fell(change: float, kind: str) -> None:
    before, after = [At(val=0.6, train=0.6)] * 3, [At(val=0.6 - change, train=0.6 - change)] * 3
    assert judged(*before, *after, first_epoch=1).kind == kind


def test_the_standard_errors_of_then_and_now_count_for_learning() -> None:
    border = 2 * math.hypot(0.04, SE)
    for share, kind in ((0.99, "unclear"), (1.01, "learning")):
        by_accuracy = [At(accuracy=0.7, se=0.04), *[At(accuracy=0.7 + share * border)] * 5]
        assert judged(*by_accuracy, first_epoch=1).kind == kind
        by_loss = [At(0.6, 0.6, se=0.04), *[At(0.6 - share * border, 0.6 - share * border)] * 5]
        assert judged(*by_loss, first_epoch=1).kind == kind


def test_the_window_reaches_five_evaluations_back_and_no_further() -> None:
    """An improvement between the sixth and the fifth evaluation before now is not seen any more."""
    low, high = At(accuracy=0.6), At(accuracy=0.7)
    assert judged(low, *[high] * 5, first_epoch=1).kind == "learning"
    assert judged(low, *[high] * 6, first_epoch=1).kind != "learning"
    assert "last 5 epochs" in judged(low, *[high] * 5, first_epoch=1).headline


@pytest.mark.parametrize("reason", ["completed", "stopped", "failed", None])
def test_more_epochs_are_offered_to_a_run_that_completed(reason: str | None) -> None:
    run = history([At(accuracy=0.5 + 0.05 * k, train=1 - 0.1 * k, val=1 - 0.1 * k) for k in range(6)])
    if reason is not None:
        run.fold(RunEnded(reason, 1, 1, 1.0, ""))  # type: ignore[arg-type]
    verdict = Judge(run).verdict()
    assert verdict.kind == "learning"
    assert (verdict.suggestion is not None) == (reason == "completed")


@pytest.mark.parametrize(("gap", "said"), [(INSIDE, True), (-INSIDE, True), (OUTSIDE, False), (-OUTSIDE, False)])
def test_learning_without_a_gap_says_so(gap: float, said: bool) -> None:
    points = [At(1 - 0.1 * k, 1 - 0.1 * k + gap, 0.5 + 0.05 * k) for k in range(6)]
    verdict = judged(*points)
    assert verdict.kind == "learning"
    assert any(words.startswith("No gap so far") for words in verdict.evidence) == said


# --- praise -----------------------------------------------------------------------------------------------------------


def praised(accuracy: float, train: float, rise: float = 0.0, se: float = 0.001) -> bool:
    points = [At(0.1, 0.1 + rise * (k > 0), accuracy, train, se) for k in range(6)]
    return judged(START, *points).kind == "learned"


@pytest.mark.parametrize(("accuracy", "praise"), [(0.9499, False), (0.95, True), (0.96, True)])
def test_praise_begins_at_95_per_cent(accuracy: float, praise: bool) -> None:
    assert praised(accuracy, accuracy) == praise


@pytest.mark.parametrize(
    ("gap", "praise"), [(0.0199, True), (0.0201, False), (0.025, False), (0.03, False), (-0.03, True)]
)
def test_praise_allows_two_points_of_gap(gap: float, praise: bool) -> None:
    """Their margin is 2 · √2 · 0.001, far smaller. Training may be the worse of the two."""
    assert praised(0.96, 0.96 + gap) == praise


@pytest.mark.parametrize(("share", "praise"), [(0.99, True), (1.01, False)])
def test_praise_allows_a_gap_of_two_standard_errors(share: float, praise: bool) -> None:
    se = 0.0125  # so that two standard errors of the difference are 0.0354
    assert praised(0.96, 0.96 + share * 2 * math.sqrt(2) * se, se=se) == praise


@pytest.mark.parametrize(("share", "praise"), [(0.99, True), (1.01, False)])
def test_no_praise_for_a_risen_loss(share: float, praise: bool) -> None:
    assert praised(0.96, 0.96, rise=share * 2 * math.sqrt(2) * 0.001) == praise


# --- divergence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rise", "worse"), [(INSIDE, False), (OUTSIDE, True), (-OUTSIDE, False)])
def test_training_made_it_worse_beyond_two_standard_errors(rise: float, worse: bool) -> None:
    points = [At(2.3, 2.3, 0.1, 0.1), At(1.0, 1.0, 0.5), At(2.3 + rise, 2.3, 0.1)]
    assert (judged(*points).kind == "diverged") == worse


def test_the_standard_errors_of_the_start_and_of_now_count() -> None:
    border = 2 * math.hypot(0.05, SE)
    for share, worse in ((0.99, False), (1.01, True)):
        verdict = judged(replace(START, se=0.05), At(2.3 + share * border, 2.3))
        assert (verdict.kind == "diverged") == worse


def test_only_the_evaluation_before_the_first_step_is_compared_with() -> None:
    worse = [At(1.0, 1.0), At(2.0, 2.0)]
    assert judged(*worse).kind == "diverged"
    assert judged(*worse, first_epoch=1).kind != "diverged"
    assert judged(At(1.0, 1.0)).kind != "diverged"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_training_loss_that_is_no_number_now_is_divergence(value: float) -> None:
    assert judged(START, At(1.0, 1.0), At(value, 1.0)).kind == "diverged"
    assert judged(START, At(value, 1.0), *[At(1.0, 1.0)] * 4).kind != "diverged"


@pytest.mark.parametrize("severity", ["warning", "error"])
@pytest.mark.parametrize("reason", ["failed", "completed", "stopped", None])
def test_a_warning_is_divergence_only_of_a_run_that_failed(severity: str, reason: str | None) -> None:
    run = history([START, At(1.0, 1.0), At(0.5, 0.5)])
    run.fold(Notice(7, "diverged", "It grew.", severity))  # type: ignore[arg-type]
    if reason is not None:
        run.fold(RunEnded(reason, 1, 1, 1.0, ""))  # type: ignore[arg-type]
    verdict = Judge(run).verdict()
    assert (verdict.kind == "diverged") == (severity == "error" or reason == "failed")
    assert (verdict.headline == "It grew.") == (verdict.kind == "diverged")


def test_the_error_is_repeated_and_not_the_warning_before_it() -> None:
    run = history([START, At(1.0, 1.0)])
    run.fold(Notice(7, "diverged", "It grew.", "warning"))
    run.fold(Notice(8, "other", "Something else.", "error"))
    assert Judge(run).verdict().kind != "diverged"
    run.fold(Notice(9, "diverged", "It broke.", "error"))
    assert Judge(run).verdict().headline == "It broke."


# --- how much is needed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first_epoch", [0, 1])
def test_three_evaluations_after_training_began(first_epoch: int) -> None:
    points = [At(1 - 0.1 * k, 1 - 0.1 * k) for k in range(5)]
    enough = 4 if first_epoch == 0 else 3
    assert judged(*points[: enough - 1], first_epoch=first_epoch).kind == "too_early"
    assert "2 of 3" in judged(*points[: enough - 1], first_epoch=first_epoch).headline
    assert judged(*points[:enough], first_epoch=first_epoch).kind == "learning"
