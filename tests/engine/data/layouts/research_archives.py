"""Archives of papers and courses: other folders beside the classes, doubled folders, masks in each class."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _birds(root: Path) -> None:
    pictures(root / "CUB_200_2011", {"images/001.Albatross": 5, "images/002.Auklet": 5, "attributes": 0})
    texts(root / "CUB_200_2011", {"classes.txt": "1 001.Albatross", "images.txt": "1 001.Albatross/0.png"})


def _textures(root: Path) -> None:
    pictures(root / "dtd", {"images/banded": 5, "images/dotted": 5})
    texts(root / "dtd", {"imdb/imdb.mat": "x", "labels/train1.txt": "banded/0.png"})


def _doubled(root: Path) -> None:
    pictures(root, {"no": 5, "yes": 5})
    for name in ("no", "yes"):
        shutil.copytree(root / name, root / "brain_tumor_dataset" / name)


def _tags(root: Path) -> None:
    tags = ("haze primary", "agriculture clear primary water", "clear primary", "clear primary road", "cloudy")
    pictures(root, {"train-jpg": 10}, "train_{}.png")
    rows = [f"train_{index},{tags[index % 5]}" for index in range(10)]
    (root / "train_v2.csv").write_text("\n".join(["image_name,tags", *rows]))


def _doubled_parts(root: Path) -> None:
    for name in ("cat", "dog"):
        pictures(root, {"train/train": 6}, f"{name}.{{}}.png")
    pictures(root, {"test/test": 4})


LAYOUTS = [
    Layout("an empty folder beside the folder of the classes", _birds, {"001.Albatross": 5, "002.Auklet": 5}),
    Layout(
        "files for another program beside the classes", _textures, {"banded": 5, "dotted": 5}, None, ("imdb/imdb.mat",)
    ),
    Layout(
        "the classes once more in a folder beside them",
        _doubled,
        {"no": 5, "yes": 5},
        (8, 2, 0),
        ("brain_tumor_dataset",),
    ),
    Layout(
        "other pictures of the same names in a folder beside the classes",
        of({"no": 5, "yes": 5, "film 2/no": 5, "film 2/yes": 5}),
        {"film 2": 10, "no": 5, "yes": 5},
        refused="either level may be that of the classes",
        doubt="either level may be that of the classes",
        readings=({"film 2": 10, "no": 5, "yes": 5}, {"no": 5, "yes": 5}, {"no": 5, "yes": 5}),
    ),
    Layout(
        "the classes with other files in a folder beside them",
        of({"no": 5, "yes": 5, "more/no": 3, "more/yes": 3}),
        {"more": 6, "no": 5, "yes": 5},
        refused="either level may be that of the classes",
        doubt="more holds folders with pictures (no, yes)",
        readings=(
            {"more": 6, "no": 5, "yes": 5},
            {"no": 8, "yes": 8},
            {"no": 5, "yes": 5},
            {"no": 3, "yes": 3},
        ),
    ),
    Layout(
        "a test set with a name of its own",
        of({f"{name}/{name}/{each}": 5 for name in ("rps", "rps-test-set") for each in ("rock", "paper")}),
        {"paper": 5, "rock": 5},
        (8, 2, 10),
    ),
    Layout(
        "a validation set with a name of its own",
        of(split(5, 2, 0, ("cat-or-dog", "validation-cat-or-dog", ""))),
        {"cat": 7, "dog": 7},
        (10, 4, 0),
    ),
    Layout(
        "pictures and masks in each class",
        of({f"{name}/{each}": 5 for name in ("COVID", "Normal") for each in ("images", "masks")}),
        {"COVID": 5, "Normal": 5},
        (8, 2, 0),
        ("COVID/masks", "Normal/masks"),
    ),
    Layout(
        "tags with blanks between them",
        _tags,
        refused="seems to hold several classes a picture",
        doubt="'agriculture clear primary water'",
    ),
    Layout(
        "doubled folders of parts with classes in the names of files",
        _doubled_parts,
        {"cat": 6, "dog": 6},
        refused="lie in no class folders",
        doubt="Their names begin with cat, dog",
    ),
]
