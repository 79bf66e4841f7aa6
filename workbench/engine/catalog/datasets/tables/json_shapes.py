"""JSON that is no list of pictures with their classes, and classes in it that are marked by a 1."""

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


def with_marked_classes(records: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """``records`` where lists of 0 and one 1 (one-hot) are the number of the 1, if a name has nothing else."""
    names = {name for record in records[:1] for name, value in record.items() if _mark(value) is not None}
    lists = {name: [record.get(name) for record in records] for name in names}
    marked = {
        name
        for name, values in lists.items()
        if all(_mark(each) is not None for each in values) and len({len(each or ()) for each in values}) == 1
    }
    return [{name: _mark(value) if name in marked else value for name, value in each.items()} for each in records]


def _mark(value: object) -> int | None:
    """The place of the only 1 among zeros; None for anything else."""
    is_marks = isinstance(value, list) and len(value) > 1 and all(each in (0, 1) for each in value)
    return value.index(1) if is_marks and isinstance(value, list) and value.count(1) == 1 else None
