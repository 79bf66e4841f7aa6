"""What two specs differ in, in the words of their knobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.settings import setting_of
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.text import short
from workbench.engine.spec.experiment import ExperimentSpec


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting with another value: its dotted path, its label, and both values in words."""

    path: str
    label: str
    old: str
    new: str


def differences(old: ExperimentSpec, new: ExperimentSpec) -> tuple[Difference, ...]:
    """Every setting that differs, in the order of the form; another kind of a variant counts as one difference."""
    return tuple(_below(old, new, "", ""))


def summary(old: ExperimentSpec, new: ExperimentSpec, limit: int = 2) -> str:
    """What ``old`` had where the two differ, e.g. ``Learning rate 0.1, Momentum 0.9``; empty if they are alike."""
    found = [d for d in differences(old, new) if d.path not in ("title", "note")]
    words = ", ".join(f"{d.label} {d.old}" for d in found[:limit])
    return words + (f" and {len(found) - limit} more" if len(found) > limit else "")


def _below(old: Any, new: Any, path: str, label: str, knob: Knob | None = None) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, BaseModel) and type(old) is type(new):
        for name in type(old).model_fields:
            knob = setting_of(type(old), name).knob
            yield from _below(getattr(old, name), getattr(new, name), f"{path}.{name}".lstrip("."), knob.label, knob)
    elif _same_kinds(old, new):
        for i, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _below(one, other, f"{path}.{i}", one.title)
    else:
        yield Difference(path, label, in_words(old, knob), in_words(new, knob))


def _same_kinds(old: Any, new: Any) -> bool:
    both = isinstance(old, tuple) and isinstance(new, tuple)
    return (
        both
        and len(old) == len(new)
        and all(isinstance(a, Variant) and type(a) is type(b) for a, b in zip(old, new, strict=True))
    )


def in_words(value: Any, knob: Knob | None = None) -> str:
    """A setting's value for a sentence; an option is called as ``knob`` calls it."""
    if knob is not None and isinstance(value, str) and value in knob.options:
        return knob.title_of(value)
    if value is None or value is False:
        return "off"
    if value is True:
        return "on"
    if isinstance(value, Variant):
        return f"{value.title} {value.brief()}".strip()
    if isinstance(value, tuple):
        return ", ".join(in_words(v) for v in value) or "none"
    return short(value) if isinstance(value, float) else str(value) or "nothing"
