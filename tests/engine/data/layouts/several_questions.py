"""What can be read in several ways for two reasons at once: one question, whose answers settle both; and names of files
in which more than the class stands behind the number."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, picture, pictures

_KINDS = ("broken", "bent")


def _several_sets(root: Path) -> None:
    """As MVTec is unpacked: each folder is a set with one class to train on and others to test."""
    for name in ("bottle", "cable"):
        pictures(root, {f"{name}/train/good": 8, f"{name}/test/good": 4, **{f"{name}/test/{k}": 4 for k in _KINDS}})


def _views(root: Path) -> None:
    """Two views of each of sixteen patients, eight of each class."""
    for number in range(16):
        for view in ("CC", "MLO"):
            name = f"P{number:03}_{('benign', 'malignant')[number % 2]}_{view}.png"
            (root / name).write_bytes(picture(2 * number + (view == "CC")))


_ALPHABETS = {f"background/{alphabet}/character{n}": 5 for alphabet in ("Greek", "Latin") for n in (1, 2, 3)}
_THREE = ("character1", "character2", "character3")

LAYOUTS = [
    Layout(
        "sets of defects side by side",
        _several_sets,
        refused='left_out = "cable" and data.source.parts = "train: bottle/test | bottle/train"',
        doubt="holds 2 sets side by side, each with a split of its own: bottle, cable. All pictures to train on are of",
        readings=({"bent": 4, "broken": 4, "good": 12},) * 2,
    ),
    Layout(
        "alphabets to train on and to evaluate, as of Omniglot",
        of({**_ALPHABETS, **{f"evaluation/Greek/character{n}": 5 for n in (1, 2, 3)}}),
        refused="holds evaluation and no folder to train on by its name; background may be that. background/Greek, ",
        doubt="either level may be that of the classes",
        readings=(
            dict.fromkeys(_THREE, 15),
            {"Greek": 15, "Latin": 15, **dict.fromkeys(_THREE, 5)},
            dict.fromkeys(_THREE, 10),
            {f"{alphabet}/{name}": 5 for alphabet in ("Greek", "Latin") for name in _THREE},
            {"Greek": 15, "Latin": 15},
            *(dict.fromkeys(_THREE, 5),) * 2,
        ),
    ),
    Layout(
        "a class and a view behind the number of a patient",
        _views,
        refused='classes = "name_words"',
        doubt="Their names end with benign_CC, benign_MLO, malignant_CC, malignant_MLO",
        readings=(
            {"benign_CC": 8, "benign_MLO": 8, "malignant_CC": 8, "malignant_MLO": 8},
            {"benign": 16, "malignant": 16},
        ),
    ),
]
