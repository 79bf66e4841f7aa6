"""Tables whose likely class column holds no classes: measures, boxes, a value of each row, a number for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_NIH = "Image Index,Finding Labels,Patient ID,Patient Gender,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
_SPACINGS = ("0.139", "0.143", "0.168", "0.171")
_AGES = (18, 25, 31, 31, 38, 40, 47, 47, 52, 58, 63, 64, 70, 77, 83, 90)


def table(head: str, rows: Iterable[Iterable[object]]) -> Callable[[Path], None]:
    """A maker of ``labels.csv``, whose rows begin with ``img/0.png``, ``img/1.png``, …"""
    lines = [",".join(map(str, (f"img/{number}.png", *row))) for number, row in enumerate(rows)]

    def make(root: Path) -> None:
        pictures(root, {"img": len(lines)})
        texts(root, {"labels.csv": "\n".join([head, *lines])})

    return make


def _nih(*labels: str) -> Callable[[Path], None]:
    spacings = ((_SPACINGS[i // 4 % 4], _SPACINGS[i % 4]) for i in range(16))
    rows = [(labels[i % len(labels)], i, "MF"[i // 3 % 2], 2682, 2749, *each) for i, each in enumerate(spacings)]
    return table(_NIH, rows)


def _typo(root: Path) -> None:
    parts = ["Training"] * 8 + ["Validaton"] * 4 + ["Testing"] * 4
    table("image,label,subset", [(("cat", "dog")[i % 2], part) for i, part in enumerate(parts)])(root)


TWO = ("cat", "dog")
LAYOUTS = [
    Layout(
        "a header with commas in brackets",
        _nih("Effusion", "No Finding"),
        {"Effusion": 8, "No Finding": 8},
    ),
    Layout(
        "a header with commas in brackets, and several labels",
        _nih("Effusion", "No Finding", "Effusion|Mass"),
        {"Effusion": 6, "Effusion|Mass": 5, "No Finding": 5},
        refused="“Finding Labels” seems to hold several classes a picture",
        doubt="'Effusion|Mass'",
    ),
    Layout(
        "a word and a box in each cell",
        table("ImageId,PredictionString", [(f"n0{i % 3} {i} 60 206 {i + 90} ",) for i in range(12)]),
        refused="has several numbers in each cell of “PredictionString” ('n00 0 60 206 90')",
    ),
    Layout(
        "ages in years",
        table("file,age", [(age,) for age in _AGES]),
        {str(age): _AGES.count(age) for age in _AGES},
        refused="“age” has 14 different numbers, from 18 to 90, which may measure something",
        doubt="regression is not supported",
    ),
    Layout(
        "fractions in a column called label",
        table("file,label", [(("0.5", "1.25", "2.5")[i % 3],) for i in range(12)]),
        {"0.5": 4, "1.25": 4, "2.5": 4},
        refused="“label” has 3 different numbers, from 0.5 to 2.5",
        doubt="may measure something",
    ),
    Layout(
        "a text of each row in a column called label",
        table("file,label,kind", [(f"a {TWO[i % 2]} in place {i}", TWO[i % 2]) for i in range(8)]),
        {f"a {TWO[i % 2]} in place {i}": 1 for i in range(8)},
        refused="“label” has 8 different values in 8 rows, most of them in one row only",
        doubt="hardly classes",
    ),
    Layout(
        "-1 beside numbers of classes",
        table("file,label", [((0, 1, 2, -1)[i % 4],) for i in range(20)]),
        {"0": 5, "1": 5, "2": 5},
        refused="where “-1” may mean that there is none",
        doubt="labels.csv has no class in 5 rows of 20",
        readings=({"0": 5, "1": 5, "2": 5}, {"-1": 5, "0": 5, "1": 5, "2": 5}),
    ),
    Layout(
        "-1 in the test part",
        table("file,label,split", [(*((i % 2, "train") if i < 12 else (-1, "test")),) for i in range(16)]),
        {"0": 6, "1": 6},
        (10, 2, 0),
        ("4 rows",),
    ),
    Layout(
        "a place and a diagnosis",
        table("file,x,y,diagnosis,ward", [(i, i // 2, ("mole", "scar")[i % 2], i // 4 % 2) for i in range(16)]),
        {"mole": 8, "scar": 8},
    ),
    Layout(
        "a misspelt word for a part",
        _typo,
        {"cat": 4, "dog": 4},
        (6, 2, 4),
        refused="some of its values are no part: 'Validaton' (4)",
        doubt="'Validaton'",
        readings=({"cat": 6, "dog": 6}, {"cat": 4, "dog": 4}, {"cat": 6, "dog": 6}, {"cat": 8, "dog": 8}),
    ),
]
