"""What people have who begin: copies with a word of their own, folders still to be sorted, marks that are not read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

_TWO = {"cat": 6, "dog": 6}
_AUGMENTED = {"cat": 6, "cat_augmented": 6, "dog": 6, "dog_augmented": 6}


def _table_of_paths(root: Path) -> Path:
    pictures(root, _TWO)
    texts(root, {"files.csv": "\n".join(("path", *(f"{name}\\{i}.png" for name in _TWO for i in range(6))))})
    return root / "files.csv"


def _table_beside(root: Path) -> None:
    pictures(root, _TWO)
    rows = (f"{name}/{i}.png,{int(i == 0)}" for name in _TWO for i in range(6))
    texts(root, {"checked.csv": "\n".join(("file,exclude", *rows))})


def _table(column: str, *cells: str) -> Callable[[Path], Path]:
    """Twelve rows with the ``cells`` in turn."""

    def make(root: Path) -> Path:
        pictures(root, {"img": 12})
        rows = (f"img/{row}.png,{cells[row % len(cells)]}" for row in range(12))
        texts(root, {"set.csv": "\n".join((f"file,{column}", *rows))})
        return root / "set.csv"

    return make


def _array_of_marks(root: Path) -> Path:
    drawn = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (20, 6, 6), np.uint8)
    np.savez(root / "set.npz", x=drawn, y=np.arange(20) % 2, excluded=np.arange(20) % 5 == 0)
    return root / "set.npz"


LAYOUTS = (
    Layout("a table of paths alone, with a header and marks of Windows", _table_of_paths, _TWO),
    Layout(
        "a folder still to be sorted",
        of({**_TWO, "to sort": 6}),
        {**_TWO, "to sort": 6},
        refused='left_out = "to sort"',
        doubt="its pictures may not be meant",
        readings=(_TWO, {**_TWO, "to sort": 6}),
    ),
    Layout(
        "augmented copies in folders of their own",
        of(_AUGMENTED),
        _AUGMENTED,
        refused='left_out = "cat_augmented | dog_augmented"',
        doubt="'cat_augmented' of 'cat'",
        readings=(_TWO, _AUGMENTED),
    ),
    Layout(
        "a table beside folders that marks pictures",
        _table_beside,
        _TWO,
        notes="checked.csv names these pictures and is not used: “exclude” ('0': 10, '1': 2)",
    ),
    Layout(
        "a word for undecided",
        _table("label", "cat", "dog", "Unsure"),
        {"cat": 4, "dog": 4},
        refused="where “Unsure” may mean that there is none",
        doubt="has no class in",
        readings=({"cat": 4, "dog": 4}, {"Unsure": 4, "cat": 4, "dog": 4}),
    ),
    Layout(
        "a number for not known",
        _table("label", "0", "1", "99"),
        {"0": 4, "1": 4},
        refused="where “99” may mean that there is none",
        doubt="has no class in",
        readings=({"0": 4, "1": 4}, {"0": 4, "1": 4, "99": 4}),
    ),
    Layout(
        "dates beside the files",
        _table("captured", "2023-01-05", "2023-01-06"),
        {"2023-01-05": 6, "2023-01-06": 6},
        refused='class_column = "captured"',
        doubt="has no column that seems to be the class: “captured”",
        readings=({"2023-01-05": 6, "2023-01-06": 6},),
    ),
    Layout(
        "sessions within classes: the classes are advised",
        of({f"{name}/session{number}": 3 for name in _TWO for number in (1, 2)}),
        _TWO,
        refused="The classes are the upper folders",
        doubt="either level may be",
    ),
    Layout(
        "what another program wrote",
        of({**_TWO, "runs/exp1": 3}),
        {**_TWO, "runs": 3},
        refused='left_out = "runs"',
        doubt="its pictures may not be meant",
        readings=(_TWO, {**_TWO, "runs": 3}),
    ),
    Layout("an array that marks pictures", _array_of_marks, {"0": 10, "1": 10}, notes="“excluded” ('False': 16"),
)
