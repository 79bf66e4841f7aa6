"""Specs as TOML files: read with the standard library, written with tomlkit; size and depth capped before parsing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tomlkit

from workbench.engine.problems import Problem, SpecError, WorkbenchError
from workbench.engine.spec import ExperimentSpec, plain, spec_from_plain

MAX_BYTES = 64 * 1024
#: No setting's path has more parts; a dotted key of 100 KB would cost the parser a minute.
MAX_DOTS = 16

#: From version n to n + 1: a function that changes the plain table in place.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], None]] = {}


def dumps(spec: ExperimentSpec) -> str:
    """The spec as TOML text. Settings that are off (None) are left out; they come back as their default, None."""
    document = tomlkit.document()
    document.add("version", tomlkit.item(ExperimentSpec.version))
    for name, value in plain(spec).items():
        document.add(name, _item(value))
    return tomlkit.dumps(document)


def _item(value: Any) -> Any:
    if isinstance(value, dict):
        table = tomlkit.table()
        for name, child in value.items():
            if child is not None:
                table.add(name, _item(child))
        return table
    if isinstance(value, list) and value and isinstance(value[0], dict):
        tables = tomlkit.aot()
        for child in value:
            tables.append(_item(child))
        return tables
    return tomlkit.item(value)


def loads(text: str) -> ExperimentSpec:
    """The spec in a TOML text. Raises SpecError with every problem; nothing is applied in part."""
    _refuse_absurd(text)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise SpecError(
            [Problem("", f"This is not a readable settings file: {error or 'nested too deeply'}")]
        ) from None
    return spec_from_plain(_migrated(table))


def _refuse_absurd(text: str) -> None:
    if len(text) > MAX_BYTES:
        raise SpecError([Problem("", f"This file is larger than {MAX_BYTES // 1024} KB; no settings file is.")])
    if any(line.count(".") > MAX_DOTS and _looks_dotted(line) for line in text.splitlines()):
        raise SpecError([Problem("", f"This file has a name with more than {MAX_DOTS} parts; no setting has.")])


def _looks_dotted(line: str) -> bool:
    head = line.split("=")[0]
    return bool(re.search(r"(?:[^\s\"'.]+\s*\.\s*){%d}" % MAX_DOTS, head)) and not head.lstrip().startswith("#")


def _migrated(table: dict[str, Any]) -> dict[str, Any]:
    version = table.pop("version", 1)
    if type(version) is not int or version < 1:
        raise SpecError(
            [Problem("version", f"must be a whole number from 1 to {ExperimentSpec.version}, not {version!r}")]
        )
    if version > ExperimentSpec.version:
        text = f"This file was written by a newer version of the program (format {version}; this one reads {ExperimentSpec.version})."
        raise SpecError([Problem("version", text)])
    for step in range(version, ExperimentSpec.version):
        MIGRATIONS[step](table)
    return table


def load(path: Path) -> ExperimentSpec:
    """Read a spec file. Raises WorkbenchError if it cannot be read, SpecError if it is not valid."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return loads(data.decode("utf-8"))
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"Cannot read {path}: it is not a text file.") from None


def save(spec: ExperimentSpec, path: Path) -> None:
    """Write a spec file completely or not at all. Raises WorkbenchError with the reason."""
    from workbench.engine.files import write_whole

    write_whole(path, dumps(spec).encode())
