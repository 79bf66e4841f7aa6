"""Channels and bands of one picture in several files each, told apart by the last word of the name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures

_CLASSES = ("forest", "water")


def _ending(ends: Sequence[str], name: str = "{{}}_{}.tif", kind: str = "TIFF") -> Callable[[Path], None]:
    """Five pictures of each class, a file with each of ``ends`` for each."""

    def make(root: Path) -> None:
        for end in ends:
            pictures(root, dict.fromkeys(_CLASSES, 5), name.format(end), kind)

    return make


def _of_one_colour_each(root: Path) -> None:
    pictures(root, {"forest": 6}, "{}_green.png")
    pictures(root, {"water": 6}, "{}_blue.png")


def _asked(name: str, make: Callable[[Path], None], number: int, words: str, out: str) -> Layout:
    return Layout(
        name,
        make,
        dict.fromkeys(_CLASSES, 5 * number),
        refused=f'left_out = "{out}"',
        doubt=words,
        readings=(dict.fromkeys(_CLASSES, 5 * number), *[dict.fromkeys(_CLASSES, 5)] * number),
    )


LAYOUTS = [
    _asked(
        "bands of Sentinel-2",
        _ending(("B02", "B03", "B04", "B8A"), "T32UMV_2020060{{}}_{}.tif"),
        4,
        "bands of 10 pictures, 4 files each (B02, B03, B04, B8A: T32UMV_20200600_B02.tif, T32UMV_20200600_B03.tif",
        "*_B02.tif | *_B03.tif | *_B04.tif",
    ),
    _asked(
        "bands with the size of a pixel",
        _ending(("B04_10m", "B05_20m")),
        2,
        "10 pictures, 2 files each (B04_10m, B05_20m: 0_B04_10m.tif, 0_B05_20m.tif)",
        "*_B04_10m.tif",
    ),
    _asked(
        "stains of a microscope",
        _ending(("DAPI", "GFP"), "cell{{}}-{}.tif"),
        2,
        "10 pictures, 2 files each (DAPI, GFP: cell0-DAPI.tif, cell0-GFP.tif)",
        "*-DAPI.tif",
    ),
    _asked(
        "numbered channels",
        _ending(("ch00", "ch01", "ch02"), "Series{{}}_{}.png", "PNG"),
        3,
        "10 pictures, 3 files each (ch00, ch01, ch02: Series0_ch00.png",
        "*_ch00.png | *_ch01.png",
    ),
    Layout("one colour of each", _of_one_colour_each, dict.fromkeys(_CLASSES, 6)),
    Layout("numbers of takes", _ending(("t1", "t2"), "plot{{}}_{}.png", "PNG"), notes="begin alike in groups"),
]
