"""Parts in the names of files: in class folders, and in one folder together with the classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures

ALL, TRAINED = {"cat": 9, "dog": 9}, {"cat": 6, "dog": 6}
SPLIT = {"train": 6, "test": 3}


def named(pattern: str, where: str = "{}", parts: Mapping[str, int] = SPLIT) -> Callable[[Path], None]:
    """A maker of pictures of cats and dogs, whose names by ``pattern`` have the class, the part and a number."""

    def make(root: Path) -> None:
        for name in ("cat", "dog"):
            for part, count in parts.items():
                pictures(root, {where.format(name): count}, pattern.format(name, part, "{:03}") + ".png")

    return make


def _asked(name: str, pattern: str) -> Layout:
    return Layout(
        name,
        named(pattern),
        ALL,
        refused='data.source.parts = "file_names"',
        doubt="may give the parts of a split: 'test' (6), 'train' (12)",
        readings=(TRAINED, ALL),
    )


def _flat(name: str, pattern: str, *texts: Mapping[str, int]) -> Layout:
    return Layout(
        name,
        named(pattern, "."),
        ALL,
        refused="may say a part (test, train)",
        doubt="say a class (cat, dog) and may say a part",
        readings=(TRAINED, *texts),
    )


def _own_names(root: Path) -> None:
    """Pictures that are named as their classes, of which one is called train."""
    for name in ("bus", "train"):
        pictures(root, {name: 6}, f"{name}_{{}}.png")


def _folders_too(root: Path) -> None:
    for part, count in SPLIT.items():
        pictures(root, {f"{part}/cat": count, f"{part}/dog": count}, f"{part}_{{}}.png")


LAYOUTS = [
    _asked("before the number", "{1}_{2}"),
    _asked("behind the class", "{0}_{1}_{2}"),
    _asked("behind the number", "IMG_{2}-{1}"),
    _flat(
        "before the class",
        "{1}_{0}_{2}",
        {"test_cat": 3, "test_dog": 3, "train_cat": 6, "train_dog": 6},
    ),
    _flat("behind the class and the number", "{0}_{2}_{1}"),
    Layout("parts and no classes", named("{1}_{0:.0}{2}", "."), refused="holds pictures but no class folders"),
    Layout("parts in the names of folders as well", _folders_too, TRAINED, (10, 2, 6)),
    Layout("one part alone", named("train_{0}_{2}", parts={"": 6}), TRAINED),
    Layout("a class called train", _own_names, {"bus": 6, "train": 6}),
]
