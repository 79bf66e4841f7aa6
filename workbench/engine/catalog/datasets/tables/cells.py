"""What cells of a column of classes say beside a class: a list of several, or that there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Final

#: A list as a program writes it.
_LIST: Final = re.compile(r"\[(.*)\]\Z", re.DOTALL)
#: What stands between the items of a list in the name of a class.
BETWEEN: Final = " | "
#: What programs write where there is no value. “none” in small letters is a word that people write, and so a class.
_MISSING: Final = frozenset(
    {"nan", "NaN", "NAN", "NaT", "<NA>", "NA", "N/A", "n/a", "#N/A", "None", "null", "NULL", "Null", "?", "-", "--"}
)
#: Beside the first of these the other is a class: positive and negative.
_SIGNS: Final = ("+", "-")
NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\Z")
_ONE_HOT: Final = frozenset({"0", "1", "0.0", "1.0"})


def items_of(cell: str) -> list[str] | None:
    """The items of a list, each once and without quotes: ``['a', 'b']``, ``{"choices": ["a", "b"]}``; else None.

    A list of numbers with one 1 among zeros marks one class and is one item: ``0-1-0``.
    """
    found = _LIST.match(cell) or _LIST.match(_choices(cell))
    if found is None:
        return None
    items = [item.strip().strip("\"'") for item in found[1].split(",")]
    if _ONE_HOT.issuperset(items) and sum(map(float, items)) == 1:
        return ["-".join(items)]
    return list(dict.fromkeys(item for item in items if item))


def is_several(value: str) -> bool:
    """Whether ``value`` is a list of several classes."""
    return value[:1] in ("[", "{") and len(items_of(value) or ()) > 1


def without_lists(values: Sequence[str]) -> tuple[str, ...]:
    """Whole numbers that a program wrote with ``.0`` are named without it, and lists without their brackets."""
    if all(re.fullmatch(r"-?\d+\.0+", value) for value in values if value) and any(values):
        return tuple(value.partition(".")[0] for value in values)
    if any(value[:1] in ("[", "{") for value in values):
        return tuple(_plain(value) for value in values)
    return tuple(values)


def missing_words(values: Collection[str]) -> frozenset[str]:
    """Those of ``values`` with which programs say that there is no value."""
    found = _MISSING & set(values)
    return found - {_SIGNS[1]} if _SIGNS[0] in values else found


def _plain(value: str) -> str:
    items = items_of(value)
    return value if items is None else BETWEEN.join(items)


def _choices(cell: str) -> str:
    """The list in ``cell`` as Label Studio writes the choices of a picture; else nothing."""
    if not cell.startswith("{"):
        return ""
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return ""
    return json.dumps(found["choices"], ensure_ascii=False) if list(found) == ["choices"] else ""
