"""What cells of a column of classes say beside a class: a list of several, or that there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Final

#: A list as a program writes it.
_LIST: Final = re.compile(r"\[(.*)\]\Z", re.DOTALL)
#: Separator of the items of a list in the name of a class.
BETWEEN: Final = " | "
#: What programs write where there is no value. “none” in small letters is a word that people write, and so a class.
_MISSING: Final = frozenset(
    {"nan", "NaN", "NAN", "NaT", "<NA>", "NA", "N/A", "n/a", "#N/A", "None", "null", "NULL", "Null", "?", "-", "--"}
)
#: What people write where they have not decided, in whatever letters.
_UNDECIDED: Final = frozenset(
    {"unlabeled", "unlabelled", "not labeled", "unsure", "not sure", "undecided", "tbd", "todo", "skip", "exclude"}
)
#: Missing-value codes, and by what factor each must exceed the largest other number to count as one.
_FAR: Final = {"99": 4, "999": 4, "9999": 4, "255": 2}
#: Beside the first of these the other is a class: positive and negative.
_SIGNS: Final = ("+", "-")
NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\Z")
_NO, _YES = frozenset({"0", "0.0", "False", "false"}), frozenset({"1", "1.0", "True", "true"})


def items_of(cell: str) -> list[str] | None:
    """The items of a list, each once and without quotes: ``['a', 'b']``, ``{"choices": ["a", "b"]}``; else None."""
    items = _listed(cell)
    return None if items is None else list(dict.fromkeys(item for item in items if item))


def marking_lists(values: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Cells that are lists of one length with nothing but 0 and 1: the places of the 1, from 0, and the length.

    A cell without a 1 has no class. No places and 0 where any cell is something else.
    """
    if not any(value[:1] == "[" for value in values):
        return (), 0
    lists = [_listed(value) if value else [] for value in values]
    lengths = {len(items) for items in lists if items}
    is_binary = all(items is not None and (_NO | _YES).issuperset(items) for items in lists)
    if not is_binary or len(lengths) != 1 or min(lengths) < 2:
        return (), 0
    places = ([str(number) for number, item in enumerate(items or ()) if item in _YES] for items in lists)
    return tuple(map(BETWEEN.join, places)), lengths.pop()


def _listed(cell: str) -> list[str] | None:
    """The items of a list as they stand there, without quotes; None if ``cell`` is none."""
    found = _LIST.match(cell) or _LIST.match(_choices(cell))
    return None if found is None else [item.strip().strip("\"'") for item in found[1].split(",")]


def are_several(values: Sequence[str]) -> bool:
    """Whether any of the cells of a column is a list of several classes."""
    if places := marking_lists(values)[0]:
        return any(BETWEEN in each for each in places)
    return any(value[:1] in ("[", "{") and len(items_of(value) or ()) > 1 for value in values)


def without_lists(values: Sequence[str]) -> tuple[str, ...]:
    """Whole numbers that a program wrote with ``.0`` are named without it, and lists without their brackets.

    Lists of 0 and 1 become the places of the 1.
    """
    if places := marking_lists(values)[0]:
        return places
    if all(re.fullmatch(r"-?\d+\.0+", value) for value in values if value) and any(values):
        return tuple(value.partition(".")[0] for value in values)
    if any(value[:1] in ("[", "{") for value in values):
        return tuple(_plain(value) for value in values)
    return tuple(values)


def missing_words(values: Collection[str]) -> frozenset[str]:
    """Those of ``values`` with which programs say that there is no value: a word, -1 beside 0, 1 and 2, or 99."""
    found = _MISSING & set(values) | {value for value in values if value.casefold() in _UNDECIDED}
    found = found - {_SIGNS[1]} if _SIGNS[0] in values else found
    rest = set(values) - found - {""}
    return found | _negative(rest) | _far(rest)


def _far(values: Collection[str]) -> frozenset[str]:
    """The greatest of ``values`` that are whole numbers from 0 on, if it is far above two others or more and a number
    that is written for “not known”."""
    if len(values) < 3 or not all(value.isdecimal() for value in values):
        return frozenset()
    *others, last = sorted(values, key=int)
    return frozenset({last}) if last in _FAR and int(last) > _FAR[last] * int(others[-1]) else frozenset()


def _negative(values: Collection[str]) -> frozenset[str]:
    """The only negative one of ``values`` that are whole numbers, beside two others or more."""
    if not all(re.fullmatch(r"-?\d+(\.0+)?", value) for value in values):
        return frozenset()
    below = [value for value in values if float(value) < 0]
    return frozenset(below) if len(below) == 1 and len(values) > 2 else frozenset()


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
