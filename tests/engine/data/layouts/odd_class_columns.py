"""Tables whose likely class column holds no classes: measures, boxes, a value of each row, a number for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_AGES = (18, 25, 31, 31, 38, 40, 47, 47, 52, 58, 63, 64, 70, 77, 83, 90)


def table(head: str, rows: Iterable[Iterable[object]]) -> Callable[[Path], None]:
    """A maker of ``labels.csv``, whose rows begin with ``img/0.png``, ``img/1.png``, …"""
    lines = [",".join(map(str, (f"img/{number}.png", *row))) for number, row in enumerate(rows)]

    def make(root: Path) -> None:
        pictures(root, {"img": len(lines)})
        texts(root, {"labels.csv": "\n".join([head, *lines])})

    return make


def _typo(root: Path) -> None:
    parts = ["Training"] * 8 + ["Validaton"] * 4 + ["Testing"] * 4
    table("image,label,subset", [(("cat", "dog")[i % 2], part) for i, part in enumerate(parts)])(root)


TWO = ("cat", "dog")
TESTED = ("cow", "cat", "dog", "cow")
LAYOUTS = [
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
        table("file,label,kind", [(f"word{max(i, 1)}", TWO[i % 2]) for i in range(12)]),
        {f"word{i}": 1 + (i == 1) for i in range(1, 12)},
        refused="“label” has 11 different values in 12 rows, most of them in one row only",
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
        "a class that the test part alone has",
        table("file,label,split", [*((TWO[i % 2], "train") for i in range(12)), *((n, "test") for n in TESTED)]),
        {"cat": 6, "dog": 6},
        (10, 2, 2),
        ("2 rows",),
    ),
    Layout(
        "a place and a diagnosis",
        table("file,x,y,diagnosis,ward", [(i, i // 2, ("mole", "scar")[i % 2], i // 4 % 2) for i in range(16)]),
        {"mole": 8, "scar": 8},
    ),
    Layout(
        "a misspelt class",
        table("file,label", [(("cat", "dog")[i % 2] if i else "cta",) for i in range(20)]),
        {"cat": 9, "cta": 1, "dog": 10},
        notes="'cta' (1) and 'cat' (9)",
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
