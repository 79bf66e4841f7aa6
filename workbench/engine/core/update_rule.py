"""An optimizer's rule as data: a few assignments such as ``v = rho*v + g``, computed and shown with their numbers.

Only arithmetic is understood (+ - * / **, sqrt, abs, min, max, one comparison with if/else); nothing else runs.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from workbench.engine.core.text import short

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """What one update does to one number ``x`` with the gradient ``g``, the rate ``lr``, at the update ``t`` = 1, 2, …

    ``lines`` are assignments in their order; the last one gives the new ``x``. ``constants`` are the optimizer's own
    values. ``memory`` names what torch keeps from one update to the next (line's name: entry of the state), and
    ``direction`` what it computes in the same update for all parameters together, so that it can only be read
    afterwards. ``start`` has the initial values of memories that do not start at zero. ``words`` say what no line can,
    because it mixes many numbers; ``checked`` is False where the lines do not reach the new x.

    Two expressions in the names of the lines say what the parts of the update mean, for plots over time: ``velocity``
    is the remembered mean of gradients in the units of a gradient (empty: the rule has none), ``rate`` the factor on
    it, or on the gradient, in the new x: the effective learning rate of this coordinate (empty: the rule has none).
    """

    lines: tuple[str, ...]
    constants: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, str] = field(default_factory=dict)
    direction: Mapping[str, str] = field(default_factory=dict)
    start: Mapping[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    checked: bool = True
    velocity: str = ""
    rate: str = "lr"


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment with the numbers that went in (``values``) and what came out."""

    text: str
    values: Mapping[str, float]
    result: float


def compute(lines: tuple[str, ...], values: Mapping[str, float]) -> tuple[Line, ...]:
    """Do the assignments one after the other, beginning with ``values``.

    A division by zero or a root of a negative number gives NaN. Raises ValueError for anything else than such an
    assignment.
    """
    known = dict(values)
    done = []
    for text in lines:
        name, expression = _assignment(text)
        used = {n: known[n] for n in _names(expression) if n in known}
        known[name] = _value(expression, known)
        done.append(Line(text, used, known[name]))
    return tuple(done)


def compute_columns(lines: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """As ``compute`` for many updates at once: values are numbers or NumPy arrays that broadcast together.

    Returns all names with their values. A division by zero gives infinity or NaN, as in NumPy.
    """
    known = dict(values)
    with np.errstate(all="ignore"):
        for text in lines:
            name, expression = _assignment(text)
            known[name] = _evaluated(expression, known, _COLUMN_FUNCTIONS)
    return known


def evaluated(rule: Rule, text: str, values: Mapping[str, Any]) -> Any:
    """What the expression ``text`` (``rule.velocity``, ``rule.rate`` or a name) is after the lines, as
    ``compute_columns``."""
    return compute_columns((*rule.lines, f"asked = {text}"), values)["asked"]


@cache
def shown(text: str) -> str:
    """A line as the window shows it: ``v = rho·v + g``."""
    name, expression = _assignment(text)
    return f"{name} = {_text(expression, lambda node: node.id if isinstance(node, ast.Name) else None)}"


def shown_with_numbers(
    line: Line, number: Callable[[str, float], str], constants: Collection[str] = frozenset()
) -> tuple[str, str]:
    """What came out and the right side with its numbers; ``number(name, value)`` writes one.

    A bracket of ``constants`` alone, such as 1 − b1, becomes one number (its name is empty).
    """
    parts, sums = _template(line.text, frozenset(constants))

    def written(slot: str) -> str:
        if slot[0] == "#":
            return number("", _value(sums[int(slot[1:])], line.values))
        return number(slot, line.values[slot]) if slot in line.values else slot

    result = number(_assignment(line.text)[0], line.result)
    return result, "".join(written(part) if at % 2 else part for at, part in enumerate(parts))


@cache
def _template(text: str, constants: frozenset[str]) -> tuple[tuple[str, ...], tuple[ast.expr, ...]]:
    """The right side in parts: text, slot, text, slot, …; a slot is a name, or #k for the k-th sum of constants."""
    sums: list[ast.expr] = []

    def slot(node: ast.expr) -> str | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            names = set(_names(node))
            if names and names <= constants:
                sums.append(node)
                return f"\0#{len(sums) - 1}\0"
        return f"\0{node.id}\0" if isinstance(node, ast.Name) else None

    return tuple(_text(_assignment(text)[1], slot).split("\0")), tuple(sums)


# --- reading -----------------------------------------------------------------------------------------------------


@cache
def _assignment(text: str) -> tuple[str, ast.expr]:
    try:
        body = ast.parse(text).body
    except SyntaxError:
        raise ValueError(f"{text!r} is no assignment") from None
    statement = body[0] if len(body) == 1 else None
    if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        raise ValueError(f"{text!r} is no assignment")
    return statement.targets[0].id, statement.value


def _names(node: ast.expr) -> Iterator[str]:
    return (n.id for n in ast.walk(node) if isinstance(n, ast.Name))


# --- computing ---------------------------------------------------------------------------------------------------

_OPERATIONS: Mapping[type[Any], Callable[[float, float], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
}
#: What is called by name; "if" gets both sides as functions, because for one number only one may be computed.
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sqrt": lambda value: float(math.sqrt(value)),
    "abs": lambda value: float(abs(value)),
    "min": lambda *values: float(min(values)),
    "max": lambda *values: float(max(values)),
    "if": lambda test, yes, no: yes() if test else no(),
}
_COLUMN_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sqrt": np.sqrt,
    "abs": np.abs,
    "min": np.minimum,
    "max": np.maximum,
    "if": lambda test, yes, no: np.where(test, yes(), no()),
}


def _value(node: ast.expr, known: Mapping[str, float]) -> float:
    try:
        value = _evaluated(node, {name: float(each) for name, each in known.items()}, _FUNCTIONS)
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        if isinstance(error, _Unknown):
            raise
        return math.nan
    return value if isinstance(value, float) else math.nan  # a root of a negative number by ** is complex


class _Unknown(ValueError):
    """An expression that a rule must not have."""


def _evaluated(node: ast.expr, known: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Any:
    def value(part: ast.expr) -> Any:
        return _evaluated(part, known, functions)

    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](value(left), value(right))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](value(left), value(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in functions:
            return functions[name](*(value(a) for a in args))
        case ast.IfExp(test=test, body=yes, orelse=no):
            return functions["if"](value(test), lambda: value(yes), lambda: value(no))
    raise _Unknown(f"{ast.unparse(node)!r} is not part of a rule")


# --- showing -----------------------------------------------------------------------------------------------------

_SIGNS: Mapping[type[Any], tuple[str, int]] = {
    ast.Add: (" + ", 1),
    ast.Sub: (" − ", 1),
    ast.Mult: ("·", 2),
    ast.Div: ("/", 2),
    ast.Pow: ("^", 4),
    ast.Gt: (" > ", 0),
    ast.Lt: (" < ", 0),
}


def _text(node: ast.expr, written: Callable[[ast.expr], str | None], around: int = 0) -> str:
    """The expression as it is shown; ``written`` may write a part in its own way."""
    own = written(node)
    if own is not None:
        return own
    match node:
        case ast.Constant(value=number):
            return short(number) if isinstance(number, int | float) else str(number)
        case ast.UnaryOp(operand=operand):
            return f"−{_text(operand, written, 3)}"
        case ast.BinOp(left=left, op=op, right=right):
            sign, rank = _SIGNS[type(op)]
            text = f"{_text(left, written, rank)}{sign}{_text(right, written, rank + 1)}"
            return f"({text})" if rank < around else text
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"{_text(left, written)}{_SIGNS[type(op)][0]}{_text(right, written)}"
        case ast.Call(func=ast.Name(id=name), args=args):
            inner = ", ".join(_text(a, written) for a in args)
            return f"√({inner})" if name == "sqrt" else f"{name}({inner})"
        case ast.IfExp(test=test, body=yes, orelse=no):
            return f"{_text(yes, written)} if {_text(test, written)} else {_text(no, written)}"
    raise _Unknown(f"{ast.unparse(node)!r} is not part of a rule")
