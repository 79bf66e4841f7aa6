"""Columns beside that of the class: agreement, votes, finer classes, measurements, a mark of another thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

NAMES = ("cat", "dog", "frog")
EACH = {"cat": 4, "dog": 4, "frog": 4}
_ODD = (0, 3, 5, 8)


def table(head: str, row: Callable[[int], str], name: str = "{}.png", count: int = 12) -> Callable[[Path], Path]:
    """A table of pictures, each with what ``row`` says of its number."""

    def make(root: Path) -> Path:
        pictures(root, {"img": count}, name)
        rows = "".join(f"img/{name.format(number)},{row(number)}\n" for number in range(count))
        texts(root, {"labels.csv": f"file,{head}\n{rows}"})
        return root / "labels.csv"

    return make


def _marks(number: int) -> str:
    return ",".join(str(int(number % 3 == place)) for place in range(3))


LAYOUTS = [
    Layout(
        "a majority and how far raters agree",
        table("rater_1,majority,agreement", lambda n: f"cat,{NAMES[n % 3]},{n % 2 / 2 + 0.5}"),
        EACH,
    ),
    Layout(
        "the diagnosis beside how it was made",
        table("dx,dx_type,localization", lambda n: f"{NAMES[n % 3]},{('histo', 'consensus')[n % 2]},{NAMES[n // 4]}"),
        EACH,
    ),
    Layout(
        "species and breed",
        table("species,breed", lambda n: f"{('cat', 'cat', 'dog')[n % 3]},{('siam', 'manx', 'pug')[n % 3]}"),
        {"cat": 8, "dog": 4},
        refused='data.source.class_column = "breed"',
        doubt="several columns that may be the class",
        readings=({"cat": 8, "dog": 4}, {"manx": 4, "pug": 4, "siam": 4}),
    ),
    Layout(
        "species and sex",
        table("species,sex", lambda n: f"{NAMES[n % 3]},{'mf'[n // 3 % 2]}"),
        EACH,
        refused='data.source.class_column = "sex"',
        doubt="several columns that may be the class",
        readings=(EACH, {"f": 6, "m": 6}),
    ),
    Layout("a label beside sex", table("label,sex", lambda n: f"{NAMES[n % 3]},{'mf'[n // 3 % 2]}"), EACH),
    Layout(
        "a target of 0 and 1 beside the diagnosis that it follows from",
        table("sex,diagnosis,target", lambda n: f"{'mf'[n // 3 % 2]},{NAMES[n % 3]},{int(n % 3 == 2)}"),
        EACH,
        refused='data.source.class_column = "target"',
        doubt="several columns that may be the class",
        readings=(EACH, {"0": 8, "1": 4}),
    ),
    Layout(
        "two columns called label",
        table("label,label", lambda n: f"{NAMES[n % 3]},{n // 6}"),
        EACH,
        refused='data.source.class_column = "3"',
        doubt="“label” (column 3) (2: 0, 1)",
        readings=(EACH, {"0": 6, "1": 6}),
    ),
    Layout(
        "a measurement beside yes and no",
        table("boneage,male", lambda n: f"{60 + 7 * n},{bool(n % 2)}", count=30),
        {"False": 15, "True": 15},
        refused='data.source.class_column = "male"',
        doubt="regression is not supported",
        readings=({"False": 15, "True": 15},),
    ),
    Layout(
        "votes for each class",
        table("cat,dog,frog", lambda n: ("4,1,0", "0,5,0", "1,1,3")[n % 3]),
        refused="numbers of votes",
    ),
    Layout(
        "a mark for each class and one of another thing",
        table("age,male,MEL,NV,BCC", lambda n: f"{40 + 5 * n},{int(n in _ODD)},{_marks(n)}"),
        {"BCC": 4, "MEL": 4, "NV": 4},
        refused='data.source.class_column = "MEL, NV, BCC"',
        doubt="male",
    ),
]
