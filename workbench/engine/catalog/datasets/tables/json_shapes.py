"""JSON that is no list of pictures with their classes: what it holds instead, and what is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from workbench.engine.catalog.datasets.tables.places import has_picture_suffix
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.part_names import parts_of

_READ: Final = "a list of objects is read, each with the path and the class of a picture, or one such object a line"
_WRITE: Final = "write a table (CSV) with the columns file and class"
#: The first name in an object.
_FIRST: Final = re.compile(r'\s*\{\s*"([^"]+)"\s*:\s*["\d{]')


def begins_with_file(text: str) -> bool:
    """Whether JSON begins as an object whose first name is the file of a picture: ``{"img/0.png": "cat"``."""
    found = _FIRST.match(text)
    return found is not None and has_picture_suffix(found[1])


def by_file(records: Sequence[Any]) -> Sequence[Any]:
    """``records``, or those in an only object that gives each file its class, or what is to say of it."""
    only = records[0] if len(records) == 1 and isinstance(records[0], Mapping) else {}
    if only and all(map(has_picture_suffix, only)) and all(isinstance(each, Mapping) for each in only.values()):
        return [{"file": name, **value} for name, value in only.items()]
    if not only or not all(map(has_picture_suffix, only)) or any(isinstance(each, Mapping) for each in only.values()):
        return records
    return [{"file": name, "class": value} for name, value in only.items()]


def other_shape(records: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with an export of a labelling tool, or an only object that holds pictures otherwise; else empty."""
    if records and {"data_row", "projects"} <= records[0].keys():
        return f"is an export of Labelbox, which is not read: {_WRITE}"
    if records and _has_boxes(records[0].get("annotations")):
        return f"holds boxes of objects, as Create ML writes them, and one class a picture is learned: {_WRITE}"
    if len(records) == 1 and "images" in records[0] and _has_places(records[0].get("annotations")):
        return f"holds boxes or outlines of objects, as COCO has them, and one class a picture is learned: {_WRITE}"
    if writer := _writer(records):
        return f"is an export of {writer}, which is not read: {_WRITE}"
    shape = _shape(records[0]) if len(records) == 1 else ""
    return f"holds {shape}; {_READ}" if shape else ""


def _has_boxes(annotations: Any) -> bool:
    return _are(annotations, Mapping) and all("coordinates" in each for each in annotations)


def _has_places(annotations: Any) -> bool:
    return _are(annotations, Mapping) and any(each.get("bbox") or each.get("segmentation") for each in annotations)


def _writer(records: Sequence[Mapping[str, Any]]) -> str:
    """Who writes JSON as ``records`` are; empty for others."""
    inside = records[0].get("samples", records[0].get("inputs")) if len(records) == 1 else records
    first = inside[0] if isinstance(inside, list) and inside and isinstance(inside[0], Mapping) else {}
    data = first.get("data")
    if isinstance(data, Mapping) and isinstance(data.get("concepts"), list):
        return "Clarifai"
    fields = [each for each in first.values() if isinstance(each, Mapping)]
    return "FiftyOne" if "filepath" in first and any("_cls" in each for each in fields) else ""


def _shape(record: Mapping[str, Any]) -> str:
    """How an object holds more than one picture; empty if it is one picture."""
    lists = [name for name, value in record.items() if _are(value, Mapping)]
    if lists:
        names = paths_text([repr(name) for name in lists], 4)
        return f"a list for each part ({names})" if len(parts_of(lists)) > 1 else f"its list inside {names}"
    values = list(record.values())
    if len(values) > 1 and all(_has_files(value) for value in values):
        names = paths_text([repr(name) for name in record], 4)
        return f"an object with the class of each file in {names}"
    columns = [list(value.values()) if isinstance(value, Mapping) else value for value in values]
    if len(columns) < 2 or not all(_are(column, (str, int)) and len(column) > 1 for column in columns):
        return ""
    names = paths_text([repr(name) for name in record], 4)
    of_pictures = all(has_picture_suffix(str(column[0])) for column in columns)
    return f"a list of pictures for each class ({names})" if of_pictures else f"its columns one by one ({names})"


def _has_files(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(has_picture_suffix(str(name)) for name in value)


def _are(value: object, kind: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, kind) for each in value)
