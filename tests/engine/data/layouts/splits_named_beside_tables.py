"""Lists of names and tables of parts beside a table: in a folder of splits, as tables of one column, NIH's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, texts
from tests.engine.data.layouts.lists_beside_tables import beside


def _with(files: dict[str, str]) -> Callable[[Path], Path]:
    """A table of 12 pictures and texts beside it, in which {a} are the first eight names, {b} the last four."""

    def make(root: Path) -> Path:
        table = beside({})(root)
        names = {"a": "\n".join(f"{row}.png" for row in range(8)), "b": "\n".join(f"{row}.png" for row in range(8, 12))}
        texts(root, {file: f"{text.format(**names)}\n" for file, text in files.items()})
        return table

    return make


_ROWS = "".join(f"img/{row}.png,{'train' if row < 6 else 'val' if row < 9 else 'test'}\n" for row in range(12))
_TRAINED = {"cat": 4, "dog": 4}


def _folder(root: Path) -> None:
    """The same, where the folder is opened."""
    _with({"split.csv": f"file,split\n{_ROWS}"})(root)


LAYOUTS = [
    Layout("a folder with a table of classes and one of parts", _folder, {"cat": 5, "dog": 4}, (6, 3, 3)),
    Layout("a table of parts beside it", _with({"split.csv": f"file,split\n{_ROWS}"}), {"cat": 5, "dog": 4}, (6, 3, 3)),
    Layout(
        "lists in a folder of splits",
        _with({"splits/train.txt": "{a}", "splits/test.txt": "{b}"}),
        _TRAINED,
        (6, 2, 4),
    ),
    Layout(
        "tables of names alone", _with({"train_ids.csv": "id\n{a}", "test_ids.csv": "id\n{b}"}), _TRAINED, (6, 2, 4)
    ),
    Layout(
        "one list for training and validation",
        _with({"train_val_list.txt": "{a}", "test_list.txt": "{b}"}),
        _TRAINED,
        (6, 2, 4),
    ),
]
