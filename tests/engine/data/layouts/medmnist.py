"""MedMNIST and other archives with their parts in the names of arrays; IDX files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.numpy_files import LABELS, RGB, npz


def _parts(pictures: str, labels: str, column: bool = True) -> dict[str, object]:
    found: dict[str, object] = {}
    for part, rows in (("train", slice(0, 6)), ("val", slice(6, 9)), ("test", slice(9, 12))):
        found[pictures.format(part)] = RGB[rows]
        found[labels.format(part)] = LABELS[rows, None] if column else LABELS[rows]
    return found


def _idx(root: Path, name: str, pictures: bool = True, labels: bool = True, count: int = 20) -> None:
    side = (4).to_bytes(4, "big")
    number = count.to_bytes(4, "big")
    if pictures:
        values = np.random.Generator(np.random.PCG64(len(name))).integers(0, 256, (count, 4, 4), np.uint8)
        (root / f"{name}images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + number + side + side + values.tobytes())
    if labels:
        (root / f"{name}labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + number + bytes(i % 10 for i in range(count)))


def _mnist(root: Path) -> None:
    _idx(root, "train-")
    _idx(root, "t10k-", count=10)


def _train_pictures_missing(root: Path) -> None:
    _idx(root, "train-", pictures=False)
    _idx(root, "t10k-")


def _emnist(root: Path) -> None:
    for name in ("digits", "mnist"):
        _idx(root, f"emnist-{name}-train-")
        _idx(root, f"emnist-{name}-test-", count=10)


TEN = {str(number): 2 for number in range(10)}


def _mnist_test_only(root: Path) -> None:
    _idx(root, "t10k-")


PAIRS: Sequence[tuple[str, str]] = (("{}_images", "{}_labels"), ("x_{}", "y_{}"))

LAYOUTS = [
    Layout("train_images and val_labels", npz(**_parts(*PAIRS[0])), {"0": 3, "1": 3, "2": 3}, (6, 3, 3)),
    Layout("x_train and y_train", npz(**_parts(*PAIRS[1], column=False)), {"0": 3, "1": 3, "2": 3}, (6, 3, 3)),
    Layout(
        "train labels lost",
        npz(train_images=RGB[:9], test_images=RGB[9:], test_labels=LABELS[9:]),
        refused="'train_images' without a partner",
    ),
    Layout("IDX files", _mnist, TEN),
    Layout("IDX: train labels, but no train pictures", _train_pictures_missing, refused="without a partner"),
    Layout(
        "IDX: several sets",
        _emnist,
        TEN,
        refused='set = "emnist-mnist-train"',
        doubt="several sets",
        readings=(TEN, TEN),
    ),
    Layout("IDX: the test pair alone", _mnist_test_only, TEN),
]
