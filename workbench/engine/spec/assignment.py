"""A setting on the command line: ``PATH=VALUE``, the value written as in a settings file."""

from __future__ import annotations

import tomllib
from typing import Any, cast

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.settings import settings_of
from workbench.engine.catalog.variant import Variant, members_of
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.spec.experiment import ExperimentSpec


def assigned(text: str) -> tuple[str, Any]:
    """The path and the value of ``PATH=VALUE``; a value that is no TOML is a text. Raises SpecError."""
    path, equals, value = text.partition("=")
    if not equals:
        raise SpecError([Problem(path, "needs a value: PATH=VALUE")])
    try:
        return path.strip(), tomllib.loads(f"value = {value.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return path.strip(), value.strip()


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
