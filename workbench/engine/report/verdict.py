"""What a run's curves mean, in words, with the evidence and the rule behind each sentence. Pure.

Rules, stated in every verdict that uses them: it takes 3 evaluations after training began; "not improved" needs
``WINDOW`` epochs, however often they were measured; a difference smaller than two standard errors is no difference. The
standard errors are of the means over the measured examples; for one curve over time, measured on the same examples,
that is cautious.
The gap is never the goal: what counts is the best validation score.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, isfinite
from typing import Final, Literal

import numpy as np

from workbench.engine.core.events import Evaluated, Measured
from workbench.engine.core.text import counted, decimal_text, grouped, percent
from workbench.engine.report.against_test import LIKELY, far_below
from workbench.engine.report.causes import cause_of
from workbench.engine.report.curve import ENOUGH, WINDOW
from workbench.engine.report.curve_rules import NotLearning
from workbench.engine.report.explain import curve_of, explained
from workbench.engine.report.explanation import Explanation
from workbench.engine.report.generalization_gap import LossGap, margin, split_of, trains_at_random
from workbench.engine.report.points import Point, Points
from workbench.engine.report.suggestions import (
    Suggestion,
    less_fitting,
    lower_rate,
    more_epochs,
    validation,
)
from workbench.engine.run_store.history import History

#: A validation accuracy that counts as learned once it stops improving, and the largest accuracy gap allowed for it.
GOOD: Final = 0.95
SMALL_GAP: Final = 0.02

RULE: Final = (
    f"Rule: at least {ENOUGH} evaluations, a window of {WINDOW} epochs, only differences beyond ± 2 standard errors."
)
PRAISE_RULE: Final = (
    f"Rule for this verdict: validation accuracy of at least {percent(GOOD, 0)}, train at most "
    f"{grouped(100 * SMALL_GAP)} points better (or within ± 2 standard errors), and no rise of validation loss."
)
NO_GAP: Final = (
    "No gap may also mean that a little more capacity, or a little more overfitting, would help: "
    "what counts is the best validation score, not the gap."
)

Kind = Literal[
    "empty",
    "too_early",
    "no_validation",
    "learning",
    "learned",
    "unclear",
    "plateau",
    "no_gap",
    "overfitting",
    "diverged",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``headline`` is one sentence; ``evidence`` its numbers and the rule; the rest is shown beside them."""

    kind: Kind
    headline: str
    evidence: tuple[str, ...] = ()
    split: LossGap | None = None
    best: Evaluated | None = None
    suggestion: Suggestion | None = None


class Judge:
    """Judges one run again and again. Each evaluation is looked at once: a fast run has a hundred a second."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.best: Point | None = None
        self.lowest: Point | None = None
        self._seen = 0
        self._is_random: bool | None = None

    @property
    def is_random(self) -> bool:
        """Whether anything random is on in this run's training."""
        if self.history.started is None:
            return True
        if self._is_random is None:
            self._is_random = trains_at_random(self.history.started.spec)
        return self._is_random

    def explanations(self) -> tuple[Explanation, ...]:
        """What explains the curves so far, the most basic reason first; none before ``ENOUGH`` evaluations."""
        points = self.points
        if _trained(points) < ENOUGH:
            return ()
        curve = curve_of(self.history, points)
        return explained(curve) if curve is not None else ()

    def verdict(self) -> Verdict:
        """The verdict at the latest evaluation. The first case that applies wins."""
        self._look()
        for case in (_diverged, _empty, _no_validation, _too_early):
            if (verdict := case(self)) is not None:
                return verdict
        curves = _Case(self)
        return _with_test(curves, _judged(curves))

    @property
    def points(self) -> Points:
        """The evaluations that have both splits."""
        evaluations = self.history.evaluations
        there = evaluations.is_measured("train_eval") & evaluations.is_measured("val")
        return Points(evaluations, there.nonzero()[0])

    def _look(self) -> None:
        points, evaluations = self.points, self.history.evaluations
        new = points.since(self._seen)
        self._seen = len(evaluations)
        if not len(new):
            return
        bests = np.flatnonzero(new.column("is_best") & (new.column("step") > 0))
        if len(bests):
            self.best = new[int(bests[-1])]
        if self.lowest is None:
            self.lowest = new[0]
        losses = new.val.losses
        below = np.flatnonzero(losses < self.lowest.val.loss)
        if len(below):
            self.lowest = new[int(below[losses[below].argmin()])]

    @property
    def best_epoch(self) -> Evaluated | None:
        return self.best.epoch if self.best else None


