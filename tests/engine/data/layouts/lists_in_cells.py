"""Cells of a class column in JSON that are lists: of words, or of 0 and 1 for each class."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def _lists(values: Sequence[Sequence[str | int | bool]]) -> Callable[[Path], Path]:
    def make(root: Path) -> Path:
        pictures(root, {"img": 12})
        records = [{"image": f"img/{index}.png", "tags": values[index % len(values)]} for index in range(12)]
        texts(root, {"list.json": json.dumps(records)})
        return root / "list.json"

    return make


LAYOUTS = [
    Layout(
        "lists of two in JSON",
        _lists([["red", "big"], ["blue", "small"]]),
        {"blue | small": 6, "red | big": 6},
        refused="“tags” seems to hold several classes a picture ('blue | small'), which is not supported",
        doubt="several classes a picture",
        readings=({"blue | small": 6, "red | big": 6},),
    ),
    Layout(
        "lists with a 1 in JSON",
        _lists([["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]),
        {"0": 4, "1": 4, "2": 4},
    ),
    Layout("lists of false and true in JSON", _lists([[True, False], [False, True]]), {"0": 6, "1": 6}),
    Layout(
        "lists with several 1 in JSON",
        _lists([["1", "0", "1"], ["0", "1", "0"], ["1", "1", "0"]]),
        {"0 | 1": 4, "0 | 2": 4, "1": 4},
        refused="“tags” seems to hold several classes a picture ('0 | 1'), which is not supported",
        doubt="several classes a picture",
        readings=({"0 | 1": 4, "0 | 2": 4, "1": 4},),
    ),
    Layout(
        "lists with a 1, of which one has none",
        _lists([*[[1, 0, 0], [0, 1, 0], [0, 0, 1]] * 3, [1, 0, 0], [0, 1, 0], [0, 0, 0]]),
        {"0": 4, "1": 4, "2": 3},
        refused="has no class in 1 row of 12",
        doubt="has no class in 1 row of 12",
        readings=({"0": 4, "1": 4, "2": 3},),
    ),
    Layout("lists of one in JSON", _lists([["red", "red"], ["blue"]]), {"blue": 6, "red": 6}),
]
