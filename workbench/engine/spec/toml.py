"""Specs as TOML files: read with the standard library, written with tomlkit; size and depth capped before parsing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path, PureWindowsPath
from typing import Any

import tomlkit

from workbench.engine.catalog.path_settings import typed_path
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.text import quoted
from workbench.engine.core.toml_names import MAX_DOTS, has_long_name
from workbench.engine.spec.experiment import ExperimentSpec, plain, spec_from_plain

MAX_BYTES = 64 * 1024
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
    except RecursionError:
        raise SpecError([Problem("", "This is not a readable settings file: it is nested too deeply.")]) from None
    except ValueError as error:  # a decode error, or a number of thousands of digits
        text = f"This is not a readable settings file: {error}.{_hint(str(error), text)}"
        raise SpecError([Problem("", text)]) from None
    version = table.pop("version", 1)
    wrong = _wrong_version(version)
    if wrong is not None:
        raise SpecError([wrong, *_problems_in(table)])
    for step in range(version, ExperimentSpec.version):
        MIGRATIONS[step](table)
    return spec_from_plain(table)


def _hint(error: str, text: str) -> str:
    """What the writer of the file most likely has to change."""
    if "hex value" in error or "Unescaped" in error:
        return " A backslash in double quotes begins an escape: write the path in single quotes, or with / instead."
    if re.search(r"^[\w.]+\s*=\s*\d+,\d+\s*$", text, re.MULTILINE):
        return " Numbers have a point and no comma: 0.01."
    return ""


def _refuse_absurd(text: str) -> None:
    if len(text) > MAX_BYTES:
        raise _too_large()
    if has_long_name(text):
        raise SpecError(
            [Problem("", f"This file has a name with more than {MAX_DOTS} parts; no setting has that many.")]
        )


def _too_large() -> SpecError:
    return SpecError([Problem("", f"This file is larger than {MAX_BYTES // 1024} KB; no settings file is that large.")])


def _wrong_version(version: object) -> Problem | None:
    newest = ExperimentSpec.version
    if type(version) is not int or version < 1:
        return Problem("version", f"is not a known version of a settings file: {quoted(version)}")
    if version > newest:
        text = "This file was written by a newer version of the program"
        return Problem("version", f"{text} (format {quoted(version)}; this one reads {newest}).")
    return None


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
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _too_large()
        spec = loads(data.decode("utf-8-sig"))  # some editors of Windows begin a text with a byte order mark
        return _with_paths_from(path.absolute().parent, spec)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"Cannot read {path}: it is not a text file in UTF-8.") from None


def _with_paths_from(base: Path, spec: ExperimentSpec) -> ExperimentSpec:
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

    data = dumps(_with_paths_from(Path.cwd(), spec)).encode()
    if len(data) > MAX_BYTES:  # it could not be read again
        limit = f"a settings file has at most {MAX_BYTES // 1024} KB"
        raise WorkbenchError(f"Cannot write {path}: {limit}. Shorten the note.")
    write_whole(path, data)
