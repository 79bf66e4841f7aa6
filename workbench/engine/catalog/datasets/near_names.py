"""Names of classes that are nearly those of others, as a slip of the pen or a plural makes them: said, not merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations
from typing import Final

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text

#: A slip is in few pictures: at most this share of those of the class that was meant.
_RARE: Final = 0.2
#: In shorter names another letter makes another word: cat, car, bat.
_LONG: Final = 6
#: Of more classes near names are not looked for, as every pair is compared.
_MOST: Final = 300
_OWN: Final = Reading("They are different classes", (("class_names", "exact"),))


def near_doubt(counts: Mapping[str, int]) -> Doubt | None:
    """The doubt on names that are nearly alike; ``counts`` are the pictures of each class."""
    pairs = list(_pairs(counts)) if len(counts) <= _MOST else []
    if not pairs:
        return None
    said = [f"{one!r} ({grouped(counts[one])}) and {other!r} ({grouped(counts[other])})" for one, other in pairs]
    text = f"Names of classes are nearly alike: {paths_text(said, 4)}. If they are one class, write it in one way."
    return Doubt("files", text, (_OWN,))


def meant_name(name: str, known: Iterable[str]) -> str:
    """The first of the ``known`` names that ``name`` may be a plural, a singular or a slip of; empty without one."""
    folded = name.casefold()
    pairs = ((each, each.casefold()) for each in known)
    return next((e for e, o in pairs if _is_plural(folded, o) or _is_plural(o, folded) or _is_slip(folded, o)), "")


def _pairs(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """The name that may be a slip, and the one that may be meant."""
    for one, other in permutations(counts, 2):
        is_rare = 0 < counts[one] <= counts[other] * _RARE
        if _is_plural(one, other) or (is_rare and _is_slip(one.casefold(), other.casefold())):
            yield one, other


def _is_plural(one: str, other: str) -> bool:
    return len(other) > 2 and other.isalpha() and one in (f"{other}s", f"{other}es")


def _is_slip(one: str, other: str) -> bool:
    """Whether two letters are exchanged, or in a long name one is another, missing or too many; digits are no slips."""
    if one == other or min(len(one), len(other)) < 3:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, meant = one[start:], other[start:]
    if not f"{rest[:2]}{meant[:2]}".isalpha():
        return False
    if rest[:2] == meant[1::-1] and len(meant) > 1 and rest[2:] == meant[2:]:
        return True
    is_one_off = rest[1:] == meant[1:] or rest[1:] == meant or rest == meant[1:]
    return is_one_off and min(len(one), len(other)) >= _LONG
