"""Tables that name no picture at all: a title or a header alone, a log of training. Each is refused as what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import LOOKED_AT, shown
from workbench.engine.catalog.datasets.tables.places import has_picture_suffix
from workbench.engine.catalog.datasets.tables.rows_above import is_known
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.core.text import counted, paths_text

#: A log of training has one of the first, and of the second in the name of another column.
_STEPS: Final = frozenset({"epoch", "epochs", "step", "global_step", "iteration"})
_MEASURED: Final = frozenset({"loss", "acc", "accuracy", "lr"})
_NAMED: Final = 4


def refuse_without_pictures(table: Path, rows: Sequence[tuple[str, ...]]) -> None:
    """Raise WorkbenchError for a table of which nothing can name a picture."""
    if any(has_picture_suffix(cell) for row in rows[:LOOKED_AT] for cell in row):
        return
    if is_known(rows[-1]):
        refuse(table, f"has a header and no row below it: {shown(rows[-1])}. Export it again with its rows")
    if len(rows) == 1:
        text = f"has one row alone, and that names no picture: {shown([cell for cell in rows[0] if cell])}"
        refuse(table, f"{text}. Export it again with a row for each picture, its file and its class")
    keys = [re.sub(r"\W+", "_", cell.lower()) for cell in rows[0]]
    measured = [key for key in keys if _MEASURED & set(key.split("_"))]
    if _STEPS & set(keys) and measured:
        named = paths_text([cell for cell in rows[0] if cell], _NAMED)
        text = f"is a log of training ({counted(len(keys), 'column')}: {named}) and names no picture"
        refuse(table, f"{text}. Open the data that was trained on")
