"""The settings in which any number of specs differ, a row for each, in the words of their knobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.settings import setting_of
from workbench.engine.catalog.variant import Variant
from workbench.engine.spec.diff import in_words
from workbench.engine.spec.experiment import ExperimentSpec

#: What names an experiment and is no setting of it.
_NAMES: Final = ("title", "note")


@dataclass(frozen=True, slots=True)
class Row:
    """One setting: its dotted path, its label, and its value in words for each run."""

    path: str
    label: str
    values: tuple[str, ...]


def differing(specs: Sequence[ExperimentSpec]) -> tuple[Row, ...]:
    """Every setting that is not the same in all ``specs``, in the order of the form; names are left out.

    Another kind of a member is one row. Members of a list are told apart by their kind: one that a spec does not have
    is off there. Where two rows would have one label, the label of what they belong to stands before it.
    """
    found = [(above, row) for above, row in _below(tuple(specs), "", "", "") if row.path not in _NAMES]
    labels = [row.label for _, row in found]
    return tuple(
        replace(row, label=f"{above}, {row.label}") if above and labels.count(row.label) > 1 else row
        for above, row in found
    )


def label_at(spec: ExperimentSpec, path: str) -> str:
    """The label of the setting at ``path``; its last name where ``spec`` has none."""
    knob = knob_at(spec, path)
    return knob.label if knob is not None else path.rpartition(".")[2].replace("_", " ")


def knob_at(spec: ExperimentSpec, path: str) -> Knob | None:
    """The declaration of the setting at ``path``, None where ``spec`` has none."""
    try:
        return spec.knob_at(path)
    except KeyError:
        return None


def _below(
    values: tuple[Any, ...], path: str, label: str, above: str, knob: Knob | None = None
) -> Iterator[tuple[str, Row]]:
    first = values[0]
    if all(value == first for value in values):
        return
    if isinstance(first, BaseModel) and all(type(value) is type(first) for value in values):
        for name in type(first).model_fields:
            below = tuple(getattr(value, name) for value in values)
            knob = setting_of(type(first), name).knob
            yield from _below(below, f"{path}.{name}".lstrip("."), knob.label, label, knob)
    elif _told_apart_by_kind(values):
        yield from _members(values, path, label)
    else:
        yield above, Row(path, label, tuple(in_words(value, knob) for value in values))


def _told_apart_by_kind(values: tuple[Any, ...]) -> bool:
    """Whether they are lists of members, none of which is there twice."""
    return all(
        isinstance(value, tuple)
        and all(isinstance(item, Variant) for item in value)
        and len({item.kind for item in value}) == len(value)
        for value in values
    )


def _members(values: tuple[Any, ...], path: str, label: str) -> Iterator[tuple[str, Row]]:
    kinds = dict.fromkeys(item.kind for value in values for item in value)
    for kind in kinds:
        items = tuple(next((item for item in value if item.kind == kind), None) for value in values)
        present = next(item for item in items if item is not None)
        if None in items:
            words = tuple("off" if item is None else item.brief() or "on" for item in items)
            yield label, Row(f"{path}.{kind}", present.title, words)
        else:
            yield from _below(items, f"{path}.{kind}", present.title, label)
    common = [[item.kind for item in value if all(_has(each, item.kind) for each in values)] for value in values]
    if any(order != common[0] for order in common):
        yield label, Row(path, f"Order of {label.lower()}", tuple(in_words(value) for value in values))


def _has(value: tuple[Any, ...], kind: str) -> bool:
    return any(item.kind == kind for item in value)
