"""Numbered folders, of patients or of classes, and the class in the names of the pictures in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, picture

BOTH = {"benign": 24, "malignant": 24}
SAID = "the names of the pictures say benign, malignant in several of them"


def _each(folder: str, file: str, are_mixed: bool = False) -> Callable[[Path], None]:
    """A maker of eight folders of six pictures each; every second folder has those of the other class, or all both."""

    def make(root: Path) -> None:
        for number in range(8):
            place = root / folder.format(number + 1)
            place.mkdir()
            for index in range(6):
                word = ("benign", "malignant")[(index if are_mixed else number) % 2]
                (place / file.format(index, word)).write_bytes(picture(10 * number + index))

    return make


def _folders(name: str) -> Mapping[str, int]:
    return {name.format(number): 6 for number in range(1, 9)}


def _asked(name: str, folder: str, file: str, are_mixed: bool = False) -> Layout:
    folders = _folders(folder)
    level = "file_names" if file.startswith("{1}") else "name_ends"
    return Layout(
        name,
        _each(folder, file, are_mixed),
        folders,
        refused=f'data.source.classes = "{level}"',
        doubt=SAID,
        readings=(BOTH, folders),
    )


_NUMBERS = {f"{number:02}": 6 for number in range(4)}
LAYOUTS = [
    _asked("a letter and a number", "P{:03}", "slice_{:02}_{}.png"),
    _asked("numbers alone, the word first", "{:04}", "{1}_{0:02}.png"),
    _asked("a word that names no group, both words in each", "tree_{:02}", "{:03}-{}.png", are_mixed=True),
    Layout(
        "patients, the word before another",
        _each("patient_{}", "{:02}_{}_left.png"),
        _folders("patient_{}"),
        refused='data.source.classes = "name_words"',
        doubt="in several of them",
        readings=({f"{name}_left": 24 for name in BOTH}, BOTH, _folders("patient_{}")),
    ),
    Layout("numbered classes", _each("class_{}", "{:02}_{}.png"), _folders("class_{}")),
    Layout("one word of all pictures", of(_NUMBERS, "img_{}.png"), _NUMBERS),
]
