"""Exports of labelling tools and stores that are not read: each is called by its name, as a file and in a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.data.layouts.layout import Layout, pictures, texts

SAMPLES = [
    {"filepath": f"data/{i}.png", "ground_truth": {"_cls": "Classification", "label": ("cat", "dog")[i % 2]}}
    for i in range(6)
]
INPUTS = [
    {"id": str(i), "data": {"image": {"url": f"https://example.org/{i}.png"}, "concepts": [{"id": "cat", "value": 1}]}}
    for i in range(6)
]


def export(name: str, value: Any, opened: str = "") -> Callable[[Path], Path]:
    """A maker of pictures beside ``value`` in a file of this ``name``."""

    def make(root: Path) -> Path:
        pictures(root, {"data": 6})
        texts(root, {name: json.dumps(value)})
        return root / opened

    return make


LAYOUTS = [
    Layout("FiftyOne", export("samples.json", {"samples": SAMPLES}), refused="in the form of FiftyOne"),
    Layout(
        "a file of FiftyOne",
        export("samples.json", {"samples": SAMPLES}, "samples.json"),
        refused="is an export of FiftyOne, which is not read",
    ),
    Layout("Clarifai", export("inputs.json", {"inputs": INPUTS}), refused="in the form of Clarifai"),
    Layout(
        "a file of Clarifai",
        export("inputs.json", {"inputs": INPUTS}, "inputs.json"),
        refused="is an export of Clarifai, which is not read",
    ),
    Layout("a list of Clarifai", export("inputs.json", INPUTS, "inputs.json"), refused="is an export of Clarifai"),
]
