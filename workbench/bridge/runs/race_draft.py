"""The race that is being set up: its racers changed one by one, each change undone by one step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from workbench.bridge.undo_stack import UndoStack
from workbench.engine.race.spec import MOST_RACERS, Racer, RaceSpec, named_apart
from workbench.engine.spec.experiment import ExperimentSpec

#: Maximum number of undoable changes.
_MOST: Final = 100


class RaceDraft(QObject):
    """A RaceSpec and its history. Lives in the GUI thread; ``form`` gives the settings that a new race begins with."""

    changed = Signal()  #: spec, or what can be undone

    def __init__(self, form: Callable[[], ExperimentSpec], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._form = form
        #: The race; None before the first.
        self.spec: RaceSpec | None = None
        self._history: UndoStack[RaceSpec | None] = UndoStack(_MOST)

    @property
    def racers(self) -> tuple[Racer, ...]:
        """The racers; none before the first race."""
        return self.spec.racers if self.spec is not None else ()

    @property
    def base(self) -> ExperimentSpec:
        """What the racers share: the settings of the form until there is a race."""
        return self.spec.base if self.spec is not None else _fit(self._form())

    @property
    def room(self) -> int:
        """The number of racers that can still be added."""
        return MOST_RACERS - len(self.racers)

    def put(self, spec: RaceSpec | None) -> None:
        """Take over another race, which can be undone."""
        if spec != self.spec:
            self._history.record(self.spec)
            self.spec = spec
            self.changed.emit()

    def begin(self) -> None:
        """A new race of the form's settings, with one racer that has them as they are."""
        base = _fit(self._form())
        self.put(RaceSpec(base, (Racer.of("As they are", {}),), base.title))

    def take_form(self) -> None:
        """Let the racers share the form's settings as they are now; what each has otherwise stays.

        Raises SpecError, with nothing changed, where a racer's settings do not fit them.
        """
        if self.spec is not None:
            spec = replace(self.spec, base=_fit(self._form()))
            for number in range(len(spec.racers)):
                spec.spec_of(number)
            self.put(spec)

    def add(self, racers: Iterable[Racer]) -> None:
        """Add racers up to the maximum; a name that is taken gets a number."""
        spec = self.spec or RaceSpec(_fit(self._form()), ())
        for racer in list(racers)[: MOST_RACERS - len(spec.racers)]:
            name = named_apart([each.name for each in spec.racers], racer.name)
            spec = replace(spec, racers=(*spec.racers, replace(racer, name=name)))
        self.put(spec)

    def change(self, number: int, racer: Racer) -> None:
        """Put ``racer`` in the place of another; its name is made different from those of the others."""
        if self.spec is not None and number < len(self.racers):
            others = [each.name for at, each in enumerate(self.racers) if at != number]
            named = replace(racer, name=named_apart(others, racer.name or self.racers[number].name))
            racers = (*self.racers[:number], named, *self.racers[number + 1 :])
            self.put(replace(self.spec, racers=racers))

    def set_rates(self, path: str, rates: Mapping[int, float]) -> None:
        """Give racers, by number, a learning rate each: one change."""
        spec = self.spec
        for number, rate in rates.items():
            spec = spec.with_setting(number, path, rate) if spec is not None else None
        self.put(spec)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove racers, and clear the tape, since the racers are renumbered."""
        if self.spec is not None:
            gone = set(numbers)
            left = tuple(racer for at, racer in enumerate(self.racers) if at not in gone)
            self.put(replace(self.spec.without_tape, racers=left))

    def set_words(self, **words: Any) -> None:
        """Set the title, the note or the target loss."""
        if self.spec is not None:
            self.put(replace(self.spec, **words))

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone change to redo."""
        return self._history.can_redo

    def undo(self) -> None:
        """Undo the last change."""
        if self.can_undo:
            self._restore(self._history.undo(lambda _: self.spec))

    def redo(self) -> None:
        """Redo the change that was undone last."""
        if self.can_redo:
            self._restore(self._history.redo(lambda _: self.spec))

    def _restore(self, spec: RaceSpec | None) -> None:
        self.spec = spec
        self.changed.emit()


def _fit(spec: ExperimentSpec) -> ExperimentSpec:
    """The settings as racers can share them: what one run would measure is not measured, and one process trains."""
    for path, value in (("loop.fastest", False), ("loop.processes", 1)):
        spec = spec.edited(path, value) if spec.at(path) != value else spec
    return spec
