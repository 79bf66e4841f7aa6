"""Class folders whose names are also those of folders that are set aside, and names with blanks at their ends."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

_SIGNS = ("A", "B", "del", "space")


def _signs(root: Path) -> None:
    """A finger alphabet: a folder for each sign to train on, and one test picture of each beside each other."""
    pictures(root, {f"alphabet_train/{name}": 5 for name in _SIGNS})
    for name in _SIGNS:
        pictures(root, {"alphabet_test": 1}, f"{name}_test.png")


def _with_blank(root: Path) -> Path:
    pictures(root, {f"OCT2017 /{part}/{name}": 4 for part in ("train", "test") for name in ("DRUSEN", "NORMAL")})
    return root / "OCT2017 "


def _several_labels(root: Path) -> None:
    """A table of several labels a picture in each part, of which that for the test has one in each row."""
    for part, rows in {"train": ("1,1", "0,1", "1,0", "1,1"), "test": ("1,0", "0,1", "1,0", "0,1")}.items():
        pictures(root, {part: 4})
        lines = [f"{number}.png,{row}" for number, row in enumerate(rows)]
        texts(root, {f"{part}/_classes.csv": "\n".join(("filename,cat,dog", *lines))})


def _faces(root: Path) -> None:
    """The person, what the face shows and a number of its own, as of JAFFE."""
    for number, (who, what) in enumerate(product("KLM", ("AN", "DI")), 1):
        pictures(root, {"faces": 2}, f"{who}.{what}1.{number}{{}}.png")


def _aircraft(root: Path) -> None:
    """Lists of the numbers of pictures and their classes, as of FGVC-Aircraft."""
    pictures(root, {"images": 8}, "10{}.jpg")
    rows = "\n".join(f"10{number} {('707-320', 'A320')[number % 2]}" for number in range(8))
    texts(root, {"images_variant_train.txt": rows, "variants.txt": "707-320\nA320\n"})


_ALL = dict.fromkeys(_SIGNS, 5)
_STYLES = {"drawing": 6, "photo": 6, "sketch": 6}

LAYOUTS = (
    Layout(
        "the key del",
        _signs,
        _ALL,
        (16, 4, 4),
        refused="Choose with one of: data.source.classes = ",
        doubt="the name 'del' says that its pictures may not be meant",
        readings=(_ALL, {name: 5 for name in _SIGNS if name != "del"}),
    ),
    Layout(
        "photo as a style beside others",
        of(_STYLES),
        _STYLES,
        refused="Choose with one of: data.source.classes = ",
        doubt="the name 'photo' says only that pictures are there",
        readings=(_STYLES, {"drawing": 6, "sketch": 6}),
    ),
    Layout(
        "a folder of all pictures is left out first",
        of({"cat": 4, "dog": 4, "photos": 8}),
        refused='Choose with one of: data.source.left_out = "photos"',
        doubt="the name 'photos' says only that pictures are there",
        readings=({"cat": 4, "dog": 4}, {"cat": 4, "dog": 4, "photos": 8}),
    ),
    Layout("a folder whose name ends in a blank", _with_blank, {"DRUSEN": 4, "NORMAL": 4}, (6, 2, 8)),
    Layout("the folder that holds it", lambda root: _with_blank(root).parent, {"DRUSEN": 4, "NORMAL": 4}, (6, 2, 8)),
    Layout("several labels a picture in tables of parts", _several_labels, refused="several labels per picture"),
    Layout(
        "lists of numbers of pictures and classes",
        _aircraft,
        refused="holds no class folders. images_variant_train.txt may hold the classes, in a form that is not read",
    ),
    Layout(
        "one folder of names with several words",
        _faces,
        refused="the class may be part 1 (K, L, M) or part 2 (AN, DI). Write a table (CSV)",
    ),
)
