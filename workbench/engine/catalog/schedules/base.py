"""The base class of schedules: a function of progress that multiplies the learning rate, with a warm-up before it."""

from __future__ import annotations

import bisect
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from workbench.engine.catalog.knob import COUNTED, Knob
from workbench.engine.catalog.pairs import as_pairs, checked_pairs
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Problem
from workbench.engine.core.text import grouped

if TYPE_CHECKING:
    from workbench.engine.core.events import Measured
    from workbench.engine.spec.experiment import ExperimentSpec

Per = Annotated[
    Literal["epoch", "step"],
    Knob(
        "Counts in",
        "Whether the schedule's counter k is the number of finished epochs or of finished steps. In epochs the rate "
        "is constant within an epoch, except in a warm-up; in steps it changes at every batch.",
        options={"epoch": "finished epochs", "step": "finished steps"},
    ),
]
WarmUp = Annotated[
    int,
    Knob(
        "Warm-up",
        f"The rate first rises linearly, step by step, for this many {COUNTED}; 0 is no warm-up. It avoids "
        "large first steps in a new network, most of all with Adam and large batches. The schedule itself starts "
        "when the warm-up is over and takes the rest of the run.",
        low=0,
        high=10_000_000,
        search=(0, 10),
    ),
]
WarmUpFrom = Annotated[
    float,
    Knob(
        "Warm-up from",
        "The share of the schedule's first rate at which the warm-up starts. It has no effect without a warm-up.",
        low=1e-6,
        high=1.0,
        scale="log",
    ),
]
ByHand = Annotated[
    tuple[tuple[int, float], ...],
    BeforeValidator(as_pairs),
    AfterValidator(checked_pairs(0, 999_999_999, "finished steps")),
    Knob(
        "Changed by hand",
        "Pairs of a finished step and the factor on the rate from there on, on top of everything else. “Save as "
        "schedule” writes the changes here that you made during a run.",
    ),
]

#: What a schedule remembers of the measurements so far: plain numbers, replaced and never changed in place.
Memory = Mapping[str, float]
NOTHING: Memory = {}
#: The length of the run in a schedule's thumbnail.
SKETCHED = 40


class Schedule(Variant):
    """Base of the family. A member declares its knobs and ``multiplier``; the warm-up and the changes
    made by hand are the same for all. A member whose rate depends on measurements sets ``remembers`` and overrides
    ``after_measurement`` and ``recalled``; one that restarts sets ``has_periods`` and overrides ``ends_period``.
    ``formula`` is the rate after k finished units of T planned ones as the form shows it, with the names of the knobs;
    empty where there is no short closed form.
    """

    formula: ClassVar[str] = ""

    remembers: ClassVar[bool] = False
    has_periods: ClassVar[bool] = False
    shown_last: ClassVar[tuple[str, ...]] = ("warmup", "warmup_from", "by_hand")

    per: Per = "epoch"
    warmup: WarmUp = 0
    warmup_from: WarmUpFrom = 0.1
    by_hand: ByHand = ()

    @abstractmethod
    def multiplier(self, k: int, total: int) -> float:
        """The factor on the learning rate after ``k`` finished units of ``total`` planned ones (both ≥ 0; pure)."""

    def ends_period(self, finished: int) -> bool:
        """Whether a period ends after ``finished`` units, the warm-up included; never without ``has_periods``."""
        return False

    @classmethod
    def sketch(cls) -> tuple[float, ...]:
        """The member's thumbnail: the factors over a run of forty units with its default settings."""
        schedule = cls()
        return tuple(schedule.multiplier(k, SKETCHED) for k in range(SKETCHED))

    def warmed(self, k: float, total: int) -> float:
        """As ``multiplier``, with the warm-up before it; the schedule's own counter starts after the warm-up.

        Within the warm-up ``k`` may lie between two units, so that the rate rises at every step of an epoch.
        """
        rest = max(0, total - self.warmup)
        if k >= self.warmup:
            return self.multiplier(int(k) - self.warmup, rest)
        return (self.warmup_from + (1.0 - self.warmup_from) * (k / self.warmup)) * self.multiplier(0, rest)

    def factor(self, step: int, steps_per_epoch: int, epochs: int, memory: Memory = NOTHING) -> float:
        """The factor at 0-based ``step`` of a run of ``epochs`` × ``steps_per_epoch`` steps."""
        if self.per == "epoch":
            planned = self.warmed(step / steps_per_epoch, epochs)
        else:
            planned = self.warmed(step, epochs * steps_per_epoch)
        return planned * self.recalled(memory) * self._changed_by_hand(step)

    def _changed_by_hand(self, step: int) -> float:
        if not self.by_hand:
            return 1.0
        made = bisect.bisect_right(self.by_hand, step, key=lambda change: change[0])
        return self.by_hand[made - 1][1] if made else 1.0

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        counts = self.per == "epoch" or spec.optimizer.full_batch  # else the data says how many steps there are
        if counts and self.warmup >= spec.loop.epochs:
            words = f"takes the whole run of {grouped(spec.loop.epochs)} epochs: the schedule itself never starts"
            yield Problem(f"{path}.warmup", words, "warning")

    def after_measurement(self, memory: Memory, train: Measured | None, val: Measured | None) -> Memory:
        """What to remember after an epoch with the measurements ``train`` and ``val`` (None: empty split)."""
        return memory

    def recalled(self, memory: Memory) -> float:
        """The factor that follows from what is remembered, on top of ``multiplier``."""
        return 1.0
