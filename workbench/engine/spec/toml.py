"""Specs as TOML files: read with the standard library, written with tomlkit; size and depth capped before parsing."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path, PureWindowsPath
from typing import Any

import tomlkit

from workbench.engine.catalog.path_settings import typed_path
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.toml_table import MAX_BYTES, read_text, table_of, wrong_version
from workbench.engine.spec.experiment import ExperimentSpec, plain, spec_from_plain

#: From version n to n + 1: a function that changes the plain table in place.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], None]] = {}


def dumps(spec: ExperimentSpec) -> str:
    """The spec as TOML text. Settings that are off (None) are left out; they come back as their default, None."""
    settings = {"version": ExperimentSpec.version, **plain(spec)}
    return _text_of({name: value for name, value in settings.items() if not _is_table(value)}) + "".join(
        "\n" + _text_of({name: value}) for name, value in settings.items() if _is_table(value)
    )


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _text_of(settings: dict[str, Any]) -> str:
    return _text_of_json(json.dumps(settings))


@lru_cache(maxsize=1024)
def _text_of_json(settings: str) -> str:
    """The TOML text of settings that are given as JSON.

    A run writes its spec at its start, in each file of weights and in each state it keeps, an ensemble for each
    member, a search for each trial, and most of it is always the same. tomlkit takes as long as copying a small
    network.
    """
    document = tomlkit.document()
    for name, value in json.loads(settings).items():
        document.add(name, toml_item(value))
    return tomlkit.dumps(document)


def toml_item(value: Any) -> Any:
    """Plain data as TOML has it; settings that are off (None) are left out of tables."""
    if isinstance(value, dict):
        table = tomlkit.table()
        for name, child in value.items():
            if child is not None:
                table.add(name, toml_item(child))
        return table
    if _is_table(value):
        tables = tomlkit.aot()
        for child in value:
            tables.append(toml_item(child))
        return tables
    return tomlkit.item(value)


def loads(text: str) -> ExperimentSpec:
    """The spec in a TOML text. Raises SpecError with every problem; nothing is applied in part."""
    table = table_of(text)
    version = table.pop("version", 1)
    wrong = wrong_version(version, ExperimentSpec.version)
    if wrong is not None:
        raise SpecError([wrong, *_problems_in(table)])
    for step in range(version, ExperimentSpec.version):
        MIGRATIONS[step](table)
    return spec_from_plain(table)


def _problems_in(table: dict[str, Any]) -> tuple[Problem, ...]:
    """The other problems of a file that is refused anyway, so that all are reported at once."""
    try:
        spec_from_plain(table)
    except SpecError as error:
        return error.problems
    return ()


def load(path: Path) -> ExperimentSpec:
    """Read a spec file; relative paths in it are relative to the file.

    Raises WorkbenchError if it cannot be read, SpecError if it is not valid.
    """
    return with_paths_from(path.absolute().parent, loads(read_text(path)))


def with_paths_from(base: Path, spec: ExperimentSpec) -> ExperimentSpec:
    """``spec`` with relative paths of files and folders made absolute, as relative to ``base``."""
    for owner in ("data.source", "model"):
        part = spec.at(owner)
        for setting in settings_of(type(part)):
            text = getattr(part, setting.name)
            if setting.knob.role in ("file", "folder") and (place := _placed(base, text)) != text:
                spec = spec.edited(f"{owner}.{setting.name}", place)
    return spec


def _placed(base: Path, text: str) -> str:
    """The path ``text`` below ``base`` if it is relative; a mere word may be a name that the program knows."""
    typed = typed_path(text)
    if not typed or typed.startswith("~") or Path(typed).is_absolute() or PureWindowsPath(typed).is_absolute():
        return text
    place = base / typed
    is_word = len(Path(typed).parts) == 1 and not Path(typed).suffix
    return str(place) if place.exists() or not is_word else text


def save(spec: ExperimentSpec, path: Path) -> None:
    """Write a spec file completely or not at all. Raises WorkbenchError with the reason."""
    from workbench.engine.core.atomic_write import write_whole

    data = dumps(with_paths_from(Path.cwd(), spec)).encode()
    if len(data) > MAX_BYTES:  # it could not be read again
        limit = f"a settings file has at most {MAX_BYTES // 1024} KB"
        raise WorkbenchError(f"Cannot write {path}: {limit}. Shorten the note.")
    write_whole(path, data)
