"""Rows of a table that are about the table: above its header a title or remarks, at its end a sum."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import shown, words
from workbench.engine.catalog.datasets.tables.labels import is_class_key
from workbench.engine.catalog.datasets.tables.places import has_picture_suffix, is_address

Row = tuple[str, ...]
#: Number of leading rows that are searched for the header.
_MOST: Final = 20
#: Names of a column of paths.
_PATHS: Final = words(
    "file files filename file_name path filepath file_path image images image_path image_name image_id image_file img "
    "img_path picture photo id url datei bild fichier imagen archivo"
)
#: Beginning of a summary row at the end of a table, and the maximum number of such rows.
_SUMS: Final = re.compile(r"(grand )?(total|sum|count|summe|gesamt|anzahl|totale|suma|somme)\b|#", re.IGNORECASE)
_MOST_BELOW: Final = 3


def rows_below(rows: Sequence[Row]) -> int:
    """The number of rows at the end that begin as a sum or a remark and name no picture; 0 for most tables."""
    below = 0
    while below < min(_MOST_BELOW, len(rows) - 2):
        row = rows[len(rows) - 1 - below]
        if any(map(_names_picture, row)) or not _SUMS.match(next(filter(None, row), "")):
            break
        below += 1
    return below if any(map(_names_picture, rows[len(rows) - 1 - below])) else 0


def rows_above(rows: Sequence[Row]) -> int:
    """The number of rows above the header, or above the first picture where there is no header; 0 for most tables.

    A row above is one that names no picture, and has fewer cells with something in them than the header, or the header
    has names by which columns are known and the row above it has none.
    """
    for row in range(1, min(_MOST, len(rows) - 1)):
        if any(_names_picture(cell) for cell in rows[row - 1]):
            return 0
        if _is_header(rows, row):
            return row
    return 0


def _is_header(rows: Sequence[Row], row: int) -> bool:
    """Whether ``row`` is a header, and no row above it is one."""
    above, head, below = rows[:row], rows[row], rows[row + 1]
    if not all(head[: _filled(below)]) or any(map(_names_picture, head)) or _filled(head) < 2:
        return False
    if any(map(is_known, above)):
        return False
    is_fuller = all(_filled(each) < _filled(head) for each in above)
    return is_known(head) or (is_fuller and any(map(_names_picture, below)))


def is_known(row: Row) -> bool:
    """Whether a row has the name of a column of paths, and that of one of classes."""
    keys = [re.sub(r"\W+", "_", cell.lower()).strip("_") for cell in row]
    return any(key in _PATHS for key in keys) and any(map(is_class_key, keys))


def not_read_words(table: str, rows: Sequence[Row], above: int, below: int) -> str:
    """The sentence on the rows ``above`` and ``below`` that are not read; empty if there are none."""
    said = []
    if above:
        what = f"{_rows('first', above)} of {table} {'is' if above == 1 else 'are'} not read"
        said.append(f"{what} ({_shown(rows[0])}): the header is {shown(rows[above])}.")
    if below:
        what = f"{_rows('last', below)} of {table} {'is' if below == 1 else 'are'} not read"
        said.append(f"{what} ({_shown(rows[-1])}).")
    return " ".join(said)


def _rows(which: str, count: int) -> str:
    return f"The {which} row" if count == 1 else f"The {which} {count} rows"


def _shown(row: Row) -> str:
    return shown([cell for cell in row if cell])


def _filled(row: Row) -> int:
    return sum(map(bool, row))


def _names_picture(cell: str) -> bool:
    return has_picture_suffix(cell) or is_address(cell)
