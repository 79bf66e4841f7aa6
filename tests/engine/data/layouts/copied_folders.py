"""Class folders that a file manager or a second download has made: ``dog - Copy``, ``dog (1)``."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures

BOTH = {"cat": 6, "dog": 6}


def _copied(name: str) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        pictures(root, BOTH)
        shutil.copytree(root / "dog", root / name)

    return make


def _other_files(root: Path) -> None:
    pictures(root, BOTH)
    pictures(root, {"dog (1)": 4}, "new{}.png")


def _one_of_each(root: Path) -> None:
    pictures(root, BOTH)
    shutil.copytree(root / "cat", root / "cat (1)")
    pictures(root, {"dog (1)": 4}, "new{}.png")


LAYOUTS = [
    *(
        Layout(
            name,
            _copied(name),
            {**BOTH, name: 6},
            refused=f"{name!r} of 'dog'",
            doubt="named as the copy of another class",
            readings=(BOTH, {**BOTH, name: 6}),
        )
        for name in ("dog - Copy", "dog copy 2", "Copy of dog", "dog (1)", "dog - Kopie")
    ),
    Layout(
        "other files in dog (1)",
        _other_files,
        {**BOTH, "dog (1)": 4},
        refused="It holds other files",
        doubt="named as the copy",
        readings=({"cat": 6, "dog": 10}, {**BOTH, "dog (1)": 4}, BOTH),
    ),
    Layout(
        "a copy and other files",
        _one_of_each,
        {**BOTH, "cat (1)": 6, "dog (1)": 4},
        refused="It holds other files",
        doubt="named as the copy",
        readings=({"cat": 12, "dog": 10}, {**BOTH, "cat (1)": 6, "dog (1)": 4}, BOTH),
    ),
    Layout("numbers that are part of every name", of({"cat (1)": 6, "dog (1)": 6}), {"cat (1)": 6, "dog (1)": 6}),
]
