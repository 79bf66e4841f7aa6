"""Settings as the text of Python that makes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final

from workbench.engine.catalog.variant import Variant
from workbench.engine.export.script.module_names import CannotScript, Place
from workbench.engine.export.script.taken_out import TakenOut

_WIDE: Final = 110


def classes_in(value: Any) -> Iterator[Place]:
    """The classes that the text of ``value`` names, inner ones first."""
    for _, each in _settings(value):
        yield from classes_in(each)
    if isinstance(value, tuple):
        for each in value:
            yield from classes_in(each)
    elif _is_made(value):
        yield Place(type(value).__module__, type(value).__name__)


def written(value: Any, taken: TakenOut, indent: int = 0) -> str:
    """``value`` as Python; of a member of the catalog the settings that are asked for in ``taken``."""
    if _is_made(value):
        asked = taken.asked if isinstance(value, Variant) else None
        parts = [f"{name}={written(each, taken, indent + 4)}" for name, each in _settings(value, asked)]
        return _call(taken.name(Place(type(value).__module__, type(value).__name__)), parts, indent)
    if isinstance(value, tuple):
        parts = [written(each, taken, indent + 4) for each in value]
        return _call("", [*parts, ""] if len(parts) == 1 else parts, indent)
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    raise CannotScript(f"a setting is of the type {type(value).__name__}")


def _is_made(value: Any) -> bool:
    return isinstance(value, Variant) or (is_dataclass(value) and not isinstance(value, type))


def _settings(value: Any, asked: Collection[str] | None = None) -> list[tuple[str, Any]]:
    if isinstance(value, Variant):
        names = list(type(value).model_fields)
    elif _is_made(value):
        names = [each.name for each in fields(value)]
    else:
        return []
    return [(name, getattr(value, name)) for name in names if asked is None or name in asked]


def _call(name: str, parts: list[str], indent: int) -> str:
    line = f"{name}({', '.join(parts).rstrip()})"
    if len(line) + indent <= _WIDE and "\n" not in line:
        return line
    pad = " " * (indent + 4)
    return f"{name}(\n" + "".join(f"{pad}{part},\n" for part in parts if part) + " " * indent + ")"
