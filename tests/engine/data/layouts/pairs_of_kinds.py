"""Two pictures of each scene under one counter: asked about where one is of another kind, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.engine.data.layouts.layout import Layout, pictures

_EIGHT = {"cup": 8, "bowl": 8}
_SIXTEEN = {"cup": 16, "bowl": 16}


def _pairs(first: str, second: str, mode: str = "L", side: int = 6) -> Callable[[Path], None]:
    """Both classes with pictures called ``first`` in colour, and others called ``second`` of ``mode`` and ``side``."""

    def make(root: Path) -> None:
        for number, name in enumerate(_EIGHT):
            pictures(root, {name: 8}, first)
            for index in range(8):
                seen = Image.open(root / name / first.format(index)).convert(mode).resize((side, side))
                seen.putpixel((0, 0), 20 * index + number)
                seen.convert("RGB" if number else mode).save(root / name / second.format(index))

    return make


def _of_one_kind(root: Path) -> None:
    for name in ("a_{}.png", "b_{}.png"):
        pictures(root, _EIGHT, name)


def _asked(name: str, first: str, second: str, words: str, out: str) -> Layout:
    return Layout(
        name,
        _pairs(first, second),
        _SIXTEEN,
        refused=f'left_out = "{out}"',
        doubt=words,
        readings=(_EIGHT, _EIGHT, _SIXTEEN),
    )


LAYOUTS = [
    _asked("letters behind the counter", "000{}_c.png", "000{}_d.png", "“d” in place of “c”, and are of", "*_d.png"),
    _asked("letters before the counter", "c_{}.png", "d_{}.png", "(colour and gray): d_0.png beside c_0", "d_*.png"),
    _asked("words that say nothing here", "s{}_ir.png", "s{}_vis.png", "“vis” in place of “ir”", "*_vis.png"),
    Layout("one kind under two letters", _of_one_kind, _SIXTEEN),
]
