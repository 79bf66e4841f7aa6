"""Classes in files that are not read: spreadsheets, exports of whole-picture labels, records; each is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

CATEGORIES = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
COCO = {
    "images": [{"id": i, "file_name": f"{i}.png"} for i in range(6)],
    "categories": CATEGORIES,
    "annotations": [{"id": i, "image_id": i, "category_id": 1 + i % 2} for i in range(6)],
}
DATUMARO = {
    "categories": {"label": {"labels": CATEGORIES}},
    "items": [{"id": str(i), "annotations": [{"type": "label", "label_id": i % 2}]} for i in range(6)],
}
FIFTYONE = {"classes": ["cat", "dog"], "labels": {str(i): i % 2 for i in range(6)}}
CVAT = "".join(f'<image id="{i}" name="{i}.png"><tag label="cat"/></image>' for i in range(6))


def _with(folder: str, files: dict[str, str]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        pictures(root, {folder: 6})
        texts(root, files)

    return make


def _dicom(root: Path) -> None:
    texts(root, {f"{name}/{index}.dcm": "\0" * 128 + "DICM" for name in ("sick", "well") for index in range(3)})


def _records(root: Path) -> None:
    texts(root, {"flowers-train.tfrecord-00000-of-00001": "x", "dataset_info.json": "{}"})


def _database(root: Path) -> None:
    texts(root, {"data.mdb": "x", "lock.mdb": "x"})


LAYOUTS = [
    Layout(
        "a spreadsheet beside the pictures",
        _with("images", {"labels.xlsx": "PK"}),
        refused="labels.xlsx is a spreadsheet, which is not read: save it as CSV",
    ),
    Layout(
        "a text with the class of each picture",
        _with("images", {f"labels/{index}.txt": ("cat", "dog")[index % 2] for index in range(6)}),
        refused="holds a text for each picture (labels/0.txt: 'cat')",
    ),
    Layout(
        "COCO without boxes",
        _with("data", {"labels.json": json.dumps(COCO)}),
        refused="labels.json gives them their classes in the form of COCO without boxes",
    ),
    Layout(
        "Datumaro",
        _with("images/default", {"annotations/default.json": json.dumps(DATUMARO)}),
        refused="annotations/default.json gives them their classes in the form of Datumaro",
    ),
    Layout("FiftyOne", _with("data", {"labels.json": json.dumps(FIFTYONE)}), refused="in the form of FiftyOne"),
    Layout("CVAT", _with("images", {"a.xml": f"<annotations>{CVAT}</annotations>"}), refused="in the form of CVAT"),
    Layout("DICOM in class folders", _dicom, refused="all 6 are as sick/0.dcm (DICOM, which is not read here"),
    Layout("TFRecord", _records, refused="is a TFRecord file, which is not read"),
    Layout("WebDataset", _with("", {"0.cls": "3", "1.cls": "5"}), refused="holds a text for each picture (0.cls: '3')"),
    Layout("LMDB", _database, refused="data.mdb is an LMDB, which is not read"),
]
