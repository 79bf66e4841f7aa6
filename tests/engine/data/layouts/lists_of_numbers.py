"""Class folders beside lists that call the classes by numbers, and folders that only seem to be called as none is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_NAMES = ("glass", "metal", "paper")
_OF = {"train": range(6), "val": range(6, 8), "test": range(8, 10)}


def _lists(prefix: str, below: str = "", first: int = 1) -> Callable[[Path], None]:
    """Ten pictures in each class folder, and a list for each part whose rows are a name and the number of a class."""

    def make(root: Path) -> None:
        rows: dict[str, list[str]] = {part: [] for part in _OF}
        for number, name in enumerate(_NAMES, first):
            pictures(root, {f"{below}{name}": 10}, f"{name}{{}}.png")
            for part, numbers in _OF.items():
                rows[part] += [f"{name}{i}.png {number}" for i in numbers]
        texts(root, {f"{prefix}{part}.txt": "\n".join(lines) for part, lines in rows.items()})

    return make


def _samples(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for number in ("001", "002", "003"):
            pictures(root, {f"Fnt/Sample{number}": 5}, name.replace("NUMBER", number))

    return make


_EIGHT = dict.fromkeys(_NAMES, 8)
_SAMPLES = {"Sample001": 5, "Sample002": 5, "Sample003": 5}

LAYOUTS = (
    Layout("numbers of classes from 1", _lists(""), _EIGHT, (18, 6, 6)),
    Layout("numbers of classes from 0", _lists("", first=0), _EIGHT, (18, 6, 6)),
    Layout("lists as TrashNet's above the folders", _lists("notrash_", "resized/"), _EIGHT, (18, 6, 6)),
    Layout("the folders of Chars74K", _samples("imgNUMBER-{}.png"), _SAMPLES, (12, 3, 0)),
    Layout(
        "folders of samples",
        _samples("{}.png"),
        _SAMPLES,
        refused="say only that pictures are there",
        doubt="say only that pictures are there",
        readings=(_SAMPLES,),
    ),
)
