"""Tables in folders of parts, beside folders with the pictures of these parts, as ISIC publishes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

BOTH = {"cat": 6, "dog": 6}
COUNTS = {"Training": 12, "Validation": 4, "Test": 6}


def _made(root: Path, tables: Sequence[str], table: str = "{0}_GroundTruth/{0}_GroundTruth.csv") -> None:
    """Pictures of the parts, and tables of some of them, which name the pictures without suffix."""
    for number, (part, count) in enumerate(COUNTS.items()):
        pictures(root, {f"{part}_Input": count}, f"ISIC_{number}{{:03}}.jpg", "JPEG")
        if part in tables:
            rows = [f"ISIC_{number}{index:03},{('cat', 'dog')[index % 2]}" for index in range(count)]
            texts(root, {table.format(part): "\n".join(["image,label", *rows])})


def _all(root: Path) -> None:
    _made(root, list(COUNTS))


def _of_one_name(root: Path) -> None:
    _made(root, list(COUNTS), "{}_GroundTruth/labels.csv")


def _one_table(root: Path) -> None:
    _made(root, ["Training"])


def _inside(root: Path) -> None:
    pictures(root, {"train": 12, "val": 4})
    texts(
        root, {"train/labels.csv": "\n".join(["file,label", *(f"{i}.png,{('cat', 'dog')[i % 2]}" for i in range(12))])}
    )


def _below(*parts: str) -> Callable[[Path], None]:
    """Pictures of training and of validation in ``images``, and a table in ``labels`` for each of ``parts``."""

    def make(root: Path) -> None:
        pictures(root, {"train/images": 12, "val/images": 4})
        for part in parts:
            rows = [f"{i}.png,{('cat', 'dog')[i % 2]}" for i in range(12 if part == "train" else 4)]
            texts(root, {f"{part}/labels/labels.csv": "\n".join(["file,label", *rows])})

    return make


def _another_set(root: Path) -> Path:
    _made(root, list(COUNTS))
    pictures(root, {"dermoscopy": 5})
    return root / "Training_GroundTruth" / "Training_GroundTruth.csv"


def _numbered_anew(root: Path) -> None:
    pictures(root, {"train": 12, "valid/cat": 3, "valid/dog": 3})
    texts(root, {"train.csv": "\n".join(["file,label", *(f"{i}.png,{('cat', 'dog')[i % 2]}" for i in range(12))])})


LAYOUTS = [
    Layout(
        "names of training recur in class folders of validation",
        _numbered_anew,
        {"cat": 6, "dog": 6},
        (10, 2, 0),
        refused='data.source.validation_table = "none"',
        doubt="valid is called as the validation part, and no table gives its 6 pictures classes",
        readings=({"cat": 6, "dog": 6},),
    ),
    Layout("a table for each part", _all, {"cat": 8, "dog": 8}, (12, 4, 6)),
    Layout("a table of the same name for each part", _of_one_name, {"cat": 8, "dog": 8}, (12, 4, 6)),
    Layout(
        "a table for training alone",
        _one_table,
        BOTH,
        (10, 2, 0),
        ("Test_Input", "Validation_Input"),
        refused='data.source.validation_table = "none"',
        doubt="Validation_Input is called as the validation part, and no table gives its 4 pictures classes",
        readings=(BOTH,),
    ),
    Layout("a table of each part beside its pictures", _below("train", "val"), {"cat": 8, "dog": 8}, (12, 4, 0)),
    Layout(
        "a table beside the pictures of training alone",
        _below("train"),
        BOTH,
        (10, 2, 0),
        refused='data.source.validation_table = "none"',
        doubt="val is called as the validation part, and no table gives its 4 pictures classes",
        readings=(BOTH,),
    ),
    Layout(
        "tables in the folder for training, and pictures of validation beside it",
        _inside,
        BOTH,
        (10, 2, 0),
        refused='data.source.validation_table = "none"',
        doubt="val is called as the validation part, and no table gives its 4 pictures classes",
        readings=(BOTH,),
    ),
    Layout(
        "pictures of validation beside class folders of training",
        of({"train/cat": 6, "train/dog": 6, "val": 4}),
        BOTH,
        (10, 2, 0),
        ("val",),
        refused='data.source.left_out = "val"',
        doubt="val is called as the validation part, and its 4 pictures lie in no class folders",
        readings=(BOTH,),
    ),
    Layout(
        "another set beside them",
        _another_set,
        {"cat": 8, "dog": 8},
        (12, 4, 6),
        ("dermoscopy",),
        refused="may belong to another set",
        doubt="Training_Input has pictures of these names, but there are other pictures too",
        readings=({"cat": 8, "dog": 8}, BOTH),
    ),
]
