"""What the names at the top of a module of this program are: a definition with its text, or something imported."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: Package whose definitions are copied; all other packages are imported by the script.
OWN = "workbench"
Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class CannotScript(Exception):
    """A function uses something that cannot be taken out of this program."""


@dataclass(frozen=True, slots=True)
class Place:
    """A definition: its module and its name there."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Outside:
    """Something of another package: the ``statement`` that imports it, and the ``name`` that it binds."""

    statement: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A module's ``lines`` of text, its definitions, and where its imported names come from."""

    lines: tuple[str, ...]
    definitions: dict[str, Definition]
    imported: dict[str, Place | Outside]


@cache
def module(name: str) -> Module:
    """The module ``name`` of this program, parsed. Raises CannotScript if its text is not there."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotScript(f"{name} has no text")
    text = Path(spec.origin).read_text(encoding="utf-8")
    made = Module(tuple(text.split("\n")), {}, {})
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            made.definitions.update({target.id: node for target in targets(node)})
        elif isinstance(node, ast.Import | ast.ImportFrom):
            made.imported.update(imports(node))
    return made


def targets(node: ast.Assign | ast.AnnAssign) -> list[ast.Name]:
    """The names that an assignment binds."""
    found = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [each for target in found for each in ast.walk(target) if isinstance(each, ast.Name)]


def imports(node: ast.Import | ast.ImportFrom) -> dict[str, Place | Outside]:
    """What each name that an import binds is."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: Outside(f"import {_words(alias)}", alias.asname or alias.name)
            for alias in node.names
        }
    source = node.module or ""
    is_own = source.partition(".")[0] == OWN
    return {
        alias.asname or alias.name: Place(source, alias.name)
        if is_own
        else Outside(f"from {source} import {_words(alias)}", alias.asname or alias.name)
        for alias in node.names
    }


def _words(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def resolved(place: Place) -> Place | Outside | None:
    """Where the name really is defined, through all re-exports; None if the module has no such name."""
    found = module(place.module)
    if place.name in found.definitions:
        return place
    known = found.imported.get(place.name)
    if isinstance(known, Place):
        return resolved(known)
    return known
