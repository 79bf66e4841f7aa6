"""A list of pictures that is opened itself: it is said what becomes of it in its folder, as it does there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_ALL = {"cat": 10, "dog": 10}


def _lists(parts: dict[str, range], extra: str = "") -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        pictures(root, _ALL)
        for name, rows in parts.items():
            texts(root, {name: "\n".join([f"{n}/{i}.png" for n, i in product(("cat", "dog"), rows)]) + extra})
        return root / next(iter(parts))

    return make


LAYOUTS = [
    Layout(
        "lists of both parts", _lists({"a/train.txt": range(7), "a/val.txt": range(7, 10)}), refused="gives its split"
    ),
    Layout("a list of one part", _lists({"train.txt": range(7)}), refused="it is asked there what the list is for"),
    Layout(
        "a list of another name", _lists({"favourites.txt": range(7)}), refused="it is asked there what the list is for"
    ),
]