class _Case:
    """What the judging rules look at: at least ``ENOUGH`` evaluations."""

    def __init__(self, judge: Judge) -> None:
        self.history, self.points = judge.history, judge.points
        self._per_epoch = judge.history.started.steps_per_epoch if judge.history.started is not None else 1
        self.now = self.points[-1]
        self.best, self.lowest = judge.best or self.now, judge.lowest or self.now
        past = self.points.last_by(self.now.epoch.step - WINDOW * self._per_epoch) or self.points[0]
        self.past = past if past.epoch.step else self.points[1]  # the start was not trained
        self.stale, self.loss_stale = self.since(self.best), self.since(self.lowest)
        self.split = split_of(self.now.epoch, judge.is_random)
        self.best_epoch = judge.best_epoch

    def since(self, point: Point) -> int:
        """Whole epochs after ``point``."""
        return (self.now.epoch.step - point.epoch.step) // self._per_epoch

    def train_fell(self, since: Point) -> bool:
        """Whether the measured training loss fell by more than two standard errors."""
        return since.train.loss - self.now.train.loss > margin(since.train, self.now.train)

    @property
    def val_loss_rose(self) -> bool:
        return self.now.val.loss - self.lowest.val.loss > margin(self.now.val, self.lowest.val)

    @property
    def val_improved(self) -> bool:
        """Within the window, accuracy or loss got better by more than two standard errors."""
        then, now = self.past.val, self.now.val
        accuracy = now.accuracy - then.accuracy > 2 * hypot(then.accuracy_se, now.accuracy_se)
        return accuracy or then.loss - now.loss > margin(then, now)

    @property
    def stale_words(self) -> str:
        return counted(self.stale, "epoch")

    @property
    def window(self) -> str:
        """The time since ``past``: ``the last 5 epochs``, or the steps of less than one."""
        epochs, steps = self.since(self.past), self.now.epoch.step - self.past.epoch.step
        if not epochs:
            return f"the last {counted(steps, 'step')}"
        return "the last epoch" if epochs == 1 else f"the last {counted(epochs, 'epoch')}"

    @property
    def rise_words(self) -> str:
        low, now = decimal_text(self.lowest.val.loss), decimal_text(self.now.val.loss)
        return f"Validation loss rose from {low} ({self.lowest.place}) to {now}."

    def verdict(self, kind: Kind, headline: str, *evidence: str, suggestion: Suggestion | None = None) -> Verdict:
        words = (self.split.words,) if self.split else ()
        why = (suggestion.why,) if suggestion is not None and suggestion.why else ()
        return Verdict(kind, headline, (*why, *evidence, *words, RULE), self.split, self.best_epoch, suggestion)

    def not_learning(self) -> Explanation | None:
        """That training stands still at chance, where it does."""
        curve = curve_of(self.history, self.points)
        return NotLearning().explained(curve) if curve is not None else None

    def cause(self, has_converged: bool = False) -> Suggestion | None:
        """Why the network does not fit its training data, if that is clear; ``has_converged``: training stands still.

        Where the start was not measured nothing is said.
        """
        curve = curve_of(self.history, self.points)
        return cause_of(curve.fit, has_converged) if curve is not None else None


def _with_test(case: _Case, verdict: Verdict) -> Verdict:
    """``verdict``, or that the test part contradicts validation, with the verdict on the curves below it."""
    words = far_below(case.history.tested, case.best.val)
    if not words:
        return verdict
    return replace(verdict, kind="unclear", headline=words, evidence=(LIKELY, verdict.headline, *verdict.evidence))


