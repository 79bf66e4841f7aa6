"""JSON in other shapes than a list of objects: each is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.data.layouts.layout import Layout, pictures, texts

PATHS = [f"img/{index}.png" for index in range(12)]
NAMES = [("cat", "dog")[index % 2] for index in range(12)]
ROWS = [{"path": path, "label": name} for path, name in zip(PATHS, NAMES, strict=True)]
COCO = {
    "images": [{"id": number, "file_name": path} for number, path in enumerate(PATHS)],
    "annotations": [{"image_id": number, "category_id": 1, "bbox": [1, 1, 2, 2]} for number in range(12)],
    "categories": [{"id": 1, "name": "cat"}],
}
ANSWER = {"classifications": [{"name": "kind", "radio_answer": {"name": "cat"}}]}
LABELBOX = {"data_row": {"external_id": "0.png"}, "projects": {"p": {"labels": [{"annotations": ANSWER}]}}}


def _file(found: Any, indent: int | None = None) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        pictures(root, {"img": 12})
        texts(root, {"d.json": json.dumps(found, indent=indent)})
        return root / "d.json"

    return make


LAYOUTS = [
    Layout(
        "columns of pandas",
        _file({"path": dict(enumerate(PATHS)), "label": dict(enumerate(NAMES))}),
        refused="holds its columns one by one ('path', 'label'); a list of objects is read",
    ),
    Layout(
        "columns as lists, on several lines",
        _file({"path": PATHS, "label": NAMES}, indent=1),
        refused="holds its columns one by one",
    ),
    Layout("a list inside an object", _file({"info": {}, "data": ROWS}), refused="holds its list inside 'data'"),
    Layout(
        "lists of paths by class",
        _file({"cat": PATHS[::2], "dog": PATHS[1::2]}),
        refused="holds a list of pictures for each class ('cat', 'dog')",
    ),
    Layout(
        "lists of objects by part",
        _file({"train": ROWS[:8], "test": ROWS[8:]}),
        refused="holds a list for each part ('train', 'test')",
    ),
    Layout(
        "a class for each file",
        _file(dict(zip(PATHS, NAMES, strict=True)), indent=1),
        {name: NAMES.count(name) for name in set(NAMES)},
    ),
    Layout("boxes of COCO", _file(COCO), refused="holds boxes or outlines of objects, as COCO has them, and one class"),
    Layout(
        "a folder with boxes of COCO",
        lambda root: _file(COCO)(root).parent,
        refused="is a detection set (COCO, see d.json)",
    ),
    Layout("Labelbox", _file(LABELBOX), refused="is an export of Labelbox, which is not read"),
]
