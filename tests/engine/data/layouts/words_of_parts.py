"""Parts in other languages, and folders that are named as parts and hold pictures of no class."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split

BOTH, SIZES = {"cat": 7, "dog": 7}, (10, 4, 4)


def _named(root: Path) -> None:
    for name in ("cat", "dog"):
        pictures(root, {"train": 6, "test": 2}, f"{name}.{{}}.png")


LAYOUTS = [
    *(
        Layout(language, of(split(5, 2, 2, names)), BOTH, SIZES)
        for language, names in {
            "German": ("Training", "Validierung", "Prüfung"),
            "German, data": ("Trainingsdaten", "Validierungsdaten", "Testdaten"),
            "French, decomposed": ("entrai\u0302nement", "validation", "essai"),
            "Spanish": ("entrenamiento", "validación", "prueba"),
            "Chinese": ("训练集", "验证集", "测试集"),
        }.items()
    ),
    Layout("pictures of no class in train and test", of({"train": 8, "test": 4}), refused="lie in no class folders"),
    Layout("the same, in German", of({"Training": 8, "Prüfung": 4}), refused="lie in no class folders"),
    Layout(
        "classes in the names of files of two parts",
        _named,
        {"cat": 6, "dog": 6},
        refused="Their names begin with cat, dog",
        doubt="lie in no class folders",
        readings=({"cat": 6, "dog": 6},),
    ),
    Layout(
        "test beside classes",
        of({"cat": 6, "dog": 6, "test": 4}),
        refused="may be a part of a split",
        doubt="'test' may be a part",
        readings=({"cat": 6, "dog": 6}, {"cat": 6, "dog": 6, "test": 4}),
    ),
    Layout("a class called train", of({"bus": 6, "plane": 6, "train": 6}), {"bus": 6, "plane": 6, "train": 6}),
]