def _judged(case: _Case) -> Verdict:
    split = case.split
    if split is None:
        return case.verdict("unclear", "The losses of the last evaluation are not both finite.")
    flat = case.stale >= WINDOW and not case.val_improved  # accuracy may stand still while the loss still falls
    if not case.val_improved and _is_good(case, split):
        return _learned(case, split)
    if not case.val_improved and (at_chance := case.not_learning()) is not None:
        return _not_learning(case, at_chance)
    if flat and case.train_fell(case.best):
        return _overfitting(case, split) if split.has_gap and split.gap > 0 else _uncertain_gap(case, split)
    if case.loss_stale >= WINDOW and case.val_loss_rose and case.train_fell(case.lowest):
        return _loss_rising(case, split)
    if flat:
        return _plateau(case, split) if split.has_gap else _no_gap(case, split)
    return _learning(case, split) if case.val_improved else _unclear(case)


def _not_learning(case: _Case, said: Explanation) -> Verdict:
    """The loss is that of equal probabilities: there is nothing that could have stopped improving."""
    words = (each.words for each in said.evidence)
    return case.verdict("plateau", said.sentence, *words, suggestion=case.cause() or said.suggestion)


def _overfitting(case: _Case, split: LossGap) -> Verdict:
    best, now = case.best, case.now
    evidence = [
        f"Best validation accuracy {percent(best.val.accuracy)} ({best.place}); now {percent(now.val.accuracy)}.",
        f"Train loss since then: {decimal_text(best.train.loss)} to {decimal_text(now.train.loss)}.",
    ]
    if case.val_loss_rose:
        evidence.append(case.rise_words)
    headline = f"Validation has not improved for {case.stale_words} while training fell; gap {decimal_text(split.gap)}."
    return case.verdict("overfitting", headline, *evidence, suggestion=less_fitting(case.history))


def _loss_rising(case: _Case, split: LossGap) -> Verdict:
    """Accuracy is constant, the loss rises: wrong predictions become more confident."""
    gap, since = decimal_text(split.gap), counted(case.loss_stale, "epoch")
    headline = f"Validation loss has not improved for {since} while training fell; gap {gap}."
    best = f"Accuracy has not fallen yet: best {percent(case.best.val.accuracy)} at {case.best.place}."
    return case.verdict("overfitting", headline, case.rise_words, best, suggestion=less_fitting(case.history))


def _uncertain_gap(case: _Case, split: LossGap) -> Verdict:
    headline = (
        f"Validation has not improved for {case.stale_words} while training fell, "
        "but validation loss is not above train loss by more than 2 standard errors."
    )
    numbers = f"Gap {decimal_text(split.gap)} ± {decimal_text(split.margin)}."
    return case.verdict("unclear", headline, numbers, suggestion=case.cause())


def _plateau(case: _Case, split: LossGap) -> Verdict:
    headline = f"Neither validation nor training has improved for {case.stale_words}; gap {decimal_text(split.gap)}."
    suggestion = None if _solved(case) else case.cause() or lower_rate(case.history)
    return case.verdict("plateau", headline, _flat_train(case), suggestion=suggestion)


def _no_gap(case: _Case, split: LossGap) -> Verdict:
    headline = (
        f"No gap, and no improvement for {case.stale_words}: train and validation agree "
        f"within ± 2 standard errors ({decimal_text(split.margin)})."
    )
    suggestion = None if _solved(case) else case.cause(has_converged=True)
    return case.verdict("no_gap", headline, _flat_train(case), NO_GAP, suggestion=suggestion)


def _learning(case: _Case, split: LossGap) -> Verdict:
    then, now, window = case.past.val, case.now.val, case.window
    fall = f"from {decimal_text(then.loss)} to {decimal_text(now.loss)}"
    headline = f"Still learning: over {window} validation loss went {fall}."
    evidence = [f"Validation accuracy {percent(then.accuracy)} to {percent(now.accuracy)}."]
    if not split.has_gap:
        evidence.append(f"No gap so far: {decimal_text(split.gap)} is within ± 2 standard errors.")
    completed = case.history.ended is not None and case.history.ended.reason == "completed"
    suggestion = case.cause() or more_epochs(case.history) if completed else None
    return case.verdict("learning", headline, *evidence, suggestion=suggestion)


