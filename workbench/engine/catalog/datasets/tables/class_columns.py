"""Columns that are a class each: marked by a 1 (one-hot), or with a score for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from workbench.engine.catalog.datasets.tables.cells import NUMBER
from workbench.engine.catalog.datasets.tables.grid import Grid

#: Those of CelebA are 1 and -1.
_BINARIES: Final = (frozenset({"0", "1", "0.0", "1.0", "true", "false"}), frozenset({"-1", "1", "-1.0", "1.0"}))
_FINDINGS: Final = frozenset({"", "0", "1", "-1", "0.0", "1.0", "-1.0"})
_YES: Final = frozenset({"1", "1.0", "true"})
#: How far from 1 the scores of a picture may add up to.
_ROUNDED: Final = 0.05
#: Fewer columns are taken for something else.
_FEWEST: Final = 3
#: Fewer votes than these are counted for a picture.
_VOTES: Final = 200


def binary_columns(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Those of ``columns`` that hold nothing but 0 and 1, -1 and 1, or false and true."""
    values = {column: {value.lower() for value in grid.values(column)} for column in columns}
    return [column for column in columns if any(values[column] <= each for each in _BINARIES)]


def marked(grid: Grid, columns: Sequence[int]) -> list[list[int]]:
    """Of each row those of ``columns`` with a 1."""
    cells = [grid.values(column) for column in columns]
    return [
        [c for c, cell in zip(columns, row, strict=True) if cell.lower() in _YES] for row in zip(*cells, strict=True)
    ]


def finding_columns(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Those of ``columns`` that mark a finding each with 1, 0, -1 (uncertain) or nothing, as CheXpert has them; none if
    no picture has two of them, or all are of two values alone."""
    values = {column: set(grid.values(column)) for column in columns}
    found = [column for column in columns if values[column] <= _FINDINGS and values[column] & _YES]
    if len(binary_columns(grid, found)) == len(found) or max(map(len, marked(grid, found)), default=0) < 2:
        return []
    return found


def answered_findings(grid: Grid, findings: Sequence[int]) -> list[int]:
    """Those of ``findings`` that say 0 of some pictures and 1 of others: beside 1 alone, -1 (uncertain) is no class."""
    return [column for column in findings if len({float(v) for v in grid.values(column) if v} - {-1.0}) > 1]


def way_of(usable: Sequence[int]) -> str:
    """What is to be done where findings are columns, of which those in ``usable`` can be learned alone."""
    way = "Choose one with 1 and 0, to learn whether a picture has it; then rows with nothing there, or with -1, are "
    none = "None of them says 0 of some pictures and 1 of others, so that one alone could be learned"
    return f"several labels per picture are not supported. {f'{way}left out' if usable else none}"


def two_marks(grid: Grid, columns: Sequence[int]) -> str:
    """The two values that ``columns`` hold."""
    return "-1 and 1" if any(value.startswith("-1") for c in columns for value in grid.values(c)) else "0 and 1"


def mark_one(grid: Grid, columns: Sequence[int]) -> bool:
    """Whether ``columns`` are two or more, each used, and most rows have a 1 in one of them and none in two."""
    found = marked(grid, columns)
    is_most = 2 * sum(map(bool, found)) >= len(found)
    used = {column for each in found for column in each}
    return len(columns) > 1 and is_most and max(map(len, found)) == 1 and used == set(columns)


def group_of_marks(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Three or more of ``columns`` that mark one class of every picture, where one or two others do not belong to them
    (``male``); none without such."""
    for count in (1, 2):
        for without in combinations(columns, count):
            left = [column for column in columns if column not in without]
            if len(left) >= _FEWEST and mark_one(grid, left) and all(marked(grid, left)):
                return left
    return []


def vote_columns(grid: Grid, columns: Sequence[int]) -> list[int]:
    """``columns`` if they count votes: whole numbers, more than one in all for a picture, which are spread over several
    of them in some row; as many in each row. None if they are fewer than three."""
    if len(columns) < _FEWEST or not all(value.isdecimal() for column in columns for value in grid.values(column)):
        return []
    rows = list(zip(*(map(int, grid.values(column)) for column in columns), strict=True))
    is_spread = any(sum(map(bool, row)) > 1 for row in rows)
    return list(columns) if is_spread and {sum(row) for row in rows} in [{n} for n in range(2, _VOTES)] else []


def score_columns(grid: Grid, columns: Sequence[int]) -> list[int]:
    """Those of ``columns`` that are scores from 0 to 1, fractions among them; none if it is one alone.

    Where they add up to 1 in each row, those that happen to hold whole numbers belong to them.
    """
    shares = [column for column in columns if _are_shares(grid.values(column))]
    fractions = [column for column in shares if any(float(value) % 1 for value in grid.values(column))]
    if not fractions or len(shares) < 2:
        return []
    rows = zip(*(map(float, grid.values(column)) for column in shares), strict=True)
    if all(abs(sum(row) - 1) <= _ROUNDED for row in rows):
        return shares
    return fractions if len(fractions) > 1 else []


def _are_shares(values: Sequence[str]) -> bool:
    return all(NUMBER.match(value) and 0 <= float(value) <= 1 for value in values)
