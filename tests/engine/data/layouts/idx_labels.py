"""IDX files whose test part has labels that training has not, or the reverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout

_THREE = {**dict.fromkeys("012", 8), **dict.fromkeys("3456789", 0)}


def _idx(train: Sequence[int], test: Sequence[int]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        drawn = np.random.Generator(np.random.PCG64(1))
        for name, labels in (("train", train), ("t10k", test)):
            count = len(labels).to_bytes(4, "big")
            values = drawn.integers(0, 256, (len(labels), 5, 5), np.uint8).tobytes()
            side = (5).to_bytes(4, "big")
            (root / f"{name}-images-idx3-ubyte").write_bytes(b"\0\0\x08\3" + count + side + side + values)
            (root / f"{name}-labels-idx1-ubyte").write_bytes(b"\0\0\x08\1" + count + bytes(labels))

    return make


LAYOUTS = (
    Layout(
        "a label that training has not",
        _idx([0, 1, 2] * 8, [0, 1, 2, 3, 3]),
        _THREE,
        (18, 6, 5),
        notes="The test part has 2 pictures with the label 3, which training has not",
    ),
    Layout(
        "a label above all classes",
        _idx([0, 1, 2] * 8, [0, 1, 2, 12]),
        _THREE,
        (18, 6, 4),
        refused="data.source.classes = 13",
        doubt="It cannot be measured as long as the classes count to 9",
        readings=({**_THREE, "10": 0, "11": 0, "12": 0},),
    ),
    Layout(
        "a label of training that the test lacks",
        _idx([0, 1, 2] * 8, [0, 1, 0, 1]),
        _THREE,
        (18, 6, 4),
        notes="The test part has no picture with the label 2",
    ),
    Layout("a test part that counts from 1", _idx([0, 1, 2] * 8, [1, 2, 3]), refused="counts its labels from one more"),
    Layout(
        "a test part of one class",
        _idx([0, 1, 2] * 8, [1, 1, 1]),
        _THREE,
        (18, 6, 3),
        notes="All 3 examples of the test part are of one class, '1'",
    ),
)
