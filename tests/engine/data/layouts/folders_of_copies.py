"""Folders beside the class folders for copies, for older versions and for what is still to be sorted."""

from __future__ import annotations

from tests.engine.data.layouts.folders_aside import BOTH, asked
from tests.engine.data.layouts.layout import Layout, of


def _version(name: str) -> Layout:
    return Layout(
        f"an older or a newer version, {name}",
        of({**BOTH, name: 4}, f"{name}_{{}}.png"),
        {**BOTH, name: 4},
        refused=f"{name!r} of 'cat'",
        doubt="named as the copy of another class",
        readings=(BOTH, {**BOTH, name: 4}),
    )


LAYOUTS = [
    _version("cat_old"),
    _version("cat-new"),
    _version("cat_orig"),
    Layout(
        "duplicates",
        of({**BOTH, "duplicates": 5}),
        {**BOTH, "duplicates": 5},
        refused="'duplicates' says that a folder holds copies",
        doubt="copies of pictures of the other classes",
        readings=(BOTH, {**BOTH, "duplicates": 5}),
    ),
    Layout("duplicates beside unique ones", of({"unique": 6, "duplicate": 6, "unclear": 6})),
    asked("an inbox", "inbox"),
    asked("visualizations", "visualizations"),
]
