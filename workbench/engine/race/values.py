"""Racers from what a person types: several values of one setting, or some settings with a value each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbench.engine.core.errors import SpecError
from workbench.engine.race.spec import Racer
from workbench.engine.shelf.cards import value_words, values_in, with_typed
from workbench.engine.spec.diff import differences
from workbench.engine.spec.experiment import ExperimentSpec, plain


def racers_of_values(base: ExperimentSpec, path: str, text: str) -> tuple[Racer, ...]:
    """A racer for each of the values in ``text`` (``0.1, 0.03``) of the setting at ``path``, named by it.

    Raises SpecError with every value that is wrong.
    """
    made, wrong = [], []
    for value in values_in(path, text):
        try:
            spec = with_typed(base, path, str(value)) if isinstance(value, str) else base.edited(path, value)
        except SpecError as error:
            wrong += list(error.problems)
            continue
        made.append(Racer.of(value_words(spec, path), {path: plain(spec.at(path))}))
    if wrong:
        raise SpecError(wrong)
    return tuple(made)


def racer_of_typed(base: ExperimentSpec, name: str, changes: Iterable[tuple[str, str]]) -> Racer:
    """A racer with the values of settings as they are typed, in their order. Without a name it has that of its
    settings. Raises SpecError."""
    spec, settings = base, dict[str, Any]()
    for path, text in changes:
        spec = with_typed(spec, path, text)
        settings[path] = plain(spec.at(path))
    return Racer.of(name.strip() or words_of(base, spec) or "As they are", settings)


def words_of(base: ExperimentSpec, spec: ExperimentSpec, most: int = 3) -> str:
    """What ``spec`` has otherwise than ``base``: ``Learning rate 0.03, Batch size 32``; empty where nothing."""
    found = [f"{each.label} {each.new}" for each in differences(base, spec)]
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def pruned(base: ExperimentSpec, racer: Racer) -> Racer:
    """``racer`` without the settings that change nothing. Raises SpecError for one that ``base`` does not have."""
    whole = racer.spec(base)
    for path in list(racer.settings):
        less = Racer(racer.name, {name: value for name, value in racer.settings.items() if name != path})
        try:
            if less.spec(base) == whole:
                racer = less
        except SpecError:  # another of its settings needs it
            continue
    return racer
