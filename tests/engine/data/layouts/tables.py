"""Tables beside pictures, with columns under the names that people give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures

#: (path, class) of ten pictures.
ROWS = [(f"pictures/{name}_{index}.png", name) for index in range(5) for name in ("cat", "dog")]
HELD = (8, 9)


def table(
    head: str, cells: Callable[[int, str, str], Sequence[object]], mark: str = ",", encoding: str = "utf-8"
) -> Callable[[Path], Path]:
    """A maker of ``list.csv``: ``cells`` gives each row of its number, path and class."""

    def make(root: Path) -> Path:
        for name in ("cat", "dog"):
            pictures(root, {"pictures": 5}, f"{name}_{{}}.png")
        lines = [mark.join(map(str, cells(row, *each))) for row, each in enumerate(ROWS)]
        (root / "list.csv").write_bytes("\n".join([head] * bool(head) + lines).encode(encoding))
        return root / "list.csv"

    return make


BOTH = {"cat": 5, "dog": 5}

LAYOUTS = [
    Layout(
        "is_valid says what is held back",
        table("name,label,is_valid", lambda i, p, c: (p, c, i in HELD)),
        BOTH,
        (8, 2, 0),
    ),
    Layout(
        "a column of folds",
        table("image,label,fold", lambda i, p, c: (p, c, i // 4)),
        BOTH,
        refused='validation_value = "0"',
        doubt="“fold” may say",
        readings=(BOTH, BOTH, BOTH, BOTH),
    ),
    Layout(
        "year beside the class",
        table("image,breed,year", lambda i, p, c: (p, c, 2019 + i % 3)),
        BOTH,
        left_out=("column “year”",),
    ),
    Layout(
        "who labelled, how sure, and the class",
        table("image,labeler,label_confidence,species", lambda i, p, c: (p, "kl"[i % 2], 0.9 + i % 3 / 50, c)),
        BOTH,
        left_out=("column “labeler”", "column “label_confidence”"),
    ),
    Layout(
        "two columns may be the class",
        table("image,breed,colour", lambda i, p, c: (p, c, ("red", "white", "black")[i % 3])),
        BOTH,
        refused='data.source.class_column = "colour"',
        doubt="several columns that may be the class: “breed” (2: cat, dog), “colour” (3: black, red, white)",
        readings=(BOTH, {"black": 3, "red": 4, "white": 3}),
    ),
    Layout(
        "several classes in a cell",
        table("image,labels", lambda i, p, c: (p, f"{c} outdoor" if i % 4 > 1 else c)),
        {"cat": 3, "cat outdoor": 2, "dog": 3, "dog outdoor": 2},
        refused="several classes a picture ('cat outdoor')",
        doubt="not supported",
        readings=({"cat": 3, "cat outdoor": 2, "dog": 3, "dog outdoor": 2},),
    ),
    Layout(
        "a number that is measured",
        table("image,label", lambda i, p, c: (p, 20.5 + i)),
        refused="10 different numbers in “label”: a quantity and not classes",
    ),
    Layout(
        "no header, a bar between the columns",
        table("", lambda i, p, c: (p, c), "|"),
        BOTH,
    ),
    Layout(
        "saved by a spreadsheet: semicolons and Windows letters",
        table(
            "Datei;Klasse",
            lambda i, p, c: (p.replace("/", "\\"), {"cat": "Kätzchen", "dog": "Hündchen"}[c]),
            ";",
            "cp1252",
        ),
        {"Hündchen": 5, "Kätzchen": 5},
    ),
    Layout(
        "saved by a spreadsheet: tabs and UTF-16",
        table("file\tclass", lambda i, p, c: (p, c), "\t", "utf-16"),
        BOTH,
    ),
]
