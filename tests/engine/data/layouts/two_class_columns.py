"""Tables that give the class twice, by number and by name, the same in all rows or not."""

from __future__ import annotations

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.odd_class_columns import table

_NAMES = ("cat", "dog")
_HEAD = "file,class_id,label"
_SLIP = "contradict each other in 1 row of 20: row 8 (cat and 1)"


def _rows(slips: int, count: int = 20) -> list[tuple[object, ...]]:
    """Rows of a number and a name, by turns; in the ``slips`` from the eighth row on, each second one, it is wrong."""
    odd = {7 + 2 * i for i in range(slips)}
    return [(i % 2, _NAMES[i % 2 if i not in odd else 1 - i % 2]) for i in range(count)]


LAYOUTS = [
    Layout("the same in all rows", table(_HEAD, _rows(0)), {"cat": 10, "dog": 10}),
    Layout(
        "another in one row",
        table(_HEAD, _rows(1)),
        {"cat": 11, "dog": 9},
        refused=_SLIP,
        doubt=_SLIP,
        readings=({"cat": 11, "dog": 9}, {"0": 10, "1": 10}),
    ),
    Layout(
        "a hospital that goes with the class but for one row",
        table("file,hospital,label", _rows(1)),
        {"cat": 11, "dog": 9},
    ),
    Layout(
        "numbers of something else", table(_HEAD, [(i // 5, _NAMES[i % 2]) for i in range(20)]), {"cat": 10, "dog": 10}
    ),
]
