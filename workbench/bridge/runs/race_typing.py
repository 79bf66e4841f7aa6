"""Racers as they are typed: a name and values of settings, each answered with what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.bridge.runs.card_words import Choice, choices
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.setting_names import error_words
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.race.spec import Racer
from workbench.engine.race.values import pruned, racer_of_typed, racers_of_values, words_of
from workbench.engine.shelf.cards import with_typed
from workbench.engine.spec.experiment import ExperimentSpec, live_paths, plain

#: A setting's path, and its value as it is typed.
Typed = Sequence[tuple[str, str]]


class RaceTyping:
    """What the dialogs of ``desk`` do."""

    def __init__(self, desk: RaceDesk) -> None:
        self._desk = desk

    @property
    def base(self) -> ExperimentSpec:
        """What a racer has that nothing is typed for."""
        return self._desk.base

    def spec_of(self, number: int) -> ExperimentSpec:
        """The settings of a racer; while it races with the live changes so far."""
        desk = self._desk
        spec = desk.racers[number].spec(desk.base)
        if desk.is_racing and desk.standings is not None:
            for edit in desk.standings.racers[number].history.edits:
                spec = spec.edited(edit.path, edit.new)
        return spec

    def live_choices(self, number: int) -> tuple[Choice, ...]:
        """The settings of a racer that can be changed while it trains."""
        spec = self.spec_of(number)
        live = set(live_paths(spec))
        return tuple(choice for choice in choices(spec) if choice.path in live)

    def differs(self, number: int) -> str:
        """What a racer has otherwise than the base, in words."""
        racer = self._desk.racers[number]
        try:
            return words_of(self._desk.base, racer.spec(self._desk.base))
        except WorkbenchError as error:
            return self._desk.words_of(error)

    def add(self, name: str, changes: Typed) -> str:
        """Add a racer, or let it join the race that is on; why not, empty if it is done."""
        try:
            racer = racer_of_typed(self.base, name, changes)
        except WorkbenchError as error:
            return error_words(self.base, error)
        return self._desk.add([racer])

    def values(self, path: str, text: str) -> tuple[Racer, ...]:
        """A racer for each value of a setting. Raises WorkbenchError."""
        return racers_of_values(self.base, path, text)

    def change(self, number: int, name: str, changes: Typed) -> str:
        """Give a racer that has not begun another name and other values; why not, empty if it is done."""
        base, racer = self._desk.draft.base, self._desk.draft.racers[number]
        settings, spec = dict(racer.settings), self.spec_of(number)
        try:
            for path, text in changes:
                spec = with_typed(spec, path, text)
                settings.pop(path, None)
                settings[path] = plain(spec.at(path))
            found = pruned(base, Racer.of(name or racer.name, settings))
        except WorkbenchError as error:
            return error_words(spec, error)
        self._desk.draft.change(number, found)
        return ""

    def edit(self, number: int, changes: Typed) -> str:
        """Change live settings of a racer that trains; why not, empty if it was asked for."""
        spec = self.spec_of(number)
        try:
            for path, text in changes:
                spec = with_typed(spec, path, text)
        except WorkbenchError as error:
            return error_words(spec, error)
        asked = [self._desk.edit(number, path, plain(spec.at(path))) for path, _ in changes]
        return "" if all(asked) else "The race has ended; nothing was changed."
