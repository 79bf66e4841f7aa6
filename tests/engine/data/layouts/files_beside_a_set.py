"""A folder of pictures beside the one that holds a set, and files beside both that say more of the set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, picture, pictures, texts

_NAMES = ("001.Auk", "002.Jay")
_ROWS = [(f"{name}/{i}.png", i) for name in _NAMES for i in range(8)]


def _beside(files: Mapping[str, Sequence[str]], other: str = "parts_vis") -> Callable[[Path], None]:
    """As CUB-200-2011 is unpacked: class folders in ``images``, pictures of no class in ``other``, and ``files``."""

    def make(root: Path) -> None:
        pictures(root, {**{f"images/{name}": 8 for name in _NAMES}, other: 3})
        texts(root, {name: "\n".join(lines) for name, lines in files.items()})

    return make


def _overviews(root: Path) -> None:
    """Pictures of satellites, with what GDAL writes beside each."""
    pictures(root, {"road": 6, "roof": 6}, "area_{}.tif", "TIFF")
    for number, file in enumerate(sorted(root.glob("*/*.tif"))):
        file.with_suffix(".tif.ovr").write_bytes(picture(number, "TIFF"))
        texts(file.parent, {f"{file.name}.aux.xml": "<PAMDataset/>", f"{file.stem}.tfw": "1"})


_SPLIT = {
    "images.txt": [f"{number} {file}" for number, (file, _) in enumerate(_ROWS, 1)],
    "train_test_split.txt": [f"{number} {int(i % 2 > 0)}" for number, (_, i) in enumerate(_ROWS, 1)],
}
_CLASSES = {"classes.txt": [f"{number} {name}" for number, name in enumerate(_NAMES, 1)]}

LAYOUTS = [
    Layout(
        "a split by number",
        _beside({**_SPLIT, **_CLASSES}),
        dict.fromkeys(_NAMES, 4),
        (6, 2, 8),
        refused="parts_vis holds pictures in no class folders, beside images, which holds the classes",
        doubt="parts_vis holds pictures in no class folders",
        readings=(dict.fromkeys(_NAMES, 4),),
    ),
    Layout("no split", _beside(_CLASSES), refused="either level may be", doubt="images holds folders with pictures"),
    Layout("overviews of GDAL", _overviews, {"road": 6, "roof": 6}, (10, 2, 0), ("road/area_0.tif.ovr",)),
]
