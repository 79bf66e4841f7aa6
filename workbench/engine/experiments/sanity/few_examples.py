"""Can the network learn 20 examples by heart? If not, a run on all of them cannot work either."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from workbench.engine.core.progress import Loading
from workbench.engine.core.text import counted, decimal_text, grouped
from workbench.engine.experiments.sanity.questions import FEW_EXAMPLES
from workbench.engine.experiments.sanity.result import Checking, Result
from workbench.engine.experiments.sanity.subject import Subject, silence_dropout, without_regularization
from workbench.engine.training.practice import practice_step

EXAMPLES = 20
STEPS = 300
#: A training loss (nats) that counts as zero: the right class has a probability of 90 %.
NEAR_ZERO = 0.1
#: A loss above this share of ln C, that of equal probabilities, has not fallen.
NOTHING_LEARNED = 0.9
#: A loss that rises in more than this share of the last half of the steps jumps about.
JUMPY = 0.2


@dataclass(slots=True)
class _Losses:
    """The loss of each step, before its update."""

    each: list[float] = field(default_factory=list)

    @property
    def last(self) -> float:
        return self.each[-1]

    @property
    def is_near_zero(self) -> bool:
        return self.last <= NEAR_ZERO

    @property
    def is_broken(self) -> bool:
        return not math.isfinite(self.last)

    @property
    def is_jumpy(self) -> bool:
        half = self.each[len(self.each) // 2 :]
        return sum(later > earlier for earlier, later in pairwise(half)) > JUMPY * len(half)

    @property
    def words(self) -> str:
        return f"from {decimal_text(self.each[0])} to {decimal_text(self.last)}"


class FewExamples:
    """Trains on 20 examples as one batch, without augmentation and regularization, at the learning rate that is set."""

    name: ClassVar[str] = FEW_EXAMPLES.name
    title: ClassVar[str] = FEW_EXAMPLES.title

    def run(self, subject: Subject) -> Checking:
        chosen = subject.some(subject.split.train, EXAMPLES)
        changes = {**without_regularization(subject.member.optimizer), "loop.batch_size": max(2, len(chosen))}
        trial = subject.trial(chosen, changes, subject.unweighted)
        silence_dropout(trial.network.module)
        losses, ends = _Losses(), subject.clock() + subject.seconds
        for step in range(STEPS):
            losses.each.append(practice_step(trial, trial.spec.optimizer.lr).loss)
            if losses.is_near_zero or losses.is_broken or subject.clock() > ends:
                break
            yield Loading(step + 1, STEPS, self.title)
        return self._judged(losses, len(chosen), math.log(subject.classes))

    def _judged(self, losses: _Losses, examples: int, chance: float) -> Result:
        steps = counted(len(losses.each), "step")
        what = f"The training loss of {counted(examples, 'example')} went {losses.words} in {steps}"
        if losses.is_near_zero:
            words = f"{what}; at most {NEAR_ZERO} in {STEPS} steps is wanted."
            return Result(self.name, self.title, "pass", words, losses.last)
        if losses.is_broken:
            words = f"The loss became NaN or infinite at step {grouped(len(losses.each))}."
            return Result(self.name, self.title, "fail", words, None, "Lower the learning rate to a tenth.")
        if len(losses.each) < STEPS:
            words = f"{what}, all that the time allowed; it takes up to {STEPS} steps to tell."
            return Result(self.name, self.title, "skipped", words, losses.last)
        words = f"{what}; it should be at most {NEAR_ZERO}."
        return Result(self.name, self.title, "fail", words, losses.last, _advice(losses, chance))


def _advice(losses: _Losses, chance: float) -> str:
    if losses.last > losses.each[0] or losses.is_jumpy:
        return "The loss jumps about or rises: lower the learning rate to a tenth."
    if losses.last < NOTHING_LEARNED * chance:
        return "The loss falls, but not far enough: try a higher learning rate, then more or wider layers."
    return (
        "Hardly anything was learned: use Find a learning rate, and look at the initialization and at whether equal "
        "examples have different labels."
    )
