"""The score of a run, or of a racer, that was kept and is trained again as it was."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import AsTuple, Section
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from collections.abc import Hashable

    from workbench.engine.lessons.kept_runs import KeptRun, Training
    from workbench.engine.race.spec import RaceSpec


class KeptEdit(Section):
    """A live change: before the 0-based ``step`` the setting at ``path`` became ``value``; with ``measured`` behind the
    evaluation there."""

    step: int
    path: str
    value: Any
    measured: bool = False


class KeptChange(Section):
    """A change of a race: see ``RaceChange``. ``racer`` counts from 0."""

    round: int
    does: Literal["add", "drop", "hold", "go_on", "edit", "stop"]
    racer: int
    step: int = 0
    path: str = ""
    value: Any = None
    measured: bool = False


class _Kept(Quantity):
    """Base: trains again what was kept, once for all numbers of a lesson, and reads the number of one of its runs."""

    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    run: Annotated[int, Knob("Run", "Which of the runs, counted from 0.", low=0, high=11)] = 0

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.kept_runs import picture_of
        from workbench.engine.lessons.picture import Frame

        known, key = stage.trained.kept, self._key(stage)
        if key not in known:
            known[key] = yield from self._again(stage)
        yield Frame(1, 1, "Measured", picture_of(known[key]))
        return self.number(known[key][min(self.run, len(known[key]) - 1)])

    @abstractmethod
    def _again(self, stage: Stage) -> Training:
        """Train again what was kept."""

    @abstractmethod
    def _key(self, stage: Stage) -> Hashable:
        """What the runs depend on."""

    @abstractmethod
    def number(self, run: KeptRun) -> float:
        """The number of one run."""


class _Score(_Kept):
    """Base of the scores of runs and of racers."""

    title: ClassVar[str] = "Best validation accuracy"
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int | None] = 1

    def number(self, run: KeptRun) -> float:
        return 100 * run.score


class _Loss(_Kept):
    """Base of the losses of runs and of racers."""

    title: ClassVar[str] = "Training loss at the end"
    decimals: ClassVar[int | None] = 3

    def number(self, run: KeptRun) -> float:
        return run.last_loss


class _KeptRun(_Kept):
    """Base of the numbers of one run."""

    tape: Annotated[tuple[KeptEdit, ...], AsTuple] = ()
    stop_after: int | None = None

    def _key(self, stage: Stage) -> Hashable:
        return stage.run, repr(self.tape), self.stop_after

    def _again(self, stage: Stage) -> Training:
        from workbench.engine.core.events import Edited
        from workbench.engine.lessons.kept_runs import run_again

        edits = [Edited(each.step, each.path, None, as_setting(each.value), each.measured) for each in self.tape]
        return run_again(stage.run, edits, self.stop_after, stage.trained.data)


class KeptScore(_Score, _KeptRun):
    """The best validation accuracy of a kept run, in per cent."""

    kind: ClassVar[str] = "kept_score"
    summary: ClassVar[str] = "The best validation accuracy of a run that was kept and is trained again."
    order: ClassVar[int] = 90


class KeptLoss(_Loss, _KeptRun):
    """The training loss at the end of a kept run that has no validation examples."""

    kind: ClassVar[str] = "kept_loss"
    summary: ClassVar[str] = "The mean training loss of the last 50 steps of a run that was kept and is trained again."
    order: ClassVar[int] = 91


class _KeptRace(_Kept):
    """Base of the numbers of a racer; the racers are the lesson's runs."""

    tape: Annotated[tuple[KeptChange, ...], AsTuple] = ()

    @property
    def needed_runs(self) -> int:
        return 1 + max((self.run, *(change.racer for change in self.tape)))

    def race(self, stage: Stage) -> RaceSpec:
        """The race on ``stage``."""
        from workbench.engine.core.race_events import RaceChange
        from workbench.engine.race.spec import Racer, RaceSpec

        racers = tuple(Racer.of(each.name or f"Racer {n}", each.edits) for n, each in enumerate(stage.runs, 1))
        changes = (RaceChange(c.round, c.does, c.racer, c.step, c.path, as_setting(c.value), c.measured)
                   for c in self.tape)  # fmt: skip
        return RaceSpec(stage.run, racers, tape=tuple(changes))

    def _key(self, stage: Stage) -> Hashable:
        return stage.run, repr(stage.runs), repr(self.tape)

    def _again(self, stage: Stage) -> Training:
        from workbench.engine.lessons.kept_runs import race_again

        return race_again(self.race(stage), stage.trained.data)


class KeptRacerScore(_Score, _KeptRace):
    """The best validation accuracy of a racer of a kept race, in per cent."""

    kind: ClassVar[str] = "kept_racer_score"
    summary: ClassVar[str] = "The best validation accuracy of a racer of a race that was kept and is run again."
    order: ClassVar[int] = 92


class KeptRacerLoss(_Loss, _KeptRace):
    """The training loss at the end of a racer of a kept race."""

    kind: ClassVar[str] = "kept_racer_loss"
    summary: ClassVar[str] = "The mean training loss of the last 50 steps of a racer of a race that is run again."
    order: ClassVar[int] = 93


def as_setting(value: Any) -> Any:
    """A value of a file as a setting has it: lists are tuples there."""
    return tuple(as_setting(each) for each in value) if isinstance(value, (list, tuple)) else value
