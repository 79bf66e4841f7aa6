"""What is searched: a setting of the experiment with a range, or with the values that are tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from pydantic import BaseModel

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.settings import Setting, setting_of
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.search_space import log_uniform
from workbench.engine.core.text import counted, editable, number_text, short, significant
from workbench.engine.shelf.cards import values_in
from workbench.engine.spec.diff import in_words
from workbench.engine.spec.experiment import ExperimentSpec, plain

#: Settings that are not searched, by the beginning of their paths, each with the reason.
EXCLUDED: Final[Mapping[str, str]] = {
    "title": "it is a name",
    "note": "it is a name",
    "loop.seed": "the seed with the best result is luck, and no setting",
    "loop.device": "it does not change what is learned",
    "loop.threads": "it does not change what is learned",
    "loop.processes": "it does not change what is learned",
    "loop.fastest": "it does not change what is learned",
    "loop.memory_format": "it does not change what is learned",
    "loop.diagnostics": "it does not change what is learned",
    "loop.speed_limit": "it does not change what is learned",
    "loop.watch": "it does not change what is learned",
    "loop.accumulate": "it does not change what is learned",
    "data.source": "results on other examples cannot be compared",
    "data.validation_fraction": "results on other validation examples cannot be compared",
    "data.split_seed": "results on other validation examples cannot be compared",
    "data.group_by": "results on other validation examples cannot be compared",
    "data.folds": "results on other validation examples cannot be compared",
    "data.fold": "results on other validation examples cannot be compared",
    "data.test_fraction": "results on other validation examples cannot be compared",
    "data.measure_test": "the test part is for the end",
}
#: Number of significant digits of drawn values.
_DIGITS: Final = 6
#: Distance from an end of a range, as a share of the range, within which a value lies at the edge.
EDGE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Field:
    """A setting that is searched: from ``low`` to ``high``, or through ``choices`` (plain data).

    Of a logarithmic field each factor has the same weight; ``low`` is then above 0. ``count`` is the number of
    its values in a grid; None derives it from the budget.
    """

    path: str
    low: float = 0.0
    high: float = 0.0
    count: int | None = None
    is_log: bool = False
    is_whole: bool = False
    choices: tuple[Any, ...] = ()

    def value(self, share: float) -> Any:
        """The value at ``share``, from 0 to below 1, of its range or choices."""
        if self.choices:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if not self.is_whole:
            return self._rounded(self._between(share, self.low, self.high))
        return int(np.clip(round(self._between(share, self.low - 0.5, self.high + 0.5)), self.low, self.high))

    def grid(self, count: int) -> tuple[Any, ...]:
        """``count`` values at equal distances, both ends among them; every choice. Whole numbers are there once."""
        if self.choices:
            return self.choices
        shares = np.linspace(0, 1, count) if count > 1 else np.array([0.5])
        values = [self._between(float(share), self.low, self.high) for share in shares]
        return tuple(dict.fromkeys(round(v) if self.is_whole else self._rounded(v) for v in values))

    def place(self, value: Any) -> float:
        """Where ``value`` lies, from 0 at the lower end to 1 at the upper one; a choice by its position."""
        if self.choices:
            return self.choices.index(value) / max(1, len(self.choices) - 1)
        if self.is_log:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return float((value - self.low) / (self.high - self.low))

    def named(self, value: Any) -> Any:
        """The choice that ``value`` is or, of members of a family, names by its kind; else ``value`` itself."""
        return next((each for each in self.choices if value in (each, self.shown(each))), value)

    def has(self, value: Any) -> bool:
        """Whether ``value`` lies within its range or is one of its choices."""
        if self.choices:
            return value in self.choices
        return isinstance(value, (int, float)) and self.low <= value <= self.high

    def edge(self, value: Any) -> str:
        """``lower`` or ``upper`` if ``value`` lies at that end of a range, else empty."""
        if self.choices:
            return ""
        place = self.place(value)
        return "lower" if place <= EDGE else "upper" if place >= 1 - EDGE else ""

    def shown(self, value: Any) -> Any:
        """``value`` for lists and programs: a member of a family by its kind, unless another choice has the same."""
        kinds = [choice["kind"] for choice in self.choices if isinstance(choice, dict)]
        return value["kind"] if isinstance(value, dict) and kinds.count(value["kind"]) == 1 else value

    @property
    def words(self) -> str:
        """The range or the choices, for a sentence."""
        if self.choices:
            return ", ".join(choice_words(choice) for choice in self.choices)
        kind = ", logarithmic" if self.is_log else ""
        return f"{short(self.low)} to {short(self.high)}{kind}"

    def _between(self, share: float, low: float, high: float) -> float:
        return float(log_uniform(share, low, high)) if self.is_log else low + share * (high - low)

    def _rounded(self, value: float) -> float:
        return min(max(significant(value, _DIGITS), self.low), self.high)


def choice_words(choice: Any) -> str:
    """A choice in words: a member of a family by its kind."""
    if isinstance(choice, dict):
        return str(choice["kind"])
    return in_words(tuple(choice) if isinstance(choice, list) else choice)


def fields_of(base: ExperimentSpec, texts: Sequence[str]) -> tuple[Field, ...]:
    """The fields that are written as ``PATH``, ``PATH=LOW:HIGH[:COUNT]`` or ``PATH=VALUE,VALUE``.

    Without a range the one that the setting declares is taken. A path may lead through a member that another field
    chooses. Raises SpecError with every field that is wrong.
    """
    specs, wrong = [base], []
    made: list[Field] = []
    parts = [tuple(part.strip() for part in text.partition("=")) for text in texts]
    for path, _, typed in sorted(parts, key=lambda each: each[0].count(".")):
        try:
            if any(path == other.path for other in made):
                raise _refused(path, "is there twice")
            field = _field(specs, path, typed)
            made.append(field)
            specs += _with_members(specs, field)
        except SpecError as error:
            wrong += list(error.problems)
    if wrong:
        raise SpecError(wrong)
    order = [path for path, _, _ in parts]
    return tuple(sorted(made, key=lambda field: order.index(field.path)))


def suggested(spec: ExperimentSpec, path: str) -> Field | None:
    """The field of the setting at ``path`` with the range that it declares, or with its values; None if it has none."""
    try:
        return _field([spec], path, "")
    except SpecError:
        return None


def why_excluded(path: str) -> str:
    """Why the setting at ``path`` is not searched; empty if it may be."""
    return next((why for head, why in EXCLUDED.items() if path == head or path.startswith(f"{head}.")), "")


def ranged(path: str, knob: Knob, is_whole: bool, low: float, high: float, count: int | None = None) -> Field:
    """The field of a number from ``low`` to ``high``. Raises SpecError for a range that is empty, inverted, too wide
    or cannot be logarithmic."""
    if not np.isfinite([low, high]).all():
        raise _refused(path, "needs finite ends of its range")
    if low > high:
        raise _refused(path, f"has an inverted range: {number_text(low)} is above {number_text(high)}")
    if low == high:
        raise _refused(path, f"has an empty range: both ends are {number_text(low)}. Set it with --set instead")
    if is_whole and not (float(low).is_integer() and float(high).is_integer()):
        raise _refused(path, "needs whole numbers as the ends of its range")
    for end in (low, high):
        if (knob.low is not None and end < knob.low) or (knob.high is not None and end > knob.high):
            raise _refused(path, f"must stay within its limits: {knob.range_text}, not {number_text(end)}")
    is_log = knob.scale == "log"
    if is_log and low <= 0:
        raise _refused(path, "is searched by factors, so its range begins above 0")
    if count is not None and count < 1:
        raise _refused(path, "needs at least one value on the grid")
    first, last = (int(low), int(high)) if is_whole else (float(low), float(high))
    return Field(path, first, last, count, is_log, is_whole)


def of_values(specs: Iterable[ExperimentSpec], path: str, values: Sequence[Any]) -> Field:
    """The field of the setting at ``path`` with these values, as a settings file has them. Raises SpecError."""
    found: list[Any] = []
    for value in values:
        choice = _checked(list(specs), path, value)
        if choice not in found:
            found.append(choice)
    if len(found) < 2:
        raise _refused(path, "needs at least two different values; set a single one with --set instead")
    return Field(path, choices=tuple(found))


def _field(specs: list[ExperimentSpec], path: str, typed: str) -> Field:
    if why := why_excluded(path):
        raise _refused(path, f"is not searched: {why}")
    setting = _setting(specs, path)
    knob = setting.knob
    is_number = setting.type in ("number", "integer")
    if not typed:
        if is_number and knob.search is not None:
            return ranged(path, knob, setting.type == "integer", *knob.search)
        values = ("true", "false") if setting.type == "switch" else setting.values
        if not values:
            how = "LOW:HIGH" if is_number else "VALUE,VALUE"
            raise _refused(path, f"has no range of its own for a search; write {path}={how}")
        return of_values(specs, path, [value == "true" for value in values] if setting.type == "switch" else values)
    if is_number and ":" in typed:
        return ranged(path, knob, setting.type == "integer", *_ends(path, typed))
    return of_values(specs, path, values_in(path, typed))


def _ends(path: str, typed: str) -> tuple[Any, ...]:
    """Low, high and count of a range as it is typed."""
    low, high, *rest = (part.strip() for part in f"{typed}:".split(":"))
    try:
        count = int(rest[0]) if rest and rest[0] else None
        if len(rest) > 2:
            raise ValueError
        return float(low), float(high), count
    except ValueError:
        raise _refused(path, f"has no range that can be read: LOW:HIGH or LOW:HIGH:COUNT, not {typed}") from None


def _setting(specs: Iterable[ExperimentSpec], path: str) -> Setting:
    """The setting at ``path`` in the first of ``specs`` that has it. Raises SpecError."""
    above, _, name = path.rpartition(".")
    for spec in specs:
        try:
            owner = spec.at(above) if above else spec
        except KeyError:
            continue
        if isinstance(owner, BaseModel) and name in type(owner).model_fields:
            return setting_of(type(owner), name)
    first = next(iter(specs))
    raise _refused(path, f"is not a known setting{_instead(first, path)}")


def _instead(spec: ExperimentSpec, path: str) -> str:
    """What has other settings than the path supposes: the member that is chosen there."""
    parts = path.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            owner = spec.at(".".join(parts[:end]))
        except KeyError:
            continue
        if isinstance(owner, Variant):
            return f" of {owner.title}"
    return ""


def _checked(specs: list[ExperimentSpec], path: str, value: Any) -> Any:
    """``value`` as plain data, validated by the first of ``specs`` that has the setting. A member of a family may be
    named by its kind; one that is chosen already keeps its settings. Raises SpecError."""
    setting = _setting(specs, path)
    for spec in specs:
        try:
            now = spec.at(path)
        except KeyError:
            continue
        if isinstance(value, str) and setting.type == "variant":
            value = plain(now) if isinstance(now, Variant) and now.kind == value else {"kind": value}
        return plain(spec.edited(path, value).at(path))
    raise _refused(path, "is not a known setting")


def _with_members(specs: Sequence[ExperimentSpec], field: Field) -> Iterator[ExperimentSpec]:
    """The specs that a field makes whose choices are members: others may lead through them."""
    for choice in field.choices if any(isinstance(each, dict) for each in field.choices) else ():
        yield specs[0].edited(field.path, choice)


def _refused(path: str, words: str) -> SpecError:
    return SpecError([Problem(path, words)])


def field_words(field: Field) -> str:
    """``optimizer.lr: 1e-5 to 1, logarithmic``; with the count of a grid where it is given."""
    of_grid = f", {counted(field.count, 'value')}" if field.count is not None else ""
    return f"{field.path}: {field.words}{of_grid}"


def as_typed(field: Field | None) -> str:
    """A field as a person types it, ``0.001:1`` or ``16, 64``; empty for None."""
    if field is None:
        return ""
    if field.choices:
        words = (str(choice).lower() if isinstance(choice, bool) else choice_words(choice) for choice in field.choices)
        return ", ".join(words)
    return f"{editable(field.low)}:{editable(field.high)}"
