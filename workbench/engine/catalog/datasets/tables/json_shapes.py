"""JSON that is no list of pictures with their classes: what it holds instead, and what is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from workbench.engine.catalog.datasets.tables.places import has_picture_suffix
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.part_names import parts_of

_READ: Final = "a list of objects is read, each with the path and the class of a picture, or one such object a line"


def other_shape(records: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with an export of Labelbox, or an only object that holds the pictures otherwise; else empty."""
    if records and {"data_row", "projects"} <= records[0].keys():
        return "is an export of Labelbox, which is not read: write a table (CSV) with the columns file and class"
    shape = _shape(records[0]) if len(records) == 1 else ""
    return f"holds {shape}; {_READ}" if shape else ""


def _shape(record: Mapping[str, Any]) -> str:
    """How an object holds more than one picture; empty if it is one picture."""
    lists = [name for name, value in record.items() if _are(value, Mapping)]
    if lists:
        names = paths_text([repr(name) for name in lists], 4)
        return f"a list for each part ({names})" if len(parts_of(lists)) > 1 else f"its list inside {names}"
    values = list(record.values())
    columns = [list(value.values()) if isinstance(value, Mapping) else value for value in values]
    if len(columns) < 2 or not all(_are(column, (str, int)) and len(column) > 1 for column in columns):
        return ""
    names = paths_text([repr(name) for name in record], 4)
    of_pictures = all(has_picture_suffix(str(column[0])) for column in columns)
    return f"a list of pictures for each class ({names})" if of_pictures else f"its columns one by one ({names})"


def _are(value: object, kind: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, kind) for each in value)
