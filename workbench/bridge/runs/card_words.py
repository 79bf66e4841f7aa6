"""Words of cards: how they differ from the default settings, and which settings take a list of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from workbench.bridge.setting_names import label_of
from workbench.engine.catalog.settings import Setting, setting_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, editable
from workbench.engine.shelf.cards import Card
from workbench.engine.spec.diff import differences
from workbench.engine.spec.experiment import ExperimentSpec, plain

_NAMES: Final = ("title", "note", "version")
#: The settings of this many cards are kept in words.
_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that can be typed: its dotted path, its label, what it may be, and its value as it is typed."""

    path: str
    label: str
    limits: str
    typed: str


@lru_cache(maxsize=_KEPT)
def differing_words(settings: str) -> tuple[str, ...]:
    """``Learning rate 0.03`` for each setting of a settings file that has not its default."""
    from workbench.engine.spec.toml import loads

    try:
        spec = loads(settings)
    except WorkbenchError:
        return ("settings that are not known here",)
    found = differences(ExperimentSpec(), spec)
    return tuple(f"{each.label} {each.new}" for each in found if each.path not in _NAMES)


def shared_words(cards: Iterable[Card]) -> frozenset[str]:
    """The differences that all of several cards have: they tell none of them from the others."""
    found = [frozenset(differing_words(card.settings)) for card in cards]
    return frozenset.intersection(*found) if len(found) > 1 else frozenset()


def difference_line(settings: str, most: int = 3, shared: Set[str] = frozenset()) -> str:
    """The first differences in a line, ``shared`` ones last: ``Learning rate 0.03, Epochs 5 and 2 more``.

    Empty for the default settings.
    """
    words = sorted(differing_words(settings), key=shared.__contains__)
    more = f" and {counted(len(words) - most, 'more', 'more')}" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def choices(spec: ExperimentSpec) -> tuple[Choice, ...]:
    """The settings of ``spec`` that can be typed, in the order of the form; members of families among them."""
    return tuple(Choice(path, label_of(spec, path), *_described(spec, path)) for path in _paths(plain(spec), ""))


def _paths(settings: Mapping[str, Any], above: str) -> Iterator[str]:
    for name, value in settings.items():
        path = f"{above}{name}"
        if path in _NAMES or name == "kind":
            continue
        if isinstance(value, Mapping):
            if "kind" in value:
                yield path
            yield from _paths(value, f"{path}.")
        elif isinstance(value, (bool, int, float, str)) or value is None:
            yield path


def _described(spec: ExperimentSpec, path: str) -> tuple[str, str]:
    owner, _, name = path.rpartition(".")
    setting = setting_of(type(spec.at(owner) if owner else spec), name)
    return _limits(setting), _typed(spec.at(path))


def _limits(setting: Setting) -> str:
    """What a value may be: a range, or the words to choose from."""
    if setting.type == "variant":
        return f"one of {', '.join(members_of(cast('type[Variant]', setting.base)))}"
    if setting.values:
        return f"one of {', '.join(setting.values)}"
    if isinstance(setting.default, bool):
        return "true or false"
    return setting.knob.range_text


def _typed(value: Any) -> str:
    if isinstance(value, Variant):
        return value.kind
    if value is None or isinstance(value, bool):
        return "true" if value else "false" if value is False else ""
    return editable(value) if isinstance(value, (int, float)) else str(value)
