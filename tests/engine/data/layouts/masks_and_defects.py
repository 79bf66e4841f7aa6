"""Sets with masks beside their pictures: of defects, beside the parts of a split, under longer names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.engine.data.layouts.layout import Layout, of, pictures

_NEVI = {"melanoma": 8, "nevus": 8}
_TWICE = {"melanoma": 16, "nevus": 16}
_BOTH = {"crack": 4, "good": 12}


def _defects(root: Path) -> None:
    pictures(root, {"train/good": 8, "test/good": 4, "test/crack": 4})
    pictures(root, {"ground_truth/crack": 4}, "{}_mask.png")


def _with_more_words(word: str, levels: int, is_drawn: bool = False) -> Callable[[Path], None]:
    """Pictures, and beside each one of ``levels`` gray values with ``word`` behind its name; ``is_drawn``: the pictures
    have two values as well."""

    def make(root: Path) -> None:
        pictures(root, _NEVI, "IMD00{}.png")
        for number, name in enumerate(_NEVI):
            for index in range(8):
                seen = Image.new("L", (6, 6))
                for place in range(1, levels):
                    seen.putpixel((place, (index + 3 * number) % 6), 20 * place + index)
                seen.save(root / name / f"IMD00{index}{word}.png")
                if is_drawn:
                    seen.transpose(Image.Transpose.ROTATE_90).save(root / name / f"IMD00{index}.png")

    return make


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
    Layout("lesions of two values", _with_more_words("_lesion", 2), _NEVI, (12, 4, 0), ("melanoma/IMD000_lesion.png",)),
    Layout("regions of two values", _with_more_words("-roi", 2), _NEVI, (12, 4, 0), ("nevus/IMD007-roi.png",)),
    Layout("lesions of more values", _with_more_words("_lesion", 4), _TWICE, notes="begin alike in groups"),
    Layout("drawings of two values", _with_more_words("_left", 2, True), _TWICE, notes="begin alike in groups"),
]
