"""Rows of Open Images that say of a picture which class it is not: those with the confidence 0."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.text import counted

_LABEL: Final = "labelname"
_CONFIDENCE: Final = "confidence"
_ZERO, _ONE = frozenset({"0", "0.0"}), frozenset({"1", "1.0"})
#: Why such rows are left out.
NEGATIVE: Final = "their “Confidence” is 0: the picture is not of that class"


def split_negatives(rows: Sequence[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """``rows``, the header first, without those that say what a picture is not, and these; none of a table without the
    columns ``LabelName`` and ``Confidence``, or with other confidences than 0 and 1."""
    keys = [re.sub(r"[\W_]+", "", cell).lower() for cell in rows[0]]
    if not {_LABEL, _CONFIDENCE} <= set(keys):
        return list(rows), []
    column = keys.index(_CONFIDENCE)
    cells = [row[column] if column < len(row) else "" for row in rows[1:]]
    said = set(cells)
    if not said <= _ZERO | _ONE or said.isdisjoint(_ZERO) or said.isdisjoint(_ONE):
        return list(rows), []
    kept = [row for row, cell in zip(rows[1:], cells, strict=True) if cell not in _ZERO]
    return [rows[0], *kept], [row for row, cell in zip(rows[1:], cells, strict=True) if cell in _ZERO]


def negatives_fact(table: Path, count: int) -> Fact:
    """That ``count`` rows are left out."""
    return Fact("columns", f"{counted(count, 'row')} of {table.name} left out: {NEGATIVE}.")
