"""A setting on the command line: ``PATH=VALUE``, the value written as in a settings file."""

from __future__ import annotations

import tomllib
from typing import Any, cast

from pydantic import BaseModel

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.settings import SettingType, settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.spec.experiment import ExperimentSpec


def assigned(text: str) -> tuple[str, Any]:
    """The path and the value of ``PATH=VALUE``; a value that is no TOML is a text, and so is any of a setting that is
    one: a shell takes the quotes from ``validation_value="0"``. Raises SpecError."""
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise SpecError([Problem(path, "needs a value: PATH=VALUE")])
    try:
        found = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return path, value
    return path, value if not isinstance(found, str) and _types(path) == {"text"} else found


def _types(path: str) -> set[SettingType]:
    """The types that the setting at ``path`` has in the members that know it."""
    *way, name = path.split(".")
    owners: list[type[BaseModel]] = [ExperimentSpec]
    for part in way:
        owners = [below for owner in owners for below in _below(owner, part)]
    return {each.type for owner in owners for each in settings_of(owner) if each.name == name}


def _below(owner: type[BaseModel], part: str) -> list[type[BaseModel]]:
    """What ``part`` of a path may lead to: a section, or the members of a family."""
    base = next((each.base for each in settings_of(owner) if each.name == part), None)
    is_family = base is not None and issubclass(base, Variant)
    return [*members_of(cast("type[Variant]", base)).values()] if is_family else [base] if base is not None else []


def with_assigned(spec: ExperimentSpec, path: str, value: Any) -> ExperimentSpec:
    """``spec.edited``; where a table of settings is needed the error says how it is written on the command line."""
    try:
        return spec.edited(path, value)
    except SpecError as error:
        if not isinstance(value, str) or not any("must be a table" in problem.message for problem in error.problems):
            raise
        hint = f"""write it as a table: --set '{path}={{kind="{value}"{_paths_of(path, value)}}}'"""
        raise SpecError(Problem(each.path, f"{each.message}; {hint}") for each in error.problems) from None


def _paths_of(path: str, kind: str) -> str:
    """The file or folder that a data source of this ``kind`` needs."""
    member = members_of(cast("type[Variant]", DataSource)).get(kind) if path == "data.source" else None
    settings = settings_of(member) if member is not None else ()
    return next((f', {each.name}="…"' for each in settings if each.knob.role in ("file", "folder")), "")
