"""Links to pictures that lie elsewhere in the same folder: those of a split, and those of another order."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures

_BOTH = {"cat": 8, "dog": 8}
_NUMBERS = {"train": range(6), "val": range(6, 7), "test": range(6, 8)}


def _linked(place: str, parts: tuple[str, ...], above: str = "all") -> Callable[[Path], None]:
    """Class folders in ``above``, and links to their pictures in class folders of ``parts`` below ``place``."""

    def make(root: Path) -> None:
        pictures(root / above, _BOTH)
        for part in parts:
            for name in _BOTH:
                folder = root / place / part / name
                folder.mkdir(parents=True)
                for index in _NUMBERS.get(part, range(8)):
                    os.symlink(root / above / name / f"{index}.png", folder / f"{index}.png")

    return make


LAYOUTS = [
    Layout(
        "a split of links",
        _linked("split", ("train", "test")),
        _BOTH,
        left_out=("split/train/cat/0.png", "split/test/dog/7.png"),
        refused='Choose with one of: data.source.left_out = "all"',
        doubt="16 links in split/test, split/train lead to pictures that are read in all",
        readings=({"cat": 6, "dog": 6}, _BOTH),
    ),
    Layout(
        "parts of links beside all",
        _linked("", ("train", "val"), "images"),
        refused="has a train folder without class folders in it",
    ),
    Layout("links in another order", _linked("lists", ("night", "day")), _BOTH, left_out=("lists/day/cat/0.png",)),
]
