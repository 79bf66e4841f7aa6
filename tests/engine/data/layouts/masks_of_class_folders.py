"""Masks in and beside class folders: never pictures or classes, unless the user says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from tests.engine.data.layouts.layout import Layout, of, pictures

_BOTH = {"nok": 8, "ok": 8}
_HALF = (12, 4, 0)


def _with_masks(folder: str, name: str = "{}.png") -> Callable[[Path], None]:
    """Both classes, and black pictures with one white pixel in ``folder``."""

    def make(root: Path) -> None:
        pictures(root, _BOTH)
        (root / folder).mkdir(parents=True)
        for index in range(8):
            mask = Image.new("L", (6, 6), 0)
            mask.putpixel((index % 6, 2), 255)
            mask.save(root / folder / name.format(index))

    return make


def _asked(name: str, folder: str) -> Layout:
    """Pictures in ``folder`` that may be masks by their names alone."""
    three: Mapping[str, int] = {**_BOTH, folder: 8}
    words = f"the name '{folder}' says that its pictures are masks of the others"
    return Layout(name, of(three), three, refused=f'left_out = "{folder}"', doubt=words, readings=(_BOTH, three))


LAYOUTS = [
    Layout("in a class folder, of other names", _with_masks("nok/masks", "m{}.png"), _BOTH, _HALF, ("nok/masks",)),
    Layout(
        "in class folders of a split",
        of({"train/ok": 8, "train/nok": 8, "train/nok/label": 8, "test/ok": 4, "test/nok": 4, "test/nok/label": 4}),
        _BOTH,
        (12, 4, 8),
        ("train/nok/label", "test/nok/label"),
    ),
    Layout("of each defect", of({**_BOTH, "ground_truth/nok": 8}), _BOTH, _HALF, ("ground_truth",)),
    Layout("beside class folders", _with_masks("masks"), _BOTH, _HALF, ("masks",)),
    Layout("beside one class folder", _with_masks("nok_masks", "{}_m.png"), _BOTH, _HALF, ("nok_masks",)),
    _asked("beside class folders, of many values", "ground_truth"),
    _asked("beside one class folder, of many values", "nok_masks"),
    Layout("people with masks", of({"mask": 8, "no_mask": 8, "bad_mask": 8}), {"mask": 8, "no_mask": 8, "bad_mask": 8}),
]
