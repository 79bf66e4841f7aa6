"""Comparison of two specs: whether a path is the same field in both, and which variants were replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from workbench.engine.catalog.variant import Variant
from workbench.engine.spec.editable import Editable


def shape_of(value: Any) -> Any:
    """What determines the fields below ``value``: its class, or the classes of its items in order."""
    if isinstance(value, BaseModel):
        return type(value)
    return tuple(shape_of(item) for item in value) if has_inner_shape(value) else None


def has_inner_shape(value: Any) -> bool:
    """Whether ``value`` is a section, a variant or a list of variants, whose fields are settings themselves."""
    if isinstance(value, BaseModel):
        return True
    return isinstance(value, tuple) and not any(isinstance(v, (int, float, tuple)) for v in value)


def same_owners(a: Editable | None, b: Editable | None, path: str) -> bool:
    """Whether all owners of ``path`` are of the same kind in both specs, so that ``path`` is the same field."""
    here, there = a, b
    for name in path.split("."):
        if here is None or there is None or shape_of(here) != shape_of(there):
            return False
        here, there = child_of(here, name), child_of(there, name)
    return True


def has_field(spec: Editable, path: str) -> bool:
    """Whether ``path`` is a setting of ``spec``."""
    try:
        spec.at(path)
    except KeyError:
        return False
    return True


def replaced(old: Any, new: Any, path: str = "") -> Iterator[tuple[tuple[str, str], Variant]]:
    """Variants of ``old`` that another kind replaces in ``new``, as ((path of the setting, kind), variant)."""
    if isinstance(old, Variant) and shape_of(old) != shape_of(new):
        yield (path, old.kind), old
    elif isinstance(old, BaseModel) and isinstance(new, BaseModel):
        for name in type(old).model_fields:
            yield from replaced(getattr(old, name), getattr(new, name), f"{path}.{name}".lstrip("."))
    elif isinstance(old, tuple) and old and has_inner_shape(old):
        yield from _replaced_items(old, new if isinstance(new, tuple) else (), path)


def _replaced_items(old: tuple[Any, ...], new: tuple[Any, ...], path: str) -> Iterator[tuple[tuple[str, str], Variant]]:
    if shape_of(old) == shape_of(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from replaced(before, after, f"{path}.{index}")
        return
    kept = {item.kind for item in new}
    yield from (((path, item.kind), item) for item in old if item.kind not in kept)


def child_of(value: Any, name: str) -> Any:
    """The field or the list item ``name`` of ``value``; None if there is none."""
    if isinstance(value, tuple):
        return value[int(name)] if name.isdigit() and int(name) < len(value) else None
    return getattr(value, name, None)
