"""Tables with a column that marks rows which are not meant to be trained on: asked, or said, never used in silence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_ALL = {"cat": 6, "dog": 6}


def _table(columns: str, *cells: Sequence[str], test: Sequence[str] = ()) -> Callable[[Path], Path]:
    """Twelve rows, cat and dog in turn; each further column repeats its ``cells``. ``test``: rows of a test table."""

    def make(root: Path) -> Path:
        pictures(root, {"img": 12})
        head = f"file,label,{columns}"
        rows = [
            ",".join((f"img/{row}.png", ("cat", "dog")[row % 2], *(each[row % len(each)] for each in cells)))
            for row in range(12)
        ]
        texts(root, {"train.csv": "\n".join((head, *rows))})
        if test:
            pictures(root, {"later": len(test)})
            texts(root, {"test.csv": "\n".join(("file,label", *(f"later/{i}.png,{t}" for i, t in enumerate(test))))})
        return root / "train.csv"

    return make


LAYOUTS = (
    Layout("a confidence of 0 or 1", _table("confidence", "110"), _ALL, notes="“confidence” ('0': 4, '1': 8)"),
    Layout(
        "exclude, 0 and 1",
        _table("exclude", "0010"),
        _ALL,
        refused='left_out = "exclude: 1"',
        doubt="“exclude” ('0': 9, '1': 3) perhaps marks pictures that are not to be used",
        readings=({"cat": 3, "dog": 6}, _ALL),
    ),
    Layout(
        "keep, true and false: false is left out",
        _table("keep_it", ("True", "True", "False")),
        _ALL,
        refused='left_out = "keep_it: False"',
        doubt="not to be used",
        readings=({"cat": 4, "dog": 4}, _ALL),
    ),
    Layout(
        "not usable, with a test table that has no such column",
        _table("NotUsable", "001", test=("cat", "dog")),
        _ALL,
        (10, 2, 2),
        refused='left_out = "NotUsable: 1"',
        doubt="not to be used",
        readings=({"cat": 4, "dog": 4}, _ALL),
    ),
    Layout(
        "a cross for what is ignored, in German",
        _table("ignorieren", ("", "", "x")),
        _ALL,
        refused='left_out = "ignorieren: x"',
        doubt="(empty: 8, 'x': 4)",
        readings=({"cat": 4, "dog": 4}, _ALL),
    ),
    Layout("a column on quality is said", _table("quality_ok", "110"), _ALL, notes="“quality_ok” ('0': 4, '1': 8)"),
    Layout(
        "a word for rejected, whatever the column is called",
        _table("state_of_work", ("fine", "rejected", "fine")),
        _ALL,
        notes="“state_of_work” ('fine': 8, 'rejected': 4)",
    ),
    Layout(
        "two such columns",
        _table("use,blurry", "1110", "001"),
        _ALL,
        refused='left_out = "use: 0; blurry: 1"',
        doubt="perhaps mark pictures",
        readings=({"cat": 4, "dog": 2}, {"cat": 6, "dog": 3}, {"cat": 4, "dog": 4}, _ALL),
    ),
    Layout("the rows that remain would be of one class", _table("keep", "10"), _ALL),
    Layout("columns of other things", _table("age,sex", ("3", "5", "7"), "mf"), _ALL),
)
