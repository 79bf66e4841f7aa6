"""Sets with masks beside their pictures: of defects, beside the parts of a split, under longer names."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures

_BOTH = {"crack": 4, "good": 12}


def _defects(root: Path) -> None:
    pictures(root, {"train/good": 8, "test/good": 4, "test/crack": 4})
    pictures(root, {"ground_truth/crack": 4}, "{}_mask.png")


LAYOUTS = [
    Layout(
        "defects, as in MVTec",
        _defects,
        {"good": 8},
        left_out=("ground_truth",),
        refused='parts = "train: test | train"',
        doubt="of one class, 'good', and the test part has others (crack)",
        readings=(_BOTH,),
    ),
    Layout("masks under a longer name", of({"images": 6, "annotations_png": 6}), refused="is a segmentation set"),
    Layout(
        "masks beside the parts",
        of({"train/cat": 5, "train/dog": 5, "test/cat": 3, "test/dog": 3, "masks/cat": 5, "masks/dog": 5}),
        {"cat": 5, "dog": 5},
        (8, 2, 6),
        left_out=("masks",),
    ),
    Layout(
        "classes that are called as masks are",
        of({"mask": 6, "no_mask": 6}),
        {"mask": 6, "no_mask": 6},
        (10, 2, 0),
    ),
]