def _is_good(case: _Case, split: LossGap) -> bool:
    """See ``PRAISE_RULE``."""
    margin_of_gap = 2 * hypot(case.now.train.accuracy_se, case.now.val.accuracy_se)
    small = split.gap_accuracy <= max(SMALL_GAP, margin_of_gap)
    return case.now.val.accuracy >= GOOD and small and not case.val_loss_rose


def _learned(case: _Case, split: LossGap) -> Verdict:
    now, best = case.now.val, case.best
    headline = f"Learned: validation {percent(now.accuracy)}, the gap is small."
    evidence = [
        f"Train {percent(case.now.train.accuracy)}, so the accuracy gap is {percent(split.gap_accuracy)}.",
        f"Best validation accuracy {percent(best.val.accuracy)} ({best.place}). Over "
        f"{case.window} it has not improved by more than ± 2 standard errors.",
        PRAISE_RULE,
    ]
    return case.verdict("learned", headline, *evidence)


def _unclear(case: _Case) -> Verdict:
    headline = f"No clear change: over {case.window} validation did not improve by more than ± 2 standard errors."
    now = case.now.val
    return case.verdict(
        "unclear",
        headline,
        f"Validation accuracy {percent(now.accuracy)} (± {percent(2 * now.accuracy_se)}).",
        suggestion=case.cause(),
    )


def _flat_train(case: _Case) -> str:
    now = case.now.train
    return (
        f"Train loss {decimal_text(now.loss)}, accuracy {percent(now.accuracy)}: the loss has not fallen "
        f"by more than 2 standard errors since {case.best.place}."
    )


def _solved(case: _Case) -> bool:
    """No advice where every example of one of the splits is already classified correctly."""
    return case.best.val.accuracy >= 1.0 or case.now.train.accuracy >= 1.0


def _diverged(judge: Judge) -> Verdict | None:
    """A run that diverged, or whose training loss is above that before the first step."""
    history, points = judge.history, judge.points
    has_failed = history.ended is not None and history.ended.reason == "failed"
    said = [n for n in history.notices if n.code == "diverged" and (n.severity == "error" or has_failed)]
    broken = next((n for n in said if n.severity == "error"), said[0] if said else None)
    evidence: tuple[str, ...] = ()
    split = None
    if broken is not None:
        words = broken.message
    elif points and not isfinite(points[-1].train.loss):
        words = f"Training diverged by {points[-1].place}: the loss is NaN or infinite."
    elif len(points) > 1 and not points[0].epoch.step and _worse(points[0].train, points[-1].train):
        start, now = decimal_text(points[0].train.loss), decimal_text(points[-1].train.loss)
        words = f"Training has increased the loss: the train loss is {now}; before the first step it was {start}."
        evidence = ("That is beyond ± 2 standard errors. The learning rate is probably too high.",)
        split = split_of(points[-1].epoch, judge.is_random)
    else:
        return None
    return Verdict("diverged", words, evidence, split, judge.best_epoch, lower_rate(history))


def _worse(start: Measured, now: Measured) -> bool:
    return now.loss - start.loss > margin(start, now)


def _empty(judge: Judge) -> Verdict | None:
    if judge.history.evaluations:
        return None
    if judge.history.loading is not None:
        return Verdict("too_early", "The data is being read. After a few epochs this says what the curves show.")
    if judge.history.started is None:
        return Verdict("empty", "Press Train. After a few epochs this says what the curves show.")
    return Verdict("too_early", "Too early to say: nothing is measured yet.")


def _no_validation(judge: Judge) -> Verdict | None:
    if judge.history.evaluations[-1].val is not None:
        return None
    words = "No examples are held back, so there is no validation: nothing can be said about the gap."
    return Verdict("no_validation", words, suggestion=validation(judge.history))


def _trained(points: Points) -> int:
    """The evaluations after training began."""
    return len(points) - (1 if points and not points[0].epoch.step else 0)


def _too_early(judge: Judge) -> Verdict | None:
    done = _trained(judge.points)
    if done >= ENOUGH:
        return None
    words = f"Too early to say: {done} of {ENOUGH} evaluations."
    return Verdict("too_early", words, (), split_of(judge.history.evaluations[-1], judge.is_random), judge.best_epoch)
