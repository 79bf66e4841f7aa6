"""Lists of pictures in JSON, and tables with addresses: Hugging Face, Label Studio, SageMaker, AutoML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.tables_of_parts import NAMES

ALL = {"cat": 10, "dog": 10}
SETS = ("TRAIN", "TRAIN", "TRAIN", "VALIDATION", "TEST")


def lines(records: Iterable[Mapping[str, Any]]) -> str:
    return "\n".join(map(json.dumps, records))


def _in_parts(root: Path) -> None:
    for part, count in (("train", 12), ("validation", 4), ("test", 4)):
        pictures(root, {part: count})
        records = ({"file_name": f"{index}.png", "label": NAMES[index]} for index in range(count))
        texts(root, {f"{part}/metadata.jsonl": lines(records)})


def _captions(root: Path) -> None:
    pictures(root, {"train": 12})
    texts(root, {"train/metadata.jsonl": lines({"file_name": f"{i}.png", "text": f"picture {i}"} for i in range(12))})


def _several(root: Path) -> None:
    pictures(root, {"": 12})
    records = ({"file_name": f"{i}.png", "labels": ["a", "b"] if i % 3 else ["a"]} for i in range(12))
    texts(root, {"metadata.jsonl": lines(records)})


def file_of(name: str, text: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        pictures(root, {"images": 20})
        texts(root, {name: text})

    return make


def task(index: int) -> dict[str, Any]:
    choice = {"from_name": "kind", "type": "choices", "value": {"choices": [NAMES[index]]}}
    image = f"/data/upload/1/{index:08x}-{index}.png"
    return {"id": index, "annotations": [{"result": [choice]}], "data": {"image": image}}


def _studio(index: int) -> str:
    return f"/data/upload/1/{index:08x}-{index}.png,{index},{NAMES[index]},1,2.5"


def _manifest(index: int) -> dict[str, Any]:
    about = {"class-name": NAMES[index], "type": "groundtruth/image-classification"}
    return {"source-ref": f"s3://bucket/images/{index}.png", "label": index % 2, "label-metadata": about}


LAYOUTS = [
    Layout("Hugging Face, metadata.jsonl in each part", _in_parts, {"cat": 8, "dog": 8}, (12, 4, 4)),
    Layout("Hugging Face, captions and no classes", _captions, refused="has no column with the class of each picture"),
    Layout(
        "Hugging Face, lists of labels",
        _several,
        {"a": 4, "a | b": 8},
        refused="several classes a picture",
        doubt="'a | b'",
    ),
    Layout(
        "Label Studio, CSV with names as they were uploaded",
        file_of("project-1.csv", "\n".join(["image,id,choice,annotator,lead_time", *map(_studio, range(20))])),
        ALL,
    ),
    Layout("Label Studio, JSON", file_of("project-1.json", json.dumps([*map(task, range(20))])), ALL),
    Layout("SageMaker's manifest", file_of("out.manifest", lines(map(_manifest, range(20)))), ALL),
    Layout(
        "AutoML, addresses of a bucket",
        file_of("all.csv", "\n".join(f"{SETS[i % 5]},gs://bucket/pets/{i}.png,{NAMES[i]}" for i in range(20))),
        {"cat": 8, "dog": 8},
        (12, 4, 4),
    ),
    Layout(
        "addresses of pictures that are not there",
        lambda root: texts(root, {"all.csv": "\n".join(f"https://example.org/{i}.png,{NAMES[i]}" for i in range(20))}),
        refused="no picture of that name is below",
    ),
    Layout(
        "other JSON beside class folders",
        lambda root: (pictures(root, {"cat": 6, "dog": 6}), texts(root, {"label_map.json": '{"cat": 0}'}))[1],
        {"cat": 6, "dog": 6},
        (10, 2, 0),
        ("label_map.json",),
    ),
]
