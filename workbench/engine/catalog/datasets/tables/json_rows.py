"""Lists of pictures in JSON as rows of cells: an object a line, or a list of objects, as labelling tools write them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets.tables.json_shapes import by_file, other_shape
from workbench.engine.catalog.datasets.tables.table_error import refuse

#: Tables of these suffixes are JSON; a .json file is one only if it is a list.
JSON_LINES: Final = frozenset({".jsonl", ".ndjson", ".manifest"})
SUFFIXES: Final = JSON_LINES | {".json"}
Record = Mapping[str, Any]


def json_rows(file: Path, text: str) -> list[tuple[str, ...]]:
    """A header with every name that occurs, and a row for each object. Raises WorkbenchError."""
    records = [dict(_cells(each)) for each in _records(file, text)]
    head = tuple(dict.fromkeys(name for record in records for name in record))
    if not head:
        refuse(file, "is empty")
    return [head, *(tuple(record.get(name, "") for name in head) for record in records)]


def _records(file: Path, text: str) -> Sequence[Record]:
    try:
        found = by_file(_parsed(text))
    except (ValueError, RecursionError):
        refuse(file, "is no list of objects in JSON, nor one object a line")
    if not all(isinstance(each, dict) for each in found):
        refuse(file, "is no list of objects in JSON; each must name a picture and its class")
    if shape := other_shape([each for each in found if not _is_of_label_studio(each)]):
        refuse(file, shape)
    return [record for each in found for record in (_of_label_studio(each) if _is_of_label_studio(each) else [each])]


def _parsed(text: str) -> Sequence[Any]:
    """A list, or the objects that stand one a line, or the only one. Raises ValueError, RecursionError."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def is_of_other_shape(text: str) -> bool:
    """Whether it is JSON that holds pictures otherwise than as a list of objects, so that opening it says how."""
    try:
        found = _parsed(text)
    except (ValueError, RecursionError):
        return False
    return all(isinstance(each, dict) for each in found) and bool(other_shape(found))


def _cells(record: Record) -> Iterator[tuple[str, str]]:
    """Names and texts; what is inside an object in it has its own names, after those of the record. Several choices of
    Label Studio are an object as well, and keep the name."""
    inner: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, Mapping) and list(value) == ["choices"]:
            yield name, _text(value["choices"])
        elif isinstance(value, Mapping):
            inner |= dict(_cells(value))
        else:
            yield name, _text(value)
    yield from ((name, text) for name, text in inner.items() if name not in record)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        items = list(filter(None, map(_text, value)))
        return json.dumps(items, ensure_ascii=False) if len(items) > 1 else "".join(items)
    return str(value.get("name", "")) if isinstance(value, Mapping) else str(value).strip()


def _is_of_label_studio(record: Record) -> bool:
    return isinstance(record.get("data"), dict) and isinstance(
        record.get("annotations", record.get("completions")), list
    )


def _of_label_studio(record: Record) -> list[Record]:
    """The data of a task with the choices of each of its annotations that says something else than those before it."""
    annotations = record.get("annotations", record.get("completions"))
    valid = [_said(each.get("result", [])) for each in annotations if not each.get("was_cancelled")]
    different = [said for index, said in enumerate(valid) if said and said not in valid[:index]]
    return [{**record["data"], **said} for said in different or [{}]]


def _said(results: Sequence[Record]) -> Record:
    """The choices of one annotation; boxes keep the name that tells them."""
    said: dict[str, Any] = {}
    for result in results:
        value = result.get("value", {})
        if "choices" in value:
            said[result.get("from_name", "choice")] = value["choices"]
        elif "x" in value or "points" in value:
            said["bbox"] = "box"
    return said
