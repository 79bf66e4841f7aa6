"""A decay by hand: recorded on the run's tape, and played back to the same run."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.events import Edit, Edited, Event, Stepped
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities.base import Measuring, NamedSpec, Stage
from workbench.engine.lessons.quantities.decay import After, decays, drop
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from workbench.engine.core.events import Command
    from workbench.engine.lessons.picture import Frame
    from workbench.engine.lessons.real_runs import RealRun

#: The three runs.
_NAMES: Final = ("none", "hand", "replay")
#: The columns of a step that must be equal.
_COMPARED: Final = ("loss", "accuracy", "lr", "grad_norm")


class ByHand(OfRun):
    """Base of a number of three runs: without decay, with a decay by hand, and the replay of that one from its tape."""

    after: After = 4
    factor: Annotated[
        float, Knob("Decay factor", "The rate is multiplied by this.", low=1e-4, high=1.0, scale="log")
    ] = 0.1
    with_tape: Annotated[
        bool, Knob("Play the tape", "Whether the replay makes the recorded changes; off: it has the settings alone.")
    ] = True

    @property
    def needed_runs(self) -> int:
        return 1

    def measure(self, stage: Stage) -> Measuring:
        runs = yield from self._trained(stage)
        return self.number(runs)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return decays(runs, self.after)

    @abstractmethod
    def number(self, runs: Sequence[RealRun]) -> float: ...

    def _trained(self, stage: Stage) -> Generator[Frame, None, tuple[RealRun, ...]]:
        from workbench.engine.lessons.real_runs import RealRun, trained
        from workbench.engine.run_store.replay import Tape

        known, spec, data = stage.trained.runs, stage.run, stage.trained.data
        key = ("decay by hand", spec, self.after, self.factor, self.with_tape)
        if (*key, "replay") in known:
            return tuple(known[(*key, name)] for name in _NAMES)
        plain = RealRun(NamedSpec("No decay", spec))
        hand = RealRun(NamedSpec("By hand", spec), self._hand(spec.optimizer.lr, plain))
        yield from trained((plain, hand), self.draw, data)
        replay = RealRun(NamedSpec("Replay", spec), Tape(hand.of(Edited) if self.with_tape else []))
        runs = (plain, hand, replay)
        yield from trained((replay,), lambda _: self.draw(runs), data)
        known.update(zip(((*key, name) for name in _NAMES), runs, strict=True))
        return runs

    def _hand(self, rate: float, like: RealRun) -> Callable[[Event], Command | None]:
        """Turns the rate down once, before the first step behind the epoch."""

        def turn(event: Event) -> Command | None:
            is_due = isinstance(event, Stepped) and event.step == self.after * like.context.batches.per_epoch
            return Edit("optimizer.lr", rate * self.factor) if is_due else None

        return turn


class ReplayDifference(ByHand):
    """The largest difference between the run with the decay by hand and its replay, over all numbers of all steps."""

    kind: ClassVar[str] = "replay_difference"
    title: ClassVar[str] = "Largest difference between the run and its replay"
    summary: ClassVar[str] = (
        "The largest difference in loss, accuracy, learning rate or gradient norm of a step between the run whose rate "
        "was turned down by hand and the run that its settings and its tape give."
    )
    order: ClassVar[int] = 58

    def number(self, runs: Sequence[RealRun]) -> float:
        _, hand, replay = runs
        if hand.steps.count != replay.steps.count:
            return math.inf
        return max(float(np.abs(hand.column(name) - replay.column(name)).max()) for name in _COMPARED)


class DropByHand(ByHand):
    """The mean loss behind the decay by hand, divided by that of as many steps before it."""

    kind: ClassVar[str] = "drop_by_hand"
    title: ClassVar[str] = "Loss behind the decay by hand ÷ loss before it"
    summary: ClassVar[str] = (
        "The mean training loss of all steps behind the decay by hand, divided by that of as many steps before it."
    )
    order: ClassVar[int] = 59
    decimals: ClassVar[int | None] = 2

    def number(self, runs: Sequence[RealRun]) -> float:
        return drop(runs[1], self.after)


class GainByHand(ByHand):
    """The best validation accuracy with the decay by hand minus that without, in percentage points."""

    kind: ClassVar[str] = "gain_by_hand"
    title: ClassVar[str] = "Gain of the decay in the best validation accuracy"
    summary: ClassVar[str] = "The best validation accuracy with the decay by hand minus that without any decay."
    order: ClassVar[int] = 60
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import best_accuracy

        plain, hand, _ = runs
        return 100 * (best_accuracy(hand) - best_accuracy(plain))
