"""Tables with a column for each class, of which some rows mark none: good parts beside defects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

SIX = {"dent": 6, "scratch": 6}


def _table(head: str, *marks: str) -> Callable[[Path], Path]:
    """Six pictures with each of the ``marks`` and a table of them."""

    def make(root: Path) -> Path:
        pictures(root, {"parts": 6 * len(marks)})
        rows = [f"{i}.png,{marks[i % len(marks)]}" for i in range(6 * len(marks))]
        texts(root, {"parts.csv": "\n".join([f"filename,{head}", *rows])})
        return root / "parts.csv"

    return make


LAYOUTS = [
    Layout(
        "good parts without a defect",
        _table("scratch,dent", "1,0", "0,1", "0,0"),
        SIX,
        refused="has a 0 in every class column in 6 rows of 18",
        doubt="such pictures are a class of their own",
        readings=({**SIX, "none": 6}, SIX),
    ),
    Layout(
        "most parts are good",
        _table("scratch,dent", "0,0", "1,0", "0,0", "0,1", "0,0"),
        SIX,
        refused='data.source.without_class = "class"',
        doubt="18 rows of 30",
        readings=({**SIX, "none": 18}, SIX),
    ),
    Layout(
        "a column is called none",
        _table("dent,none", "1.0,0.0", "0.0,1.0", "0.0,0.0"),
        {"dent": 6, "none": 6},
        refused="has a 0.0 in every class column",
        doubt="such pictures are a class of their own",
        readings=({"dent": 6, "none": 6, "none of them": 6}, {"dent": 6, "none": 6}),
    ),
]
