"""Shuffled labels must give chance on validation: a network that has learned nonsense can know nothing of new data."""

from __future__ import annotations

import copy
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from workbench.engine.core.progress import Loading
from workbench.engine.core.randomness import mixed, permutation
from workbench.engine.core.text import counted, percent
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices
from workbench.engine.experiments.sanity.questions import SHUFFLED_LABELS
from workbench.engine.experiments.sanity.result import Checking, Result
from workbench.engine.experiments.sanity.subject import Subject
from workbench.engine.training.evaluate import measure
from workbench.engine.training.practice import practice_step

EXAMPLES = 1000
STEPS = 100
#: Fewer validation examples, or fewer steps, say nothing.
FEWEST, FEWEST_STEPS = 20, 20
#: Above chance by this share of what is left to 100 %, or by 3 standard errors where that is more.
ABOVE = 0.2
#: One shuffle may by accident resemble the labels; the check fails only where each of these did.
SHUFFLES = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """Validation accuracy after ``steps`` on shuffled labels, that of chance, and the highest that passes (0–1)."""

    accuracy: float
    chance: float
    limit: float
    steps: int


class ShuffledLabels:
    """Trains on training examples whose labels are dealt anew, evenly over the classes, and measures validation.

    Chance is what the same answers would reach if they were dealt out blindly: Σ share of class k in validation ×
    share of class k in the answers.
    """

    name: ClassVar[str] = SHUFFLED_LABELS.name
    title: ClassVar[str] = SHUFFLED_LABELS.title

    def run(self, subject: Subject) -> Checking:
        if len(subject.split.val) < FEWEST:
            held = len(subject.split.val)
            words = (
                f"There are {held} validation examples; it takes {FEWEST}." if held else "No examples are held back."
            )
            return Result(self.name, self.title, "skipped", words, None, "Raise Validation share above 0.")
        guess = yield from self._guess(subject, 0)
        for again in range(1, SHUFFLES):
            if guess.accuracy <= guess.limit:
                break
            guess = yield from self._guess(subject, again)
        return self._judged(guess)

    def _guess(self, subject: Subject, shuffle: int) -> Generator[Loading, None, Guess]:
        chosen = subject.some(subject.split.train, EXAMPLES)
        seed = mixed("shuffled", subject.spec.data.split_seed, shuffle)
        trial = subject.trial(chosen, examples=with_dealt_labels(subject.base.data.examples, chosen, seed))
        done, ends = 0, subject.clock() + subject.seconds
        while done < STEPS and subject.clock() <= ends:
            done += 1
            if not practice_step(trial, trial.spec.optimizer.lr).finite:
                break  # answers from before that step are measured
            yield Loading(done, STEPS, self.title)
        val, answers = subject.some(subject.split.val, EXAMPLES), list[Tensor]()
        for _ in measure(trial.state.network, subject.base.data.examples, val, keep=answers):
            yield Loading(done, STEPS, self.title)
        truth = subject.base.data.examples.labels_of(val).cpu().numpy()
        return guessed(truth, torch.cat(answers).argmax(1).cpu().numpy(), subject.classes, done)

    def _judged(self, guess: Guess) -> Result:
        accuracy, steps = percent(guess.accuracy), counted(guess.steps, "step")
        words = f"After {steps} on shuffled labels validation accuracy is {accuracy}; chance is {percent(guess.chance)}"
        if guess.accuracy > guess.limit:
            words += f", and at most {percent(guess.limit)} passes."
            advice = "Validation measures something that was not learned here: check the data for leaks and the labels."
            return Result(self.name, self.title, "fail", words, guess.accuracy, advice)
        if guess.steps < FEWEST_STEPS:
            words += f". That was all that the time allowed; it takes {FEWEST_STEPS} steps to tell."
            return Result(self.name, self.title, "skipped", words, guess.accuracy)
        return Result(self.name, self.title, "pass", f"{words} (up to {percent(guess.limit)} passes).", guess.accuracy)


def guessed(truth: Indices, answers: Indices, classes: int, steps: int) -> Guess:
    """How often ``answers`` (n,) are ``truth`` (n,), beside what blind answers in the same shares would reach."""
    n = len(truth)
    shares = (np.bincount(each, minlength=classes) / n for each in (truth, answers))
    chance = float(np.multiply(*shares).sum())
    error = math.sqrt(chance * (1 - chance) / n)
    limit = chance + max(3 * error, ABOVE * (1 - chance))
    return Guess(float((truth == answers).mean()), chance, limit, steps)


def with_dealt_labels(examples: Examples, chosen: Indices, seed: int) -> Examples:
    """``examples`` with the labels of ``chosen`` dealt anew; all else is shared. Their own labels stay as they are."""
    dealt = copy.copy(examples)
    own = examples.labels_of(chosen).cpu().numpy()
    dealt.labels = examples.labels.clone()
    dealt.labels[torch.from_numpy(chosen).to(dealt.labels.device)] = torch.from_numpy(dealt_anew(own, seed)).to(
        dealt.labels.device
    )
    dealt.class_weights = None
    return dealt


def dealt_anew(labels: Indices, seed: int) -> Indices:
    """The same labels (n,) in another order, in which each class gets an even share of all of them.

    A plain shuffle gives the examples of a class one label more often than others by accident, and a network learns
    that. Here the labels stand in an order in which any stretch has them in their shares, and are dealt to the classes
    one after the other, in each to its examples in an order that follows from ``seed``.
    """
    counts = np.bincount(labels)
    spread = np.concatenate([(np.arange(count) + 0.5) / count for count in counts if count])
    sequence = np.repeat(np.flatnonzero(counts), counts[counts > 0])[np.argsort(spread, kind="stable")]
    order = permutation(len(labels), seed, 0)
    by_class = order[np.argsort(labels[order], kind="stable")]
    dealt = np.empty_like(labels)
    dealt[by_class] = sequence
    return dealt
