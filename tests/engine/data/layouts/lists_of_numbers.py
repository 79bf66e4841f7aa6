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


def _without_one(root: Path) -> None:
    """The same lists, and a class folder of which they name nothing."""
    _lists("")(root)
    pictures(root, {"trash": 4}, "trash{}.png")


def _samples(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for number in ("001", "002", "003"):
            pictures(root, {f"Fnt/Sample{number}": 5}, name.replace("NUMBER", number))

    return make


def _image_net(boxes: str) -> Callable[[Path], None]:
    """Class folders to train on, and for validation one folder and a table of classes with boxes."""

    def make(root: Path) -> None:
        names = ("n01440764", "n01443537")
        pictures(root, {f"CLS-LOC/train/{name}": 6 for name in names})
        pictures(root, {"CLS-LOC/val": 4}, "ILSVRC2012_val_{}.png")
        rows = [f"ILSVRC2012_val_{i},{boxes.replace('NAME', names[i % 2])}" for i in range(4)]
        texts(root, {"LOC_val_solution.csv": "\n".join(("ImageId,PredictionString", *rows))})

    return make


_IMAGES = {"n01440764": 8, "n01443537": 8}
_EIGHT = dict.fromkeys(_NAMES, 8)
_SAMPLES = {"Sample001": 5, "Sample002": 5, "Sample003": 5}

LAYOUTS = (
    Layout("numbers of classes from 1", _lists(""), _EIGHT, (18, 6, 6)),
    Layout("numbers of classes from 0", _lists("", first=0), _EIGHT, (18, 6, 6)),
    Layout("lists as TrashNet's above the folders", _lists("notrash_", "resized/"), _EIGHT, (18, 6, 6)),
    Layout(
        "a class of which the lists name nothing",
        _without_one,
        {**dict.fromkeys(_NAMES, 10), "trash": 4},
        (27, 7, 0),
    ),
    Layout("validation of ImageNet by its table", _image_net("NAME 1 2 10 12 "), _IMAGES, (12, 4, 0)),
    Layout("the same with two boxes a picture", _image_net("NAME 1 2 10 12 NAME 3 4 9 9"), _IMAGES, (12, 4, 0)),
    Layout(
        "the same with two classes a picture",
        _image_net("n01440764 1 2 10 12 n01443537 3 4 9 9"),
        dict.fromkeys(_IMAGES, 6),
        refused="lie in no class folders",
        doubt="val is called as the validation part",
        readings=(dict.fromkeys(_IMAGES, 6),),
    ),
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
