"""Cells of several words: the name of one class beside the class that one of its words is, or several classes."""

from __future__ import annotations

from collections.abc import Sequence

from tests.engine.data.layouts.classes_in_cells import cells
from tests.engine.data.layouts.layout import Layout


def _one(name: str, *classes: str) -> Layout:
    return Layout(name, cells("label", classes), dict.fromkeys(classes, 12 // len(classes)))


def _several(name: str, classes: Sequence[str]) -> Layout:
    counts = dict.fromkeys(classes, 12 // len(classes))
    return Layout(
        name,
        cells("labels", classes),
        counts,
        refused="“labels” seems to hold several classes a picture",
        doubt="several classes a picture",
        readings=(counts,),
    )


LAYOUTS = [
    _one("a class and that there is none", "crack", "no crack"),
    _one("the same in German, and where it is said of two", "Riß", "kein Riß", "Loch", "kein Loch"),
    _one("a class and its border", "tumor", "tumor border"),
    _one("a class and one of its kinds", "apple", "green apple", "owl", "barn owl"),
    _one("two classes and the same kind of both", "apple", "pear", "green apple", "green pear"),
    _several("two classes", ("scab", "rust", "scab rust")),
    _several(
        "a class that is never alone, as in Plant Pathology",
        ("scab", "rust", "healthy", "rust complex", "scab complex", "scab rust complex"),
    ),
]
