"""Races as TOML files: the shared settings, a table for each racer, and the tape of live changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import tomlkit

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.core.race_events import DEEDS, RaceChange
from workbench.engine.core.text import quoted
from workbench.engine.core.toml_table import MAX_BYTES, read_text, table_of, wrong_version
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.spec.experiment import plain
from workbench.engine.spec.toml import dumps as spec_text
from workbench.engine.spec.toml import loads as spec_of_text
from workbench.engine.spec.toml import toml_item, with_paths_from

_WHAT: Final = "race file"
_KNOWN: Final = frozenset(("version", "title", "note", "target_loss", "settings", "racers", "tape"))


def dumps(race: RaceSpec) -> str:
    """The race as TOML text; a setting of a racer that is off is named in its list ``off``."""
    document = tomlkit.document()
    document.add("version", tomlkit.item(RaceSpec.version))
    document.add("title", tomlkit.item(race.title))
    document.add("note", tomlkit.item(race.note))
    if race.target_loss is not None:
        document.add("target_loss", tomlkit.item(race.target_loss))
    document.add("settings", toml_item(tomlkit.parse(spec_text(race.base)).unwrap()))
    if race.racers:
        document.add("racers", toml_item([_racer_table(racer) for racer in race.racers]))
    if race.tape:
        document.add("tape", toml_item([_change_table(change, race) for change in race.tape]))
    return tomlkit.dumps(document)


def _racer_table(racer: Racer) -> dict[str, Any]:
    off = [path for path, value in racer.settings.items() if value is None]
    table: dict[str, Any] = {"name": racer.name, **({"off": off} if off else {})}
    return {**table, "settings": {path: value for path, value in racer.settings.items() if value is not None}}


def _change_table(change: RaceChange, race: RaceSpec) -> dict[str, Any]:
    table = {"round": change.round, "does": change.does, "racer": race.racers[change.racer].name, "step": change.step}
    edit = {"path": change.path, "value": change.value} if change.does == "edit" else {}
    return {**table, **edit, **({"measured": True} if change.measured else {})}


def loads(text: str) -> RaceSpec:
    """The race in a TOML text. Raises SpecError with all that is wrong; nothing is applied in part."""
    table = table_of(text, _WHAT)
    wrong = wrong_version(table.get("version", 1), RaceSpec.version, _WHAT)
    if wrong is not None:
        raise SpecError([wrong])
    unknown = [Problem(name, f"is not known in a {_WHAT}") for name in table if name not in _KNOWN]
    problems = [*unknown, *_shape_problems(table)]
    if problems:
        raise SpecError(problems)
    race = _race(table)
    faults = race.faults()
    if faults:
        raise SpecError(faults)
    return race


def is_race(path: Path) -> bool:
    """Whether a file has racers, and so is no settings file."""
    try:
        return "racers" in table_of(read_text(path), _WHAT)
    except WorkbenchError:
        return False


def load(path: Path) -> RaceSpec:
    """Read a race file; relative paths in it are relative to the file. Raises WorkbenchError, SpecError."""
    race = loads(read_text(path, _WHAT))
    return with_race_paths(path.absolute().parent, race)


def with_race_paths(base: Path, race: RaceSpec) -> RaceSpec:
    """``race`` with relative paths of files and folders made absolute, as relative to ``base``."""
    racers = tuple(_placed(base, race, number) for number in range(len(race.racers)))
    return replace(race, base=with_paths_from(base, race.base), racers=racers)


def save(race: RaceSpec, path: Path) -> None:
    """Write a race file completely or not at all. Raises WorkbenchError with the reason."""
    data = dumps(with_race_paths(Path.cwd(), race)).encode()
    if len(data) > MAX_BYTES:  # it could not be read again
        raise WorkbenchError(f"Cannot write {path}: a {_WHAT} has at most {MAX_BYTES // 1024} KB. Shorten the note.")
    write_whole(path, data)


def _placed(base: Path, race: RaceSpec, number: int) -> Racer:
    racer = race.racers[number]
    spec = race.spec_of(number)
    there = with_paths_from(base, spec)
    found = {path: value if spec.at(path) == there.at(path) else plain(there.at(path))
             for path, value in racer.settings.items()}  # fmt: skip
    return Racer.of(racer.name, found)


def _shape_problems(table: Mapping[str, Any]) -> Iterator[Problem]:
    """What is not of the type that is needed."""
    for name in ("title", "note"):
        if not isinstance(table.get(name, ""), str):
            yield Problem(name, f"must be text, not {quoted(table[name])}")
    target = table.get("target_loss")
    if target is not None and (isinstance(target, bool) or not isinstance(target, (int, float)) or not target > 0):
        yield Problem("target_loss", f"must be a number above 0, not {quoted(target)}")
    if not isinstance(table.get("settings", {}), dict):
        yield Problem("settings", "must be a table of settings")
    for name in ("racers", "tape"):
        rows = table.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield Problem(name, f"must be tables: [[{name}]]")
            return
    for number, row in enumerate(table.get("racers", [])):
        yield from _racer_problems(f"racers.{number}", row)
    names = [row.get("name") for row in table.get("racers", [])]
    for number, row in enumerate(table.get("tape", [])):
        yield from _change_problems(f"tape.{number}", row, names)


def _racer_problems(at: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    off = row.get("off", [])
    if not isinstance(row.get("name"), str):
        yield Problem(f"{at}.name", "must be text")
    if not isinstance(row.get("settings", {}), dict):
        yield Problem(f"{at}.settings", "must be a table of paths and values")
    if not isinstance(off, list) or not all(isinstance(path, str) for path in off):
        yield Problem(f"{at}.off", "must be a list of paths")
    yield from (Problem(f"{at}.{name}", "is not known") for name in row if name not in ("name", "settings", "off"))


def _change_problems(at: str, row: Mapping[str, Any], names: Sequence[Any]) -> Iterator[Problem]:
    for name in ("round", "step"):
        if type(row.get(name, 0)) is not int or row.get(name, 0) < 0:
            yield Problem(f"{at}.{name}", "must be a whole number from 0")
    if row.get("does") not in DEEDS:
        yield Problem(f"{at}.does", f"must be one of: {', '.join(DEEDS)}")
    if row.get("racer") not in names:
        yield Problem(f"{at}.racer", f"is none of the racers: {quoted(row.get('racer'))}")
    if row.get("does") == "edit" and not isinstance(row.get("path"), str):
        yield Problem(f"{at}.path", "must be the path of a setting")


def _race(table: Mapping[str, Any]) -> RaceSpec:
    racers = tuple(_racer(row) for row in table.get("racers", []))
    names = [racer.name for racer in racers]
    target = table.get("target_loss")
    return RaceSpec(
        spec_of_text(tomlkit.dumps(table.get("settings", {}))),
        racers,
        table.get("title", ""),
        table.get("note", ""),
        None if target is None else float(target),
        tuple(_change(row, names) for row in table.get("tape", [])),
    )


def _racer(row: Mapping[str, Any]) -> Racer:
    return Racer.of(row["name"], {**row.get("settings", {}), **dict.fromkeys(row.get("off", []))})


def _change(row: Mapping[str, Any], names: Sequence[str]) -> RaceChange:
    racer = names.index(Racer.of(row["racer"], {}).name)
    return RaceChange(
        row.get("round", 0),
        row["does"],
        racer,
        row.get("step", 0),
        row.get("path", ""),
        row.get("value"),
        row.get("measured") is True,
    )
