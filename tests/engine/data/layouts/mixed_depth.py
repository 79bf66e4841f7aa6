"""Class folders at several depths, whose names recur."""

from __future__ import annotations

from tests.engine.data.layouts.layout import Layout, of

_SCENES = {"a/attic/indoor": 6, "a/attic/outdoor": 6, "b/bow/indoor": 6, "b/bow/outdoor": 6, "c/cliff": 6}

LAYOUTS = [
    Layout(
        "scenes by their first letter, as of Places365",
        of(_SCENES),
        refused='classes = "paths"',
        doubt="either level may be that of the classes",
        readings=(
            {"attic": 12, "bow": 12, "cliff": 6},
            {"indoor": 12, "outdoor": 12},
            _SCENES,
            {"cliff": 6, "indoor": 12, "outdoor": 12},
            {"a": 12, "b": 12, "c": 6},
        ),
    ),
    Layout(
        "years below each class: the classes are advised first",
        of({f"{name}/{year}": 3 for name in ("cat", "dog") for year in (2019, 2020)}),
        {"cat": 6, "dog": 6},
        refused='Choose with one of: data.source.classes = "folders"',
        doubt="cat, dog hold folders of the same names (2019, 2020)",
        readings=(
            {"cat": 6, "dog": 6},
            {"2019": 6, "2020": 6},
            {"cat/2019": 3, "cat/2020": 3, "dog/2019": 3, "dog/2020": 3},
        ),
    ),
    Layout(
        "groups called by letters below each class: the classes are advised first",
        of({f"{name}/Gruppe {letter}": 3 for name in ("oak", "pine") for letter in "AB"}),
        {"oak": 6, "pine": 6},
        refused='Choose with one of: data.source.classes = "folders"',
        doubt="oak, pine hold folders of the same names (Gruppe A, Gruppe B)",
        readings=(
            {"oak": 6, "pine": 6},
            {"Gruppe A": 6, "Gruppe B": 6},
            {f"{name}/Gruppe {letter}": 3 for name in ("oak", "pine") for letter in "AB"},
        ),
    ),
    Layout(
        "years and sites below each class: the classes are advised first",
        of({f"{n}/{y}/Site {s}": 2 for n in ("oak", "pine") for y in (2021, 2022) for s in "AB"}),
        {"oak": 8, "pine": 8},
        refused='Choose with one of: data.source.classes = "folders"',
        doubt="oak, pine hold folders of the same names (2021, 2022)",
    ),
    Layout(
        "training in numbered pieces, validation in one",
        of({**{f"train/part{n}/{name}": 5 for n in (1, 2, 3) for name in ("cat", "dog")}, "val/cat": 3, "val/dog": 3}),
        {"cat": 18, "dog": 18},
        (30, 6, 0),
        refused='classes = "innermost"',
        doubt="train/part1, train/part2, train/part3 hold folders of the same names (cat, dog)",
        readings=({"cat": 18, "dog": 18}, *({"cat": 8, "dog": 8},) * 3),
    ),
]
