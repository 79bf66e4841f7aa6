"""Lists of names of pictures beside class folders: without folders in the names, or called by more than a part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_TWO = ("cat", "dog")
_ALL = {"cat": 10, "dog": 10}
_SOME = {"cat": 7, "dog": 7}


def _with(files: dict[str, str]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for name in _TWO:
            pictures(root, {name: 10}, f"{name}_{{}}.png")
        texts(root, files)

    return make


def _lines(rows: Iterable[int], line: str = "{name}_{i}.png", names: Sequence[str] = _TWO) -> str:
    return "\n".join(line.format(name=name, i=i) for name, i in product(names, rows))


LAYOUTS = [
    Layout(
        "names without suffix for training and test",
        _with({"splits/trn.txt": _lines(range(7), "{name}_{i}"), "splits/tst.txt": _lines(range(7, 10), "{name}_{i}")}),
        _ALL,
        refused='data.source.parts = "train: splits/trn.txt; test: splits/tst.txt"',
        doubt="splits/trn.txt (14), splits/tst.txt (6) list some of the 20 pictures by name",
        readings=(_SOME, _ALL),
    ),
    Layout(
        "tables of one column",
        _with({"train_ids.csv": f"id\n{_lines(range(7))}", "test_ids.csv": f"id\n{_lines(range(7, 10))}"}),
        _ALL,
        refused='data.source.parts = "train: train_ids.csv; test: test_ids.csv"',
        doubt="list some of the 20 pictures by name",
        readings=(_SOME, _ALL),
    ),
    Layout(
        "those held out, called by more than the part",
        _with({"holdout_filenames.txt": _lines(range(7, 10))}),
        _ALL,
        refused='data.source.parts = "test: holdout_filenames.txt"',
        doubt="holdout_filenames.txt (6) lists some of the 20 pictures by name",
        readings=(_SOME, _ALL),
    ),
    Layout(
        "the same with folders in the names",
        _with({"holdout_filenames.txt": _lines(range(7, 10), "{name}/{name}_{i}.png")}),
        _ALL,
        refused='data.source.parts = "test: holdout_filenames.txt"',
        doubt="holdout_filenames.txt (6) lists some of the 20 pictures by name",
        readings=(_SOME, _ALL),
    ),
    Layout(
        "names whose list says no part",
        _with({"chosen.txt": _lines(range(7))}),
        _ALL,
        refused='data.source.parts = "train: chosen.txt"',
        doubt="chosen.txt (14) lists some of the 20 pictures by name",
        readings=({"cat": 3, "dog": 3}, _SOME, _ALL),
    ),
    Layout(
        "a name that is no picture",
        _with({"test_names.txt": f"{_lines(range(10))}\nbird_1.png"}),
        _ALL,
        (16, 4, 0),
    ),
    Layout(
        "a name of a test list that is no picture",
        _with({"test_names.txt": f"{_lines(range(4, 10))}\nbird_1.png"}),
        _ALL,
        refused="may give the data's own split and is not read. test_names.txt names bird_1.png",
        doubt="and there is no picture of that name",
        readings=(_ALL,),
    ),
    Layout(
        "lists of all pictures and of those of each class",
        _with({"all.txt": _lines(range(10)), **{f"{name}s.txt": _lines(range(10), names=[name]) for name in _TWO}}),
        _ALL,
        (16, 4, 0),
    ),
]
