"""What gives, or may give, the split of class folders: lists, flags, tables; folders of a part without classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

_TWO = ("cat", "dog")
_ALL = {"cat": 10, "dog": 10}


def _lines(rows: Iterable[int], line: str = "{name}/{i}.png") -> str:
    return "\n".join(line.format(name=name, i=i) for name, i in product(_TWO, rows))


def _with(files: dict[str, str], below: str = "") -> Callable[[Path], None]:
    def make(root: Path) -> None:
        pictures(root / below, _ALL)
        texts(root, files)

    return make


def _table(part: Callable[[int], str], name: str = "{name}/{i}.png") -> str:
    rows = (f"{name.format(name=each, i=i)},{part(i)}" for each, i in product(_TWO, range(10)))
    return "\n".join(["filename,split", *rows])


def _textures(root: Path) -> None:
    """As DTD: ten splits, each of three lists."""
    ranges = {"train": range(5), "val": range(5, 7), "test": range(7, 10)}
    lists = {f"labels/{p}{k}.txt": _lines((i + k) % 10 for i in r) for k in (1, 2, 10) for p, r in ranges.items()}
    _with(lists, "images")(root)


def _signs(root: Path) -> None:
    """As GTSRB: the test pictures lie in one folder, and a table has their classes."""
    pictures(root, {"Final_Training/Images/00000": 6, "Final_Training/Images/00001": 6}, "00000_{}.ppm", "PPM")
    pictures(root, {"Final_Test/Images": 4}, "0000{}.ppm", "PPM")


def _signs_with_classes(root: Path) -> None:
    _signs(root)
    rows = [f"0000{i}.ppm;53;54;6;5;48;49;{i % 2}" for i in range(4)]
    texts(root, {"GT-final_test.csv": "\n".join(["Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId", *rows])})


_PARTS = ("train",) * 6 + ("val",) * 2 + ("test",) * 2

LAYOUTS = [
    Layout(
        "a table of file names and parts",
        _with({"split.csv": _table(lambda i: _PARTS[i])}),
        {"cat": 8, "dog": 8},
        (12, 4, 4),
    ),
    Layout(
        "the same with names that are there twice",
        _with({"split.csv": _table(lambda i: _PARTS[i], "{i}.png")}),
        _ALL,
        refused='data.source.parts = "none"',
        doubt="names 0.png, and there are several pictures of that name",
        readings=[_ALL],
    ),
    Layout(
        "flags without the names of their numbers",
        _with({"train_test_split.txt": "\n".join(f"{n} {int(n % 5 > 0)}" for n in range(1, 21))}),
        _ALL,
        refused='data.source.parts = "none"',
        doubt="there is no images.txt beside it",
        readings=[_ALL],
    ),
    Layout(
        "ten splits as lists",
        _textures,
        _ALL,
        refused='data.source.parts = "train: labels/train1.txt; validation: labels/val1.txt; test: labels/test1.txt"',
        doubt="labels holds 3 splits as lists",
        readings=[{"cat": 7, "dog": 7}] * 3 + [_ALL],
    ),
    Layout(
        "lists that are called lists",
        _with({"train_list.txt": _lines(range(7)), "test_list.txt": _lines(range(7, 10))}),
        {"cat": 7, "dog": 7},
        (12, 2, 6),
    ),
    Layout(
        "a list to train on alone",
        _with({"train_list.txt": _lines(range(7))}),
        _ALL,
        refused='data.source.parts = "train: train_list.txt"',
        doubt="there is no list of another part",
        readings=[{"cat": 7, "dog": 7}, _ALL],
    ),
    Layout(
        "a list for the test alone",
        _with({"test.txt": _lines(range(7, 10))}),
        _ALL,
        refused='data.source.parts = "test: test.txt"',
        doubt="there is no list of the pictures to train on",
        readings=[{"cat": 7, "dog": 7}, _ALL],
    ),
    Layout("test pictures in one folder", _signs, {"00000": 6, "00001": 6}, (10, 2, 0), ("Final_Test",)),
    Layout("the same with a table of their classes", _signs_with_classes, {"00000": 6, "00001": 6}, (10, 2, 4)),
    Layout(
        "a class called test",
        of({"control": 6, "test": 6}),
        {"control": 6, "test": 6},
        refused='data.source.parts = "none"',
        doubt="'test' may be a part of a split or a class",
        readings=[{"control": 6, "test": 6}],
    ),
]
