"""Exports of tools that mark objects with boxes: Create ML as JSON, VoTT as CSV with one box a picture."""

from __future__ import annotations

import json
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_BOX = {"x": 5, "y": 5, "width": 4, "height": 4}


def _create_ml(root: Path) -> None:
    pictures(root, {".": 6})
    rows = [{"image": f"{i}.png", "annotations": [{"label": "a", "coordinates": _BOX}]} for i in range(6)]
    texts(root, {"_annotations.createml.json": json.dumps(rows)})


def _vott(root: Path) -> None:
    pictures(root, {".": 8})
    rows = [f'"{i}.png",1.0,2.0,5.0,6.0,"{"ab"[i % 2]}"' for i in range(8)]
    texts(root, {"pets-export.csv": "\n".join(['"image","xmin","ymin","xmax","ymax","label"', *rows])})


LAYOUTS = [
    Layout("boxes of Create ML", _create_ml, refused="is a detection set (Create ML, see _annotations.createml.json)"),
    Layout("one box a picture, as VoTT writes them", _vott, {"a": 4, "b": 4}, left_out=("column “xmin”",)),
]
