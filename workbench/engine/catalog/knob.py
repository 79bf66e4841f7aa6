"""A knob: everything one setting is, said once on its field (label, limits, unit, help, live or not).

Form, file, command line, docs and tests are made from it. Limits are enforced here and nowhere else,
with one wording.
"""

from __future__ import annotations

import builtins
import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Scale = Literal["linear", "log"]
TextRole = Literal["", "folder", "file", "note"]

#: Longer texts and lists than these are refused, so that every valid spec fits into a settings file.
MAX_TEXT = 4_000
MAX_ITEMS = 64


@dataclass(frozen=True, slots=True)
class Knob:
    """Declaration of one setting, placed in ``Annotated[type, Knob(...)]``.

    ``low`` and ``high`` are inclusive. ``help``: its first sentence stands under the field, the whole behind
    "more". ``lesson`` is the lecture's claim about it. ``live`` settings act at the next batch of a running run.
    ``options`` describes each value of a ``Literal``. ``role`` tells a form what a text means.
    ``off`` is the word for None in an optional setting.
    """

    label: str
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    scale: Scale = "linear"
    live: bool = False
    lesson: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    role: TextRole = ""
    off: str = "Off"

    def __hash__(self) -> int:
        return hash((self.label, self.help))

    @property
    def hint(self) -> str:
        """The first sentence of the help."""
        head, dot, _ = self.help.partition(". ")
        return head + "." if dot else self.help

    @property
    def range_text(self) -> str:
        """The allowed range in words, e.g. ``from 0 to 1``; empty if there is none."""
        if self.low is not None and self.high is not None:
            return f"from {number_text(self.low)} to {number_text(self.high)}"
        if self.low is not None:
            return f"at least {number_text(self.low)}"
        return f"at most {number_text(self.high)}" if self.high is not None else ""

    def check(self, value: Any) -> Any:
        """Return ``value`` if every number in it keeps the limits; the error says the allowed range."""
        _refuse_long(value)
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                too_low = self.low is not None and number < self.low
                too_high = self.high is not None and number > self.high
                if too_low or too_high:
                    raise PydanticCustomError("limits", f"must be {self.range_text}, not {number_text(number)}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))


def number_text(number: float) -> str:
    """A number as messages show it: whole ones with all their digits and separators, others in the shortest form."""
    if abs(number) >= 1e15:  # str() refuses whole numbers of thousands of digits
        return f"about {'-' if number < 0 else ''}1e{math.floor(math.log10(abs(number)))}"
    return f"{int(number):,}" if number == int(number) else f"{number:g}"


def shown(given: Any) -> str:
    """A refused value as messages show it: short, and as it is written in a settings file."""
    if isinstance(given, str):
        return repr(given if len(given) <= 40 else given[:39] + "…")
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, (dict, list, tuple)):
        return "a table" if isinstance(given, dict) else "a list"
    return number_text(given) if isinstance(given, int) else str(given)[:40]


def _refuse_long(value: Any) -> None:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise PydanticCustomError("too_long", f"must have at most {MAX_TEXT:,} characters, not {len(value):,}")
    if isinstance(value, tuple) and len(value) > MAX_ITEMS:
        raise PydanticCustomError("too_many", f"must have at most {MAX_ITEMS} entries, not {len(value):,}")


SettingType = Literal[
    "number", "integer", "switch", "choice", "text", "sizes", "points", "variant", "variants", "section"
]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a section or variant as a form or a docs page needs it.

    ``type`` tells the editor; ``optional`` fields may be None ("off"). ``base`` is the family's base class for
    ``variant``/``variants`` and the section class for ``section``. ``values`` are a choice's values.
    """

    name: str
    knob: Knob
    type: SettingType
    default: Any
    optional: bool = False
    base: builtins.type[BaseModel] | None = None
    values: tuple[str, ...] = ()


def settings_of(cls: type[BaseModel]) -> tuple[Setting, ...]:
    """The settings of a section or variant in their declared order. Raises TypeError for a field without a Knob.

    Those that a family names in ``shown_last`` come behind a member's own.
    """
    last = getattr(cls, "shown_last", ())
    names = sorted(cls.model_fields, key=lambda name: last.index(name) if name in last else -1)
    return tuple(_setting(cls, name, cls.model_fields[name]) for name in names)


def setting_of(cls: type[BaseModel], name: str) -> Setting:
    """The setting ``name`` of ``cls``; raises KeyError."""
    return _setting(cls, name, cls.model_fields[name])


def _setting(cls: type[BaseModel], name: str, info: FieldInfo) -> Setting:
    knob = next((m for m in info.metadata if isinstance(m, Knob)), None)
    if knob is None:
        raise TypeError(f"{cls.__name__}.{name} has no Knob")
    annotation, optional = _without_none(info.annotation)
    kind, base, values = _classify(annotation)
    default = info.get_default(call_default_factory=True)
    return Setting(name, knob, kind, default, optional, base, values)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def _classify(annotation: Any) -> tuple[SettingType, type[BaseModel] | None, tuple[str, ...]]:
    from workbench.engine.catalog.variant import Variant  # the catalog builds on knobs

    simple: dict[Any, SettingType] = {float: "number", int: "integer", bool: "switch", str: "text"}
    if annotation in simple:
        return simple[annotation], None, ()
    if get_origin(annotation) is Literal:
        return "choice", None, tuple(str(v) for v in get_args(annotation))
    if get_origin(annotation) is tuple:
        item = get_args(annotation)[0]
        if item is int:
            return "sizes", None, ()
        if get_origin(item) is tuple:
            return "points", None, ()
        return "variants", item, ()
    if isinstance(annotation, type) and issubclass(annotation, Variant):
        return "variant", annotation, ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section", annotation, ()
    raise TypeError(f"no form for {annotation!r}")
