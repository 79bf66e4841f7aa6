"""The text of functions and classes of this program with everything that they need, and nothing else.

Definitions are copied as they are written. Of a class the members remain whose names are asked for somewhere in the
text; one that another package calls (a ``torch.nn.Module``) keeps all. Settings lose their declarations: a member of
the catalog becomes a plain class whose settings are given when it is made.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from workbench.engine.export.script.module_names import (
    CannotScript,
    Definition,
    Outside,
    Place,
    module,
    resolved,
    targets,
)
from workbench.engine.export.script.used_names import Used, used_by

_HERE: Final = "workbench.engine.export.script.plain_parts"
#: Source that replaces a definition.
_INSTEAD: Final = {
    Place("workbench.engine.catalog.variant", "Variant"): Place(_HERE, "Variant"),
    Place("workbench.engine.nn.eager_optimizer", "without_compiler"): Place(_HERE, "without_compiler"),
}
_VARIANT: Final = _INSTEAD[Place("workbench.engine.catalog.variant", "Variant")]


class TakenOut:
    """The closure of ``roots``. ``imports`` are the statements that the text needs, ``text`` the definitions in an
    order in which each is there when it is needed, ``names`` what each root is called in it.

    ``there`` are definitions that another file has, with what imports them. Raises CannotScript.
    """

    def __init__(self, roots: Iterable[Place], there: Mapping[Place, Outside] = MappingProxyType({})) -> None:
        self._roots = [_real(root) for root in roots]
        self._there = there
        self._asked: set[str] = set()
        #: Names of layers: they become names in the network, of which random masks are a function.
        self._layers: set[str] = set()
        before = (-1, -1)
        while before != (len(self._asked), len(self._layers)):  # a member that is kept asks for others
            before = len(self._asked), len(self._layers)
            self._final: dict[Place | Outside, str] = {}
            self._taken: dict[Place, list[str]] = {}
            for root in self._roots:
                self._take(root)
        self.imports = tuple(sorted({each.statement for each in self._final if isinstance(each, Outside)}, key=_order))

    @property
    def text(self) -> str:
        """All definitions, two empty lines between functions and classes."""
        made, nodes = "", set[Definition]()
        for place, lines in self._taken.items():
            node = _node(place)
            is_value = isinstance(node, ast.Assign | ast.AnnAssign)
            if node in nodes and self._final[place] == place.name:  # an assignment to several names
                continue
            nodes.add(node)
            made += ("\n" if is_value else "\n\n") + "\n".join(lines).rstrip() + "\n"
        return re.sub(r"\n{4,}", "\n\n\n", made).strip("\n") + "\n"

    def name(self, place: Place) -> str:
        """What a root is called."""
        return self._final[_real(place)]

    @property
    def places(self) -> Mapping[Place, str]:
        """Every definition in the text, with its name there."""
        return {place: self._final[place] for place in self._taken}

    @property
    def asked(self) -> frozenset[str]:
        """The names of class members that are used anywhere."""
        return frozenset(self._asked)

    def _take(self, place: Place) -> str:
        """Take a definition and what it needs; returns its name in the text."""
        known = self._final.get(place)
        if known is not None:
            return known
        if place in self._there:
            return self._outside(self._there[place])
        node = _node(place)
        final = self._final[place] = self._free(self._wished(place, node))
        lines = self._class(place, node) if isinstance(node, ast.ClassDef) else self._copied(place, node, node)
        if final != place.name:
            lines = _renamed_head(lines, place.name, final)
        self._taken[place] = lines
        return final

    def _wished(self, place: Place, node: Definition) -> str:
        if isinstance(node, ast.ClassDef):
            bases = set(_all_bases(place))
            if any(isinstance(base, Outside) for base in bases):
                self._layers.add(place.name)
            elif _VARIANT in bases and place.name in self._layers:
                return f"{place.name}Settings"
        return place.name

    def _free(self, name: str) -> str:
        taken, number, made = set(self._final.values()), 2, name
        while made in taken:
            made, number = f"{name}_{number}", number + 1
        return made

    def _outside(self, found: Outside) -> str:
        if found not in self._final:
            if found.name in self._final.values():
                raise CannotScript(f"two things are called {found.name}")
            self._final[found] = found.name
        return found.name

    def _copied(self, place: Place, node: Definition, piece: ast.AST) -> list[str]:
        """The lines of ``piece``, a part of the definition at ``place``, with the names that the text has."""
        used = used_by(piece)
        self._asked |= used.attributes
        edits: list[tuple[ast.Name, str]] = []
        for name, nodes in used.names.items():
            final = self._named(place, used, name)
            if final is not None and final != name:
                edits += [(each, final) for each in nodes]
        first = min([piece.lineno, *(each.lineno for each in getattr(piece, "decorator_list", []))])  # type: ignore[attr-defined]
        return _edited(place, first, piece.end_lineno, edits, used)  # type: ignore[attr-defined]

    def _named(self, place: Place, used: Used, name: str) -> str | None:
        """The name in the text of what ``name`` means at ``place``; None for built-in names."""
        found = used.inner_names.get(name)
        if found is None:
            found = resolved(Place(place.module, name))
        elif isinstance(found, Place):
            inner = resolved(found)
            if inner is None:
                raise CannotScript(f"{found.module} has no {found.name}")
            found = inner
        if found is None:
            return None
        return self._outside(found) if isinstance(found, Outside) else self._take(_INSTEAD.get(found, found))

    def _class(self, place: Place, node: ast.ClassDef) -> list[str]:
        bases = [self._base(place, base) for base in node.bases]
        for each in node.decorator_list:
            self._copied(place, node, each)
        keeps_all = any(isinstance(base, Outside) for base in _all_bases(place))
        is_variant = place != _VARIANT and _VARIANT in _all_bases(place)
        first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
        decorators = list(module(place.module).lines[first - 1 : node.lineno - 1])
        listed = ", ".join(bases)
        head = f"class {node.name}({listed}):" if bases else f"class {node.name}:"
        body: list[str] = []
        for member in node.body:
            if self._is_kept(member, keeps_all, is_variant):
                between = [""] if body and not isinstance(member, ast.Assign | ast.AnnAssign) else []
                body += [*between, *self._copied(place, node, member)]
        return [*decorators, head, *(body or ["    pass"])]

    def _base(self, place: Place, base: ast.expr) -> str:
        if not isinstance(base, ast.Name | ast.Attribute):
            raise CannotScript(f"{place.name} has a base that is no name")
        used = used_by(base)
        written = ast.unparse(base)
        for name in used.names:
            final = self._named(place, used, name)
            written = re.sub(rf"^{name}\b", final or name, written)
        return written

    def _is_kept(self, member: ast.stmt, keeps_all: bool, is_variant: bool) -> bool:
        if isinstance(member, ast.Expr):  # its docstring
            return True
        if isinstance(member, ast.FunctionDef):
            is_special = member.name.startswith("__") and member.name.endswith("__")
            return keeps_all or (is_special and not is_variant) or member.name in self._asked
        if isinstance(member, ast.Assign | ast.AnnAssign):
            if not is_variant:
                return True
            is_setting = isinstance(member, ast.AnnAssign) and "ClassVar" not in ast.unparse(member.annotation)
            return not is_setting and any(each.id in self._asked for each in targets(member))
        return True


def _real(place: Place) -> Place:
    found = resolved(place)
    if not isinstance(found, Place):
        raise CannotScript(f"{place.name} is not of this program")
    return _INSTEAD.get(found, found)


def _node(place: Place) -> Definition:
    return module(place.module).definitions[place.name]


def _all_bases(place: Place) -> Iterator[Place | Outside]:
    node = _node(place)
    assert isinstance(node, ast.ClassDef)
    for base in node.bases:
        root = base
        while isinstance(root, ast.Attribute):
            root = root.value
        found = resolved(Place(place.module, root.id)) if isinstance(root, ast.Name) else None
        if isinstance(found, Place):
            found = _INSTEAD.get(found, found)
            yield found
            yield from _all_bases(found)
        elif found is not None:
            yield found


def _edited(place: Place, first: int, last: int, edits: list[tuple[ast.Name, str]], used: Used) -> list[str]:
    lines = [line.encode() for line in module(place.module).lines[first - 1 : last]]
    for node, final in sorted(edits, key=lambda each: (-each[0].lineno, -each[0].col_offset)):
        at, own = node.lineno - first, node.id.encode()
        if lines[at][node.col_offset : node.col_offset + len(own)] != own:
            raise CannotScript(f"{node.id} in {place.module} is within a text")  # positions there are Python's secret
        lines[at] = lines[at][: node.col_offset] + final.encode() + lines[at][node.col_offset + len(own) :]
    dropped = {number for node in used.inner for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    kept = [line.decode() for number, line in enumerate(lines, first) if number not in dropped]
    return _closed_up(kept) if dropped else kept


def _closed_up(lines: list[str]) -> list[str]:
    """Without the empty lines that a removed import leaves."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip() and not kept[-1].rstrip().endswith(":")):
            kept.append(line)
    return kept


def _renamed_head(lines: list[str], name: str, final: str) -> list[str]:
    for at, line in enumerate(lines):
        changed = re.sub(rf"^(def |class |){name}\b", rf"\g<1>{final}", line)
        if changed != line:
            return [*lines[:at], changed, *lines[at + 1 :]]
    raise CannotScript(f"{name} is not where it was looked for")


def _order(statement: str) -> tuple[int, str]:
    """Plain imports first, then by the name of the module."""
    return (statement.startswith("from"), statement)
