"""Numbered class folders with their names in a file beside them: offered, and used where the settings say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_THREE = {"0": 5, "1": 5, "2": 5}


def _beside(name: str, text: str, folders: Mapping[str, int]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        pictures(root, folders)
        texts(root, {name: text})

    return make


def _layout(name: str, file: str, text: str, folders: Mapping[str, int] = _THREE) -> Layout:
    classes = {folder.rpartition("/")[2]: count for folder, count in folders.items()}
    return Layout(name, _beside(file, text, folders), classes)


LAYOUTS = (
    _layout("a name in each line", "classes.txt", "stop\nyield\nturn left\n"),
    _layout("a list of names below that of the folders", "classes.txt", "a\nb\nc", {f"Train/{k}": 5 for k in range(3)}),
    _layout("numbers and names in JSON", "cat_to_name.json", '{"0": "rose", "1": "lily", "2": "iris"}'),
    _layout("names of class_0", "labels.txt", "0 daisy\n1 rose\n2 tulip", {f"class_{k}": 5 for k in range(3)}),
    _layout("fewer names than folders", "classes.txt", "stop\nyield"),
)
