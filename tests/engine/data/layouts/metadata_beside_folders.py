"""Folders of pictures with a table of the same pictures beside them, which agrees with the folders or does not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures


def _table(file: Path, *rows: str | Iterable[object]) -> None:
    lines = [row if isinstance(row, str) else ",".join(map(str, row)) for row in rows]
    file.write_text("\n".join(lines), encoding="utf-8")


def _numbered_folders(root: Path) -> None:
    names = [f"ISIC_{index:07d}" for index in range(12)]
    for index, name in enumerate(names):
        pictures(root, {f"HAM10000_images_part_{1 + index % 2}": 1}, f"{name}.png")
    rows = [(f"HAM_{i // 2}", name, ("nv", "mel", "bkl")[i // 2 % 3], "histo", 40 + i) for i, name in enumerate(names)]
    _table(root / "HAM10000_metadata.csv", "lesion_id,image_id,dx,dx_type,age", *rows)


def _tags_of_numbered_folders(root: Path) -> None:
    tags = ("Hernia", "No Finding", "Hernia|Mass", "Mass")
    for index in range(12):
        pictures(root, {f"images_{index % 2:03d}": 1}, f"{index:08d}_000.png")
    rows = [(f"{index:08d}_000.png", tags[index % 4]) for index in range(12)]
    _table(root / "Data_Entry_2017.csv", "Image Index,Finding Labels", *rows)


def _by_person(root: Path) -> None:
    pictures(root, {"anna": 6, "ben": 6})
    rows = [(f"{name}/{index}.png", ("sit", "run")[index % 2]) for name in ("anna", "ben") for index in range(6)]
    _table(root / "poses.csv", "path,label", *rows)


def _findings(root: Path) -> None:
    pictures(root, {"cat": 6, "dog": 6})
    rows = [(f"{name}/{index}.png", ("gesund", "krank")[index % 2]) for name in ("cat", "dog") for index in range(6)]
    _table(root / "metadata.csv", "Datei,Befund", *rows)


def _drivers(root: Path) -> None:
    rows = []
    for name in ("c0", "c1"):
        for index in range(6):
            pictures(root, {f"train/{name}": 1}, f"img_{name}{index}.png")
            rows.append((f"p{index % 2}", name, f"img_{name}{index}.png"))
    pictures(root, {"test": 3})
    _table(root / "driver_imgs_list.csv", "subject,classname,img", *rows)


def _noisy(root: Path) -> None:
    rows = []
    for part, count in (("train", 5), ("val", 2)):
        for name, other in (("cat", "dog"), ("dog", "cat")):
            pictures(root, {f"{part}/{name}": count})
            rows += [(f"{part}/{name}/{i}.png", name, name if i else other) for i in range(count)]
    _table(root / "noisy.csv", "path,noisy_labels_0,noisy_labels_5", *rows)


def _other_facts(root: Path) -> None:
    pictures(root, {"cat": 6, "dog": 6})
    rows = [(f"{name}/{index}.png", ("m", "f")[index % 2], index) for name in ("cat", "dog") for index in range(6)]
    _table(root / "animals.csv", "path,sex,age", *rows)


def _parts_in_the_paths(root: Path) -> None:
    pictures(root, {"train": 8, "test": 4})
    rows = [
        (f"{part}/{i}.png", ("sea", "wood")[i % 2]) for part, count in (("train", 8), ("test", 4)) for i in range(count)
    ]
    _table(root / "metadata.csv", "file_name,label", *rows)


def _beside_examples(root: Path) -> None:
    pictures(root, {"Dataset": 8, "Example photos": 2})
    _table(root / "Dataset" / "labels.csv", "id, hemorrhage", *[(100 + index, index % 2) for index in range(8)])


def _in_another_folder(root: Path) -> None:
    pictures(root, {"images": 8})
    rows = [(628, f"{index}.png", ("anger", "joy")[index % 2]) for index in range(8)]
    (root / "data").mkdir()
    _table(root / "data" / "legend.csv", "user.id,image,emotion", *rows)


LAYOUTS = [
    Layout("numbered folders and a table of diagnoses", _numbered_folders, {"bkl": 4, "mel": 4, "nv": 4}),
    Layout(
        "numbered folders and several labels a picture",
        _tags_of_numbered_folders,
        {"Hernia": 3, "Hernia|Mass": 3, "Mass": 3, "No Finding": 3},
        refused="seems to hold several classes a picture",
        doubt="'Hernia|Mass'",
        readings=({"Hernia": 3, "Hernia|Mass": 3, "Mass": 3, "No Finding": 3},),
    ),
    Layout(
        "folders of persons and a table of poses",
        _by_person,
        {"anna": 6, "ben": 6},
        refused="poses.csv names these pictures",
        doubt="its classes (“label”) are not those of the folders (anna, ben): open that table",
        readings=({"anna": 6, "ben": 6}, {"run": 6, "sit": 6}),
    ),
    Layout(
        "folders of species and a table of findings",
        _findings,
        {"cat": 6, "dog": 6},
        refused="its classes (“Befund”) are not those of the folders (cat, dog)",
        doubt="open that table",
        readings=({"cat": 6, "dog": 6}, {"gesund": 6, "krank": 6}),
    ),
    Layout(
        "a table that says the class and the driver",
        _drivers,
        {"c0": 6, "c1": 6},
        left_out=("test",),
        notes="driver_imgs_list.csv names these pictures and may say which of them belong together (“subject”)",
    ),
    Layout("a table with more and less noise in its labels", _noisy, {"cat": 7, "dog": 7}, (10, 4, 0)),
    Layout(
        "folders that are named as no class is",
        _beside_examples,
        {"Dataset": 8, "Example photos": 2},
        refused="say only that pictures are there",
        doubt="The folders would be the classes (Dataset, Example photos)",
        readings=({"Dataset": 8, "Example photos": 2},),
    ),
    Layout("the pictures and their table in two folders", _in_another_folder, {"anger": 4, "joy": 4}),
    Layout("a table of other facts", _other_facts, {"cat": 6, "dog": 6}),
    Layout("a table whose paths say the parts", _parts_in_the_paths, {"sea": 4, "wood": 4}, (6, 2, 4)),
]
