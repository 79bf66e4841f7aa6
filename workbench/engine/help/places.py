"""Where the help about a setting stands: a page and the headings that lead to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.engine.catalog.settings import Setting, setting_of, settings_of
from workbench.engine.catalog.variant import Variant
from workbench.engine.spec.editable import Editable
from workbench.engine.spec.experiment import ExperimentSpec

GENERAL = "settings/general"
PLAYGROUND = "settings/playground"
SCENES = "scenes"
EXPLAIN = "explain-methods"


@dataclass(frozen=True, slots=True)
class Place:
    """A page, and headings on it, each to be looked for behind the one before."""

    page: str
    headings: tuple[str, ...] = ()


def page_of(cls: type[Editable], name: str) -> str:
    """The page of the top-level setting ``name``. A family of the experiment has one page, wherever it is used."""
    setting = setting_of(cls, name)
    if cls is ExperimentSpec:
        return f"settings/{name}" if setting.type in ("section", "variant", "variants") else GENERAL
    return next((f"settings/{each.name}" for each in _families() if each.base is setting.base), PLAYGROUND)


def place_of(spec: Editable, path: str) -> Place:
    """Where the help about the setting at the dotted ``path`` of ``spec`` is. Raises KeyError for an unknown path.

    A lesson holds roots of settings, which have the places. Raises TypeError for what is a lesson's own.
    """
    parts = path.split(".")
    inner = spec.at(parts[0])
    if isinstance(inner, Editable):
        return place_of(inner, ".".join(parts[1:]))
    page = page_of(type(spec), parts[0])
    headings: list[str] = []
    value: Any = spec
    for depth, part in enumerate(parts):
        is_last = depth == len(parts) - 1
        if isinstance(value, Variant):
            headings.append(value.title)
        if is_last and not part.isdigit() and (depth or page in (PLAYGROUND, GENERAL)):
            headings.append(setting_of(type(value), part).knob.label)
        value = spec.at(".".join(parts[: depth + 1]))
    if isinstance(value, Variant):
        headings.append(value.title)
    return Place(page, tuple(headings))


def _families() -> Iterator[Setting]:
    return (each for each in settings_of(ExperimentSpec) if each.type in ("variant", "variants"))
