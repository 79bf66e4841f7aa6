"""What a text file is by its first lines: settings, a table of pictures, or something else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator

from workbench.engine.pictures.picture_kinds import SUFFIXES

#: Number of lines read to tell whether a text is a table of pictures.
_LOOKED_AT = 10


def is_settings(text: str) -> bool:
    """Whether it is a TOML text."""
    lines = [line for line in _lines(text) if not line.startswith("#")]
    if not lines or not (lines[0].startswith("[") or "=" in lines[0]):
        return False
    try:
        return bool(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False


def is_table(text: str | None) -> bool:
    """Whether the first lines have a comma, semicolon or tab each, and one of them the path of a picture."""
    first = list(_lines(text or ""))[:_LOOKED_AT]
    for mark in ",;\t":
        rows = [line.split(mark) for line in first if mark in line]
        cells = (cell.strip(" '\"") for row in rows for cell in row)
        if first and len(rows) >= len(first) - 1 and any(os.path.splitext(c)[1].lower() in SUFFIXES for c in cells):
            return True
    return False


def gives_classes(text: str) -> bool:
    """Whether each of the first lines is the file of a picture, a blank and one word: ``val_00000001.JPEG 65``."""
    first = [line.rsplit(None, 1) for line in list(_lines(text))[:_LOOKED_AT]]
    return bool(first) and all(len(row) == 2 and os.path.splitext(row[0])[1].lower() in SUFFIXES for row in first)


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
