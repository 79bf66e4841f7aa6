"""What a text file is by its first lines: settings, a table of pictures, or something else."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Sequence

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
        if first and len(rows) >= len(first) - 1 and any(map(_is_picture, cells)):
            return True
    return False


def gives_classes(text: str) -> bool:
    """Whether each of the first lines is the file of a picture, a blank and one word: ``val_00000001.JPEG 65``.

    The word may stand first in each: ``65 images/val_00000001.JPEG``.
    """
    first = list(_lines(text))[:_LOOKED_AT]
    last = [line.rsplit(None, 1)[::-1] for line in first]
    return _are_pairs(last) or _are_pairs([line.split(None, 1) for line in first])


def _are_pairs(rows: Sequence[Sequence[str]]) -> bool:
    """Whether ``rows`` are a word and the file of a picture each."""
    are_two = bool(rows) and all(len(row) == 2 for row in rows)
    return are_two and all(_is_picture(file) and not _is_picture(word) for word, file in rows)


def _is_picture(text: str) -> bool:
    return os.path.splitext(text)[1].lower() in SUFFIXES


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
