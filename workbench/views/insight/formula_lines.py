"""The lines of an update rule as rows: each with its names, then with its numbers, which keep their places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from workbench.engine.core.text import short
from workbench.engine.core.update_rule import Line, shown, shown_with_numbers
from workbench.views.insight.formula_sheet import ROOM, FormulaRow

#: Every changing number takes as much space as the longest one, so that nothing moves.
_WIDTH: Final = 10
#: Values that change from step to step although no line computes them.
_MOVING: Final = frozenset({"x", "g", "t", "lr", "d"})
_SIGNS: Final = re.compile(rf"([+−]) −([\d.e-]++)(?!{ROOM}*\^)")


def rows_of_lines(lines: Sequence[Line], rate_width: int = 0) -> Iterator[FormulaRow]:
    """Two rows for each line; the learning rate takes at least ``rate_width`` characters."""
    given = {name for line in lines for name in line.values}
    constants = given - _MOVING - {line.text.partition("=")[0].strip() for line in lines}

    def written(name: str, value: float) -> str:
        return short_number(value).ljust(rate_width, ROOM) if name == "lr" else _number(name, value, constants)

    for line in lines:
        yield FormulaRow(shown(line.text), fixed=True, bold=True, gap=0.25)
        result, numbers = shown_with_numbers(line, written, constants)
        yield FormulaRow(f"{result.strip(ROOM).rjust(_WIDTH, ROOM)} = {_signs_joined(numbers)}", fixed=True)


def _signs_joined(numbers: str) -> str:
    """``a − b`` for ``a + −b``, as long as before; not where a power follows, which would be of the negative number."""
    return _SIGNS.sub(lambda found: f"{'−' if found[1] == '+' else '+'} {found[2]}{ROOM}", numbers)


def _number(name: str, value: float, constants: Collection[str]) -> str:
    if name == "t":
        return short(value, 12, separator="").ljust(4, ROOM)
    if name == "x":
        return short_number(value, 6).ljust(_WIDTH + 1, ROOM)
    return padded_number(value) if name and name not in constants else short(value, separator="")


def padded_number(value: float | None) -> str:
    """A number with room for longer ones; a dash for none."""
    return ("–" if value is None else short_number(value)).ljust(_WIDTH, ROOM)


def short_number(value: float, digits: int = 4) -> str:
    """``0.01235``, ``−1.235e-5``. x has six digits, because its steps are small."""
    return short(value, digits, separator="")
