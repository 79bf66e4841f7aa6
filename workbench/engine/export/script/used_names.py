"""The names that a piece of code uses when it runs: what it reads, what it asks of objects, what it imports itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from workbench.engine.export.script.module_names import OWN, Outside, Place, imports


@dataclass(slots=True, eq=False)
class Used:
    """``names`` are read from outside, with the nodes at which each is; ``attributes`` are asked of objects.

    ``inner`` are imports from this program within it, ``inner_names`` what they bind. Annotations do not count.
    """

    names: dict[str, list[ast.Name]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    inner: list[ast.ImportFrom] = field(default_factory=list)
    inner_names: dict[str, Place | Outside] = field(default_factory=dict)


def used_by(node: ast.AST) -> Used:
    """What ``node`` uses, a function, a class member or an assignment."""
    visitor = _Visitor()
    visitor.visit(node)
    found = visitor.found
    own = visitor.bound - set(found.inner_names)
    found.names = {name: nodes for name, nodes in found.names.items() if name not in own}
    return found


class _Visitor(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found = Used()
        self.bound: set[str] = set()
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for each in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(each)
        if self._depth:
            self.bound.add(node.name)
        self._depth += 1
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg)
        self.bound |= {each.arg for each in arguments if each is not None}
        for statement in node.body:
            self.visit(statement)
        self._depth -= 1

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.bound |= {each.arg for each in node.args.args}
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if self._depth:
            self.visit(node.target)
        if node.value is not None:
            self.visit(node.value)

    def visit_Import(self, node: ast.Import) -> None:
        self.bound |= {(each.asname or each.name).partition(".")[0] for each in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if (node.module or "").partition(".")[0] == OWN:
            self.found.inner.append(node)
            self.found.inner_names |= imports(node)
        else:
            self.bound |= {each.asname or each.name for each in node.names}

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.found.names.setdefault(node.id, []).append(node)
        elif self._depth:
            self.bound.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.found.attributes.add(node.attr)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
            self.found.attributes |= {str(each.value) for each in node.args if isinstance(each, ast.Constant)}
        self.generic_visit(node)
