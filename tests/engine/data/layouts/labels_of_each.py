"""Folders in which each picture has a file of labels of its own: of labelme, Pascal VOC and Supervisely."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_BATCHES = {"north": 6, "south": 6}


def _labelme(label: str) -> str:
    return json.dumps({"flags": {}, "shapes": [{"label": label, "points": [[0, 0], [2, 2]]}], "imagePath": "0.png"})


def _voc(label: str) -> str:
    box = f"<object><name>{label}</name><bndbox><xmin>1</xmin></bndbox></object>"
    return f"<annotation><folder>north</folder><filename>0.png</filename>{box}</annotation>"


def _each(
    file: str, labels: Callable[[str], str], folder: str = "", of: tuple[str, str] = ("cat", "dog")
) -> Callable[[Path], None]:
    """Two folders of pictures (in ``folder``), each picture with ``labels`` in ``file``."""

    def make(root: Path) -> None:
        for place, label in zip(_BATCHES, of, strict=True):
            pictures(root, {f"{place}/{folder}": 6})
            texts(root / place, {file.format(index): labels(label) for index in range(6)})

    return make


def _supervisely(root: Path) -> None:
    tags = '{{"tags": [{{"name": "{}"}}], "objects": []}}'
    _each("ann/{}.png.json", tags.format, "img")(root)
    texts(root, {"meta.json": "{}"})


def _few(root: Path) -> None:
    _each("{}.json", _labelme)(root)
    for place in _BATCHES:
        (root / place / "0.json").unlink()


def _asked(name: str, make: Callable[[Path], None], file: str) -> Layout:
    return Layout(
        name,
        make,
        _BATCHES,
        refused='Choose with data.source.classes = "folders"',
        doubt=f"file of labels of its own ({file}), which is not read",
        readings=(_BATCHES,),
    )


LAYOUTS = [
    _asked("labelme", _each("{}.json", _labelme), "north/0.json"),
    _asked("Pascal VOC", _each("{}.xml", _voc), "north/0.xml"),
    _asked("Supervisely", _supervisely, "north/ann/0.png.json"),
    Layout("labels that are the folders", _each("{}.json", _labelme, "", ("north", "south")), _BATCHES),
    Layout("what a download says of each", _each("{}.json", lambda label: json.dumps({"title": label})), _BATCHES),
    Layout("pictures without a file of labels", _few, _BATCHES),
]
