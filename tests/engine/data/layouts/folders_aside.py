"""Folders beside the class folders that desktops, programs and people make: asked about, or left out by name."""

from __future__ import annotations

from tests.engine.data.layouts.layout import Layout, of

BOTH = {"cat": 6, "dog": 6}


def asked(name: str, aside: str, above: str = "") -> Layout:
    return Layout(
        name,
        of({f"{above}cat": 6, f"{above}dog": 6, f"{above}{aside}": 5}),
        {**BOTH, aside: 5},
        refused=f"the name {aside!r} says that its pictures may not be meant",
        doubt="may not be meant",
        readings=(BOTH, {**BOTH, aside: 5}),
    )


LAYOUTS = [
    asked("thumbnails", "thumbnails"),
    asked("previews below train", "Previews", "train/"),
    asked("a folder with a mark that sorts it away", "_old"),
    asked("a new folder of a desktop", "New folder"),
    asked("what a program has written", "results"),
    Layout(
        "hidden ones and those of an archive",
        of({**BOTH, ".thumbnails": 5, "__MACOSX": 5, ".ipynb_checkpoints": 5}),
        BOTH,
        left_out=(".thumbnails", "__MACOSX", ".ipynb_checkpoints"),
    ),
    Layout(
        "what macOS packs beside a folder around the classes",
        of({"animals/cat": 6, "animals/dog": 6, "__MACOSX/animals/cat": 6}),
        BOTH,
        left_out=("../__MACOSX",),
    ),
    Layout(
        "thumbnails by class",
        of({**BOTH, "thumbs/cat": 6, "thumbs/dog": 6}),
        {**BOTH, "thumbs": 12},
        refused='Choose with one of: data.source.left_out = "thumbs"',
        doubt="thumbs holds folders with pictures",
    ),
    Layout("words that are classes beside others", of({"bad": 6, "good": 6, "old": 5, "trash": 5}), parts=(18, 4, 0)),
]
