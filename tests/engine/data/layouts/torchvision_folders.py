"""torchvision's ImageFolder: one folder for each class, below the parts or not."""

from __future__ import annotations

import os
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _trainer_wrote_into_it(root: Path) -> None:
    pictures(root, split(5, 2, 2))
    texts(root, {"weights/best.pt": "x", "weights/args.yaml": "x", "__pycache__/a.pyc": "x", "logs/run.log": "x"})


def _links(root: Path) -> None:
    pictures(root, {"cat": 5, "dog": 5})
    os.symlink(root, root / "all", target_is_directory=True)
    os.symlink(root / "dog", root / "puppy", target_is_directory=True)


LAYOUTS = [
    Layout("class folders", of({"cat": 5, "dog": 5}), {"cat": 5, "dog": 5}, (8, 2, 0)),
    Layout("train and val", of(split(5, 2)), {"cat": 7, "dog": 7}, (10, 4, 0)),
    Layout(
        "a trainer's files beside the split",
        _trainer_wrote_into_it,
        {"cat": 7, "dog": 7},
        (10, 4, 4),
        ("weights", "__pycache__", "logs"),
    ),
    Layout(
        "a copy of the set in itself",
        of(split(5, 2) | {f"pets/{name}": count for name, count in split(5, 2).items()}),
        {"cat": 7, "dog": 7},
        (10, 4, 0),
        ("pets",),
    ),
    Layout("links that point back", _links, {"cat": 5, "dog": 5}, (8, 2, 0), ("all", "puppy")),
    Layout("one class", of({"cat": 5}), refused="only one class, 'cat'"),
    Layout("an empty class folder", of({"cat": 5, "dog": 5, "emu": 0}), refused="the class 'emu'"),
    Layout(
        "a class only in validation",
        of(split(5, 2) | {"val/emu": 2}),
        refused='left_out = "val/emu"',
        doubt="has classes that training has not",
        readings=({"cat": 7, "dog": 7},),
    ),
    Layout(
        "a class that only the test part has",
        of(split(5, 2, 2) | {"test/emu": 2}),
        {"cat": 7, "dog": 7},
        (10, 4, 0),
        doubt="The test part has classes that training has not",
        readings=({"cat": 7, "dog": 7},),
    ),
    Layout("nothing at all", lambda root: None, refused="is empty"),
]
