"""Loss at initialization: a network that knows nothing yet should be near ln C, the loss of equal probabilities."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from workbench.engine.core.progress import Loading
from workbench.engine.core.text import counted, decimal_text, percent
from workbench.engine.experiments.sanity.questions import LOSS_AT_START
from workbench.engine.experiments.sanity.result import Checking, Result
from workbench.engine.experiments.sanity.subject import Subject, silence_dropout, without_regularization

#: Logits that spread by s have a loss of about s² / 2 above ln C. Weights that follow the width make them spread by 1
#: to 2, so up to this many nats above pass.
TOLERANCE = 2.0
#: A loss below this share of ln C cannot be luck.
LOWEST = 0.5
EXAMPLES = 256


class LossAtStart:
    """The mean cross-entropy of training examples before the first step, batch norm as in training."""

    name: ClassVar[str] = LOSS_AT_START.name
    title: ClassVar[str] = LOSS_AT_START.title

    def run(self, subject: Subject) -> Checking:
        yield Loading(0, 0, self.title)
        chosen = subject.some(subject.split.train, EXAMPLES)
        trial = subject.trial(chosen, without_regularization(subject.member.optimizer))
        silence_dropout(trial.network.module)
        trial.network.reuse.apply(trial.state)
        for _ in trial.network.reuse.prepare(trial.spec, trial.data.examples, trial.data.split):
            yield Loading(0, 0, self.title)
        network, examples = trial.network.reuse.shortcut(trial.state.network, trial.data.examples)
        network.train()
        with torch.no_grad():
            x, y = examples.batch(chosen)
            logits = network(x)
            loss = float(functional.cross_entropy(logits, y))
        return self._judged(loss, logits.cpu(), subject.classes)

    def _judged(self, loss: float, logits: Tensor, classes: int) -> Result:
        chance = math.log(classes)
        low, high = LOWEST * chance, chance + TOLERANCE
        words = (
            f"The loss before the first step is {decimal_text(loss)}; equal probabilities of "
            f"{counted(classes, 'class', 'classes')} give ln {classes} = {decimal_text(chance)}, and "
            f"{decimal_text(low)} to {decimal_text(high)} passes."
        )
        if low <= loss <= high:  # false for NaN
            return Result(self.name, self.title, "pass", words, loss)
        reason, advice = _reason(loss - chance, logits)
        return Result(self.name, self.title, "fail", f"{words} {reason}", loss, advice)


def _reason(excess: float, logits: Tensor) -> tuple[str, str]:
    """Why the loss is ``excess`` above ln C, and what to do. ``logits`` (n, C)."""
    if not math.isfinite(excess):
        return (
            "The network's answers are NaN or infinite.",
            "Choose He or Xavier initialization, or switch batch norm on.",
        )
    if excess < 0:
        words = "The network knows the classes before it has learned anything."
        return words, "Look whether the labels are part of the inputs, or the head was trained on these examples."
    spread = decimal_text(float(logits.std(correction=0)))
    shares = logits.argmax(1).bincount(minlength=logits.shape[1]) / len(logits)
    initial = "Choose an initialization that follows the width (He, Xavier) or a smaller standard deviation."
    if float(logits.mean(0).var()) > float((logits - logits.mean(0)).var()):
        most = percent(float(shares.max()), 0)
        words = f"The head is unbalanced: before learning it gives one class to {most} of the examples"
        return f"{words} (its outputs spread by {spread}).", f"{initial} A head that starts from zeros is balanced."
    return f"The initial weights are too large: the outputs spread by {spread}; about 1 is usual.", initial
