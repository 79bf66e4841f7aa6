"""Columns of yes and no that say a part of the split, alone (``is_test``) or together (``train``, ``test``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import Grid

TRUE: Final = frozenset({"1", "1.0", "true", "yes", "y", "t"})
FALSE: Final = frozenset({"0", "0.0", "false", "no", "n", "f"})
_WORDS: Final = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing", "holdout", "hold_out", "held_out"), "test"),
}
#: Words for what is held back, be it for validation or for the test.
_HELD: Final = frozenset({"holdout", "hold_out", "held_out"})
_NAME: Final = re.compile(
    rf"(?P<before>(?:is|in|for|use_for|used_for)_)?(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
    r"(?:_(?:img|image|set|sample|row|data|split))?\Z"
)


@dataclass(frozen=True, slots=True)
class Together:
    """Columns of yes and no, one for each part. ``parts`` of each row is the one that says yes, of several the last of
    train, validation, test; empty where none does and one says which rows train. ``several`` is the number of rows of
    which more than one says yes."""

    columns: tuple[int, ...]
    parts: tuple[str, ...]
    several: int


def yes_part(key: str) -> str:
    """The part of the rows that say yes in a column of this name; empty if it names none."""
    found = _NAME.match(key)
    return _WORDS[found["word"]] if found else ""


def is_sure(key: str) -> bool:
    """Whether the name says it for sure: “valid” may be a word on quality, “is_train” leaves two parts open, and what
    is held out may be for validation."""
    found = _NAME.match(key)
    if found is None or _WORDS[found["word"]] == "train":
        return False
    return found["word"] == "test" or (found["before"] is not None and found["word"] not in _HELD)


def says_yes_or_no(grid: Grid, column: int) -> bool:
    """Whether there is yes or no in each cell of a column, in whatever letters."""
    return all(value.lower() in TRUE | FALSE for value in grid.values(column))


def setting_of(grid: Grid, columns: Sequence[int]) -> str:
    """What the setting of ``columns`` that belong together has to be."""
    names = ((column, grid.setting(column)) for column in columns)
    return ", ".join(str(column + 1) if "," in name else name for column, name in names)


def together(grid: Grid, columns: Sequence[int]) -> Together | None:
    """Those of ``columns`` that are yes and no for two parts or more; None without such.

    “valid” is left aside where it says yes beside others: it is a word on quality then.
    """
    found = [c for c in columns if yes_part(grid.key(c)) and says_yes_or_no(grid, c)]
    said = {column: [value.lower() in TRUE for value in grid.values(column)] for column in found}
    found = [c for c in found if grid.key(c) != "valid" or not _overlap(said[c], [said[o] for o in found if o != c])]
    parts = [yes_part(grid.key(column)) for column in found]
    if len(found) < 2 or len(set(parts)) < len(parts):
        return None
    of = dict(zip(parts, found, strict=True))
    rest = "" if "train" in of else "train"
    rows = range(len(grid.rows))
    ordered = [(part, said[of[part]]) for part in ("test", "validation", "train") if part in of]
    known = tuple(next((part for part, yes in ordered if yes[row]), rest) for row in rows)
    several = sum(sum(said[column][row] for column in found) > 1 for row in rows)
    return Together(tuple(found), known, several)


def _overlap(marks: Sequence[bool], others: Sequence[Sequence[bool]]) -> bool:
    return any(mark and each for other in others for mark, each in zip(marks, other, strict=True))
