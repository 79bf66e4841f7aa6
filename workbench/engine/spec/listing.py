"""All settings of an experiment in words, in the order of the form, with what differs from the defaults."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.settings import Setting, settings_of
from workbench.engine.catalog.variant import Variant
from workbench.engine.spec.diff import in_words
from workbench.engine.spec.experiment import ExperimentSpec

#: What names an experiment and is no setting of it.
_NAMES: Final = ("title", "note")


@dataclass(frozen=True, slots=True)
class Line:
    """One setting, or the title of those below it: ``depth`` is 0 for a section.

    ``value`` is in words with its unit, empty for a title alone. ``default`` is the value that it would have by
    default, empty where it has that one.
    """

    path: str
    label: str
    value: str
    default: str
    depth: int


def listing(spec: ExperimentSpec) -> tuple[Line, ...]:
    """Every setting of ``spec``, names left out. Settings of another member of a family than the default one are
    compared with the defaults of that member."""
    return tuple(line for line in _below(spec, ExperimentSpec(), "", 0) if line.path not in _NAMES)


def _below(owner: BaseModel, default: Any, above: str, depth: int) -> Iterator[Line]:
    """The settings of a section or member; ``default`` is one of the same class, or its settings have their own."""
    for setting in settings_of(type(owner)):
        usual = getattr(default, setting.name) if type(default) is type(owner) else setting.default
        yield from _lines(setting, getattr(owner, setting.name), usual, f"{above}{setting.name}", depth)


def _lines(setting: Setting, value: Any, default: Any, path: str, depth: int) -> Iterator[Line]:
    label = setting.knob.label
    if setting.type == "section":
        yield Line(path, label, "", "", depth)
        yield from _below(value, default, f"{path}.", depth + 1)
    elif setting.type == "variants":
        yield Line(path, label, *_told_apart(_titles(value), _titles(default)), depth)
        for at, item in enumerate(value):
            yield Line(f"{path}.{at}", item.title, "on", "", depth + 1)
            usual = next((each for each in default if type(each) is type(item)), None)
            yield from _below(item, usual, f"{path}.{at}.", depth + 2)
    elif isinstance(value, Variant):
        yield Line(path, label, *_told_apart(value.title, getattr(default, "title", "")), depth)
        yield from _below(value, default, f"{path}.", depth + 1)
    else:
        words = (with_unit(each, setting.knob) for each in (value, default))
        yield Line(path, label, *_told_apart(*words), depth)


def _told_apart(value: str, default: str) -> tuple[str, str]:
    return value, "" if value == default else default


def _titles(items: tuple[Variant, ...]) -> str:
    return ", ".join(item.title for item in items) or "none"


def with_unit(value: Any, knob: Knob) -> str:
    """``value`` in words, a number with the knob's unit."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    space = "" if knob.unit == "°" else " "
    return f"{in_words(value, knob)}{space}{knob.unit}" if is_number and knob.unit else in_words(value, knob)
