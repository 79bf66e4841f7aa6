"""The settings of a model, read from its fields: type, limits, choices, path."""

from __future__ import annotations

import builtins
import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from workbench.engine.catalog.knob import Knob

SettingType = Literal[
    "number", "integer", "switch", "choice", "text", "sizes", "numbers", "points", "variant", "variants", "section"
]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a section or variant as a form or a docs page needs it.

    ``type`` selects the editor; ``optional`` fields may be None ("off"). ``base`` is the family's base class for
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

    Those that a family names in ``shown_last`` come after the member's own settings.
    """
    last = getattr(cls, "shown_last", ())
    names = sorted(cls.model_fields, key=lambda name: last.index(name) if name in last else -1)
    return tuple(_setting(cls, name, cls.model_fields[name]) for name in names)


def setting_of(cls: type[BaseModel], name: str) -> Setting:
    """The setting ``name`` of ``cls``; raises KeyError."""
    return _setting(cls, name, cls.model_fields[name])


def is_setting(cls: type[BaseModel], name: str) -> bool:
    """Whether the field ``name`` of ``cls`` has a Knob; raises KeyError."""
    return _knob(cls.model_fields[name]) is not None


def _knob(info: FieldInfo) -> Knob | None:
    return next((m for m in info.metadata if isinstance(m, Knob)), None)


def _setting(cls: type[BaseModel], name: str, info: FieldInfo) -> Setting:
    knob = _knob(info)
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
        if item is float:
            return "numbers", None, ()
        if get_origin(item) is tuple:
            return "points", None, ()
        return "variants", item, ()
    if isinstance(annotation, type) and issubclass(annotation, Variant):
        return "variant", annotation, ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section", annotation, ()
    raise TypeError(f"no form for {annotation!r}")
