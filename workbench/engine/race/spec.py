"""The definition of a race: the shared settings, the differing settings of each racer, and the live changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final

from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.race_events import RaceChange
from workbench.engine.core.text import counted
from workbench.engine.spec.experiment import ExperimentSpec

#: Maximum number of racers: more curves cannot be distinguished in one plot, and all networks are in memory at once.
MOST_RACERS: Final = 12
MOST_NAME: Final = 60


@dataclass(frozen=True)
class Racer:
    """``settings`` (path: plain value) are what it has otherwise than the race's base, applied in their order."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, settings: Mapping[str, Any]) -> Racer:
        """A racer whose name is one line, and whose settings are as a file has them: lists, no None in tables."""
        return cls(" ".join(name.split())[:MOST_NAME], {path: _as_in_file(value) for path, value in settings.items()})

    @property
    def title(self) -> str:
        """Its name."""
        return self.name

    def spec(self, base: ExperimentSpec) -> ExperimentSpec:
        """The settings of its run. Raises SpecError for a setting that ``base`` does not have."""
        spec = base
        for path, value in self.settings.items():
            spec = spec.edited(path, value)
        return spec


@dataclass(frozen=True)
class RaceSpec:
    """``racers`` have their numbers, from 0, by their places, those that join later included (an ``add`` in ``tape``).

    ``target_loss``: steps are counted until validation has this loss; None: the lowest that all racers reach.
    """

    version: ClassVar[int] = 1

    base: ExperimentSpec
    racers: tuple[Racer, ...]
    title: str = ""
    note: str = ""
    target_loss: float | None = None
    tape: tuple[RaceChange, ...] = ()

    def spec_of(self, racer: int) -> ExperimentSpec:
        """The settings of a racer's run; they are the same as those of a run alone. Raises SpecError."""
        return self.racers[racer].spec(self.base)

    @property
    def at_start(self) -> tuple[int, ...]:
        """The racers that are there from the start."""
        later = {change.racer for change in self.tape if change.does == "add"}
        return tuple(number for number in range(len(self.racers)) if number not in later)

    def with_setting(self, racer: int, path: str, value: Any) -> RaceSpec:
        """The race with one setting of a racer replaced, behind its others."""
        own = self.racers[racer]
        settings = {name: each for name, each in own.settings.items() if name != path}
        changed = Racer.of(own.name, {**settings, path: value})
        return replace(self, racers=(*self.racers[:racer], changed, *self.racers[racer + 1 :]))

    @property
    def without_tape(self) -> RaceSpec:
        """The same race without live changes: all racers are there from the start."""
        return replace(self, tape=())

    def faults(self) -> tuple[Problem, ...]:
        """What is wrong with the race itself: racers without a name, settings that there are not. It can be mended
        only where it was written."""
        return (*self._of_racers(), *self._of_tape(), *self._of_settings())

    def problems(self) -> tuple[Problem, ...]:
        """What prevents the race now, each said with the racer's name: its faults, or errors of its settings."""
        return self.faults() or tuple(self._of_runs())

    def refuse_problems(self) -> None:
        """Raise SpecError if there are any."""
        found = self.problems()
        if found:
            raise SpecError(found)

    def _of_racers(self) -> Iterator[Problem]:
        if not self.racers:
            yield Problem("", "A race needs at least one racer.")
        if len(self.racers) > MOST_RACERS:
            yield Problem("", f"A race has at most {counted(MOST_RACERS, 'racer')}, not {len(self.racers)}.")
        names = [racer.name for racer in self.racers]
        for name in dict.fromkeys(names):
            if not name:
                yield Problem("", "Every racer needs a name.")
            elif names.count(name) > 1:
                yield Problem("", f"Two racers have the name {name}.")

    def _of_tape(self) -> Iterator[Problem]:
        for change in self.tape:
            if not (0 <= change.racer < len(self.racers) and change.round >= 0 and change.step >= 0):
                yield Problem("", f"A change after round {change.round} is of no racer of this race.")

    def _of_settings(self) -> Iterator[Problem]:
        for racer in self.racers:
            try:
                racer.spec(self.base)
            except SpecError as error:
                yield from (_of(racer, problem) for problem in error.problems)

    def _of_runs(self) -> Iterator[Problem]:
        for racer in self.racers:
            spec = racer.spec(self.base)
            yield from (_of(racer, problem) for problem in spec.problems() if problem.severity == "error")
            if spec.loop.fastest:
                words = "must be off in a race: its choice can differ between racers, and so would their numbers"
                yield _of(racer, Problem("loop.fastest", words))
            if spec.loop.processes > 1:
                words = "must be 1 in a race: all racers take their steps in turns in one process"
                yield _of(racer, Problem("loop.processes", words))


def named_apart(names: Sequence[str], wanted: str) -> str:
    """``wanted``, or with a number behind it where it is one of ``names``."""
    at = 2
    found = wanted
    while found in names:
        found, at = f"{wanted} {at}", at + 1
    return found


def _of(racer: Racer, problem: Problem) -> Problem:
    return replace(problem, message=f"{problem.message} (racer {racer.name})")


def _as_in_file(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _as_in_file(each) for name, each in value.items() if each is not None}
    return [_as_in_file(each) for each in value] if isinstance(value, (list, tuple)) else value
