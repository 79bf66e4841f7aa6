"""Classes of pictures in a table that gives each with its boxes: ``n01440764 111 108 370 389`` of ImageNet (ILSVRC)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import read_rows

#: A class and the four sides of one box in it.
_BOX: Final = re.compile(r"(\S+)(?:\s+-?\d+(?:\.\d+)?){4}(?:\s+|\Z)")


def boxed_classes(table: Path, files: Sequence[Path], names: Collection[str]) -> dict[Path, str]:
    """The class of each of ``files``, if a row of ``table`` has its name and boxes of one of the ``names`` alone.

    Nothing if it is so not for all of them. Raises WorkbenchError where the table cannot be read.
    """
    rows = [row for row in read_rows(table)[0][1:] if len(row) == 2]
    said: Mapping[str, str] = {Path(name).stem: _only(boxes.strip()) for name, boxes in rows}
    found = {file: said.get(file.stem, "") for file in files}
    return found if files and all(name in names for name in found.values()) else {}


def _only(boxes: str) -> str:
    """The class of all ``boxes``; empty where they are of several, or something else is written."""
    names = {each[1] for each in _BOX.finditer(boxes)}
    return names.pop() if len(names) == 1 and not _BOX.sub("", boxes) else ""
