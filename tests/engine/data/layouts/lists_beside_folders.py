"""Folders beside lists in text or JSON that name the same pictures: with other classes, with the same, with parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

#: The file of each picture below the folder of all, and its class, which is not its folder.
_ROWS = [(f"{folder}/{i}.png", ("fresh", "rotten")[i % 2]) for folder in ("a", "b") for i in range(8)]
_FOLDERS = {"a": 8, "b": 8}
_WORDS = {"fresh": 8, "rotten": 8}
_BOTH = (_FOLDERS, _WORDS)


def _list(name: str, write: Callable[[Sequence[tuple[str, str]]], str], below: str = "") -> Callable[[Path], None]:
    """A maker of both folders and a list of their pictures in ``name``."""

    def make(root: Path) -> None:
        pictures(root, {f"{below}{folder}": count for folder, count in _FOLDERS.items()})
        texts(root, {name: write(_ROWS)})

    return make


def _spaced(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{file} {word}" for file, word in rows)


def _counted(rows: Sequence[tuple[str, str]]) -> str:
    """As DeepFashion writes lists: the number of rows, a header, and numbers of classes."""
    numbers = {"fresh": 1, "rotten": 2}
    return "\n".join([str(len(rows)), "image_name  category_label", *(f"{f}   {numbers[w]}" for f, w in rows)])


def _by_file(rows: Sequence[tuple[str, str]]) -> str:
    return json.dumps(dict(rows))


def _of_parts(root: Path) -> None:
    """As in RVL-CDIP: storage folders, and a list of each part in a folder beside that of the pictures; none of the
    lists names half of the pictures."""
    pictures(root, {f"images/{folder}": count for folder, count in _FOLDERS.items()})
    parts = {"train": _ROWS[2:4] + _ROWS[10:14], "val": _ROWS[4:6] + _ROWS[14:], "test": _ROWS[:2] + _ROWS[6:10]}
    texts(root, {f"labels/{part}.txt": _spaced(rows) for part, rows in parts.items()})


def _flags(rows: Sequence[tuple[str, str]]) -> str:
    """Numbers of parts as CelebA has them."""
    return "\n".join(f"{file} {int(word == 'rotten')}" for file, word in rows)


def _by_folder(rows: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"{file} {'ab'.index(file[0])}" for file, _ in rows)


def _numbers(rows: Sequence[tuple[str, str]]) -> str:
    """As in CUB-200-2011: a number for each picture."""
    return "\n".join(f"{number} {file}" for number, (file, _) in enumerate(rows, 1))


def _texts_of_pictures(root: Path) -> None:
    """More texts than are lists in one folder: they are not looked into, whatever they say."""
    pictures(root, _FOLDERS)
    texts(root, {f"notes/{i}.txt": _spaced(_ROWS) for i in range(60)})


LAYOUTS = [
    Layout(
        "words of classes",
        _list("labels.txt", _spaced),
        _FOLDERS,
        refused="labels.txt names these pictures, and its classes (column 2) are not those of the folders (a, b)",
        doubt="labels.txt",
        readings=_BOTH,
    ),
    Layout(
        "words of classes by file in JSON",
        _list("labels.json", _by_file),
        _FOLDERS,
        refused="labels.json names these pictures, and its classes (“class”) are not those of the folders (a, b)",
        doubt="labels.json",
        readings=_BOTH,
    ),
    Layout(
        "numbers of classes below a count and a header",
        _list("Anno/list.txt", _counted, "img/"),
        _FOLDERS,
        refused="list.txt names these pictures, and its classes (“category_label”) are not those of the folders",
        doubt="list.txt",
        readings=(_FOLDERS, {"1": 8, "2": 8}),
    ),
    Layout(
        "lists of parts with classes",
        _of_parts,
        _FOLDERS,
        refused="train.txt names these pictures, and its classes (column 2) are not those of the folders (a, b)",
        doubt="train.txt",
        readings=(_FOLDERS, {"fresh": 5, "rotten": 5}),
    ),
    Layout("numbers of the folders", _list("labels.txt", _by_folder), _FOLDERS),
    Layout("numbers of the pictures", _list("images.txt", _numbers), _FOLDERS),
    Layout("numbers of parts", _list("list_eval_partition.txt", _flags), _FOLDERS),
    Layout("a text for each picture", _texts_of_pictures, _FOLDERS),
]
