"""Archives as they are published at Kaggle: other names of parts, doubled folders, classes in the names of files."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _cats_and_dogs(root: Path) -> None:
    for name in ("cat", "dog"):
        pictures(root, {"train": 6}, f"{name}.{{}}.png")
    pictures(root, {"test1": 4})


def _flat(root: Path) -> None:
    for name in ("Abyssinian", "great_pyrenees"):
        pictures(root, {"": 5}, f"{name}_{{}}.png")


def _natural_scenes(root: Path) -> None:
    for part, count in (("train", 5), ("test", 2)):
        pictures(root / "archive" / f"seg_{part}" / f"seg_{part}", {"forest": count, "sea": count})
    pictures(root / "archive", {"seg_pred/seg_pred": 3})


def _train_with_ids(root: Path) -> Path:
    pictures(root, {"train": 6, "test": 2})
    rows = [f"{index},{'cat' if index % 2 else 'dog'}" for index in range(6)]
    (root / "train.csv").write_text("\n".join(["id,label", *rows]))
    (root / "sample_submission.csv").write_text("id,label\n0,cat\n1,cat")
    return root


LAYOUTS = [
    Layout(
        "not unpacked yet", lambda root: texts(root, {"data/train.zip": "x"}), refused="data/train.zip: unpack that"
    ),
    Layout(
        "training_set, test_set and loose pictures to predict",
        of(split(5, 0, 2, ("training_set", "", "test_set")) | {"single_prediction": 2}),
        {"cat": 5, "dog": 5},
        (8, 2, 4),
        ("single_prediction",),
    ),
    Layout("seg_train in seg_train", _natural_scenes, {"forest": 5, "sea": 5}, (8, 2, 4), ("seg_pred",)),
    Layout(
        "the class in the name of the file",
        _cats_and_dogs,
        {"cat": 6, "dog": 6},
        refused="lie in no class folders",
        doubt="Their names begin with cat, dog",
        readings=({"cat": 6, "dog": 6},),
    ),
    Layout(
        "one flat folder",
        _flat,
        {"Abyssinian": 5, "great_pyrenees": 5},
        refused="Abyssinian, great_pyrenees",
        doubt="Their names begin with",
        readings=({"Abyssinian": 5, "great_pyrenees": 5},),
    ),
    Layout(
        "a small sample beside the parts",
        of(
            split(5, 2, 0, ("train", "valid", ""))
            | {"sample/train/cat": 2, "sample/valid/cat": 2, "test1": 3, "models": 0}
        ),
        {"cat": 7, "dog": 7},
        (10, 4, 0),
        ("sample", "test1", "models"),
    ),
    Layout(
        "only a test folder",
        of(split(0, 0, 5)),
        {"cat": 5, "dog": 5},
        refused="none to train on",
        doubt="test is the only folder",
        readings=({"cat": 5, "dog": 5},),
    ),
    Layout(
        "asl_alphabet_train",
        of(split(5, 0, 2, ("asl_alphabet_train", "", "asl_alphabet_test"))),
        {"cat": 5, "dog": 5},
        (8, 2, 4),
    ),
    Layout(
        "training, validation, evaluation",
        of(split(5, 2, 2, ("training", "validation", "evaluation"))),
        {"cat": 7, "dog": 7},
        (10, 4, 4),
    ),
]
