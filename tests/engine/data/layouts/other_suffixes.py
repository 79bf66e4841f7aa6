"""Pictures of a table that have other suffixes than it says, or other numbers, beside those of another project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_BOTH = {"cat": 4, "dog": 4}


def _table(row: str, own: Mapping[str, str], others: Mapping[str, str]) -> Callable[[Path], Path]:
    """A maker of a table in ``project_a`` of eight pictures, with eight in its folders ``own`` and in those of
    ``others`` beside it, by the names of their files."""

    def make(root: Path) -> Path:
        for folder, name in own.items():
            pictures(root / "project_a", {folder: 8}, name)
        for folder, name in others.items():
            pictures(root, {folder: 8}, name)
        rows = [f"{row.format(index)},{('cat', 'dog')[index % 2]}" for index in range(8)]
        texts(root, {"project_a/list.csv": "\n".join(["image,label", *rows])})
        return root / "project_a/list.csv"

    return make


def _twice(root: Path) -> Path:
    """The numbers 1 and 01 are pictures of their own; another project has the number 1 as well."""
    for name in ("{}.png", "0{}.png"):
        pictures(root / "project_a", {"images": 4}, name)
    pictures(root, {"project_b/pics": 8}, "x_00{}.png")
    rows = [f"{zero}{number},{name}" for number in range(4) for zero, name in (("", "cat"), ("0", "dog"))]
    texts(root, {"project_a/list.csv": "\n".join(["id,label", *rows])})
    return root / "project_a/list.csv"


def _short(root: Path) -> Path:
    """Two of ten numbers have no picture in the table's folder; another project has all."""
    pictures(root, {"project_a/images": 8}, "{}.png")
    pictures(root, {"project_b/pics": 10}, "x_{}.png")
    rows = [f"{number},{('cat', 'dog')[number % 2]}" for number in range(10)]
    texts(root, {"project_a/list.csv": "\n".join(["id,label", *rows])})
    return root / "project_a/list.csv"


LAYOUTS = [
    Layout(
        "another suffix, and another project has the names",
        _table("images/{}.jpg", {"images": "{}.png"}, {"project_b/images": "{}.jpg"}),
        _BOTH,
        refused='data.source.suffixes = "any"',
        doubt="list.csv names images/0.jpg, which is not in its folder: images/0.png is",
        readings=(_BOTH, _BOTH),
    ),
    Layout(
        "another suffix, and several projects have the names",
        _table("{}.jpg", {"": "{}.png"}, {"project_b/images": "{}.jpg", "project_c/images": "{}.jpg"}),
        _BOTH,
        refused='data.source.suffixes = "any"',
        doubt="Several folders have pictures that are named as in list.csv",
        readings=(_BOTH,) * 3,
    ),
    Layout(
        "another suffix alone",
        _table("images/{}.jpg", {"images": "{}.png"}, {}),
        _BOTH,
        refused='data.source.suffixes = "any"',
        doubt="list.csv names images/0.jpg, which is not in its folder: images/0.png is",
        readings=(_BOTH,),
    ),
    Layout(
        "no pictures of its own, and the only others are those of another project",
        _table("{}.jpg", {}, {"project_b/images": "{}.jpg"}),
        _BOTH,
        refused="has pictures of these names, and nothing else says that they are meant",
        doubt="project_b/images has pictures of these names",
        readings=(_BOTH,),
    ),
    Layout(
        "a folder in the paths that another project has",
        _table("images/{}.jpg", {}, {"project_b/images": "{}.jpg", "project_b/more": "m{}.jpg"}),
        _BOTH,
        refused="may belong to another set",
        doubt="project_b/images has pictures of these names",
        readings=(_BOTH,),
    ),
    Layout("numbers with and without a zero", _twice, _BOTH, (6, 2, 0)),
    Layout("two numbers without a picture", _short, {"cat": 5, "dog": 5}, refused="2 of 10 pictures in"),
]
