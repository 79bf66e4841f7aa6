"""Numbers that a spreadsheet wrote with a decimal comma: ``1,0`` is read as ``1.0``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

Row = tuple[str, ...]
_NUMBER: Final = re.compile(r"[-+]?\d+,\d+\Z")
_WHOLE: Final = re.compile(r"[-+]?\d+,0+\Z")


def with_points(rows: Sequence[Row]) -> list[Row]:
    """``rows``, the first of which may be a header, with points in the columns of numbers with a decimal comma.

    In such a column every cell that is not empty is one. A single column must hold whole numbers (``2,0``), as other
    cells may be lists of two classes (``2,7``); several columns are numbers.
    """
    columns = [[row[c] for row in rows[1:] if row[c : c + 1] and row[c]] for c in range(max(map(len, rows), default=0))]
    numbers = {c for c, cells in enumerate(columns) if cells and all(map(_NUMBER.match, cells))}
    if len(numbers) == 1:
        numbers = {c for c in numbers if all(map(_WHOLE.match, columns[c]))}
    if not numbers:
        return list(rows)
    return [tuple(_pointed(cell) if c in numbers else cell for c, cell in enumerate(row)) for row in rows]


def _pointed(cell: str) -> str:
    return cell.replace(",", ".") if _NUMBER.match(cell) else cell
