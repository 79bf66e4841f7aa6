"""Which files may be tables of pictures and their classes: by their names and how they begin."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS
from workbench.engine.catalog.datasets.tables.json_rows import JSON_LINES
from workbench.engine.catalog.datasets.tables.json_shapes import begins_with_file
from workbench.engine.pictures.picture_kinds import SUFFIXES

_HEAD: Final = 4096
#: A larger .json file is none of pictures and classes.
MAX_JSON: Final = 50_000_000
#: Number of lines read to tell whether a text is a table of pictures.
_LOOKED_AT: Final = 10


def head_of(file: Path) -> bytes:
    """The first bytes of ``file``. Raises OSError."""
    with file.open("rb") as stream:
        return stream.read(_HEAD)


def text_of(head: bytes) -> str | None:
    """The text of a file that begins with ``head``, None if it is none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # “Unicode Text” of spreadsheets
        return head.decode("utf-16", "ignore")
    if b"\x00" in head:
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = len(head) == _HEAD and error.start > len(head) - 4  # a letter cut in two at the end
        return head[: error.start].decode("utf-8-sig") if cut else head.decode("latin-1")


def may_be_table(file: Path) -> bool:
    """By its name, a .txt or .lst file if its lines are pictures with a class, a .json file by how it begins."""
    if file.suffix.lower() in LISTS:
        text = text_of(head_of(file)) or ""
        return gives_classes(text) or is_table(text)
    if file.suffix.lower() != ".json":
        return file.suffix.lower() in (".csv", ".tsv", *JSON_LINES)
    text = text_of(head_of(file)) or ""
    is_list = "".join(text[:64].split()).startswith("[{")
    return (is_list or begins_with_file(text)) and file.stat().st_size <= MAX_JSON


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

    The word may stand first in each: ``65 images/val_00000001.JPEG``. A line with the number of pictures may be above
    them, and a header.
    """
    first = list(_lines(text))[:_LOOKED_AT]
    first = first[1:] if first and first[0].isdecimal() else first
    last = [line.rsplit(None, 1)[::-1] for line in first]
    return any(
        _are_pairs(rows) for each in (last, [line.split(None, 1) for line in first]) for rows in (each, each[1:])
    )


def _are_pairs(rows: Sequence[Sequence[str]]) -> bool:
    """Whether ``rows`` are a word and the file of a picture each."""
    are_two = bool(rows) and all(len(row) == 2 for row in rows)
    return are_two and all(_is_picture(file) and not _is_picture(word) for word, file in rows)


def _is_picture(text: str) -> bool:
    return os.path.splitext(text)[1].lower() in SUFFIXES


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())
