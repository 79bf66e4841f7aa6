"""Classes that hold the files of another one once more, whatever they are called: asked, with what leaves one out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_TWO = {"cat": 6, "dog": 6}


def _with_copy(
    name: str, of: tuple[str, ...] = ("cat",), others: int = 0, rename: str = "{}"
) -> Callable[[Path], None]:
    """Cats and dogs, and a folder ``name`` with the files of some of them and some ``others``."""

    def make(root: Path) -> None:
        pictures(root, _TWO)
        pictures(root, {name: others}, "own{}.png")
        for each in of:
            for file in (root / each).iterdir():
                shutil.copy(file, root / name / rename.format(f"{each}{file.name}"))

    return make


def _table(root: Path) -> Path:
    """A table of two classes whose files are the same."""
    pictures(root, {"a": 6})
    shutil.copytree(root / "a", root / "b")
    texts(root, {"labels.csv": "\n".join(("file,label", *(f"{c}/{i}.png,{c}" for c in "ab" for i in range(6))))})
    return root / "labels.csv"


LAYOUTS = (
    Layout(
        "the same files under another name",
        _with_copy("feline", rename="x{}"),
        {**_TWO, "feline": 6},
        refused='left_out = "feline"',
        doubt="all of 'cat' in 'feline'",
        readings=(_TWO, {**_TWO, "feline": 6}),
    ),
    Layout(
        "a folder of all beside the classes",
        _with_copy("everything", ("cat", "dog")),
        {**_TWO, "everything": 12},
        refused='left_out = "everything"',
        doubt="all of 'cat' in 'everything', all of 'dog' in 'everything'",
        readings=(_TWO, {**_TWO, "everything": 12}),
    ),
    Layout(
        "a class within a larger one",
        _with_copy("mammal", others=6),
        {**_TWO, "mammal": 12},
        refused='left_out = "cat"',
        doubt="all of 'cat' in 'mammal'",
        readings=({"dog": 6, "mammal": 12}, {**_TWO, "mammal": 12}),
    ),
    Layout(
        "two classes of a table",
        _table,
        {"a": 6, "b": 6},
        refused='class_names = "exact"',
        doubt="all of 'a' in 'b'",
        readings=({"a": 6, "b": 6},),
    ),
)
