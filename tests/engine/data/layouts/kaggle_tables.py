"""Tables as they come with competitions: ids without suffix, classes in columns, pixels, boxes, other folders."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.tables import BOTH, ROWS, table

USAGE = ("Training", "PublicTest", "PrivateTest")
NAMES = [("cat", "dog")[index % 2] for index in range(10)]


def _csv(head: str, lines: list[str]) -> str:
    return "\n".join([head, *lines])


def _train_and_test(root: Path) -> None:
    pictures(root, {"train": 10, "test": 4})
    texts(
        root,
        {
            "train.csv": _csv("id,label", [f"{index},{name}" for index, name in enumerate(NAMES)]),
            "test.csv": _csv("id", [str(index) for index in range(4)]),
            "sample_submission.csv": _csv("id,label", [f"{index},cat" for index in range(4)]),
        },
    )


def _same_ids_in_two_folders(root: Path) -> Path:
    pictures(root, {"small": 10, "large": 10})
    texts(root, {"answers.csv": _csv("id,label", [f"{index},{name}" for index, name in enumerate(NAMES)])})
    return root / "answers.csv"


def _names_in_a_folder(root: Path) -> Path:
    pictures(root, {"train_images": 10})
    texts(root, {"labels.csv": _csv("image_id,label", [f"{index}.png,{name}" for index, name in enumerate(NAMES)])})
    return root / "labels.csv"


def _pixels(root: Path) -> Path:
    head = "label," + ",".join(f"pixel{index}" for index in range(64))
    rows = [f"{row % 3}," + ",".join(str((row * 7 + index) % 256) for index in range(64)) for row in range(9)]
    texts(root, {"train.csv": _csv(head, rows)})
    return root / "train.csv"


def _faces(root: Path) -> Path:
    rows = [f'{row % 3},"{" ".join(str((row + i) % 256) for i in range(36))}",Training' for row in range(9)]
    texts(root, {"faces.csv": _csv("emotion,pixels,Usage", rows)})
    return root / "faces.csv"


def _boxes(root: Path) -> Path:
    make = table("", lambda i, p, c: (p, c))
    make(root)
    rows = [f"{path},32,32,{name},{box},4,20,20" for path, name in ROWS for box in (3, 6)]
    texts(root, {"boxes.csv": _csv("filename,width,height,class,xmin,ymin,xmax,ymax", rows)})
    return root / "boxes.csv"


LAYOUTS = [
    Layout("train.csv with ids, test.csv without labels", _train_and_test, BOTH, (8, 2, 0)),
    Layout(
        "the same ids in two folders",
        _same_ids_in_two_folders,
        BOTH,
        refused="picture_folder = ",
        doubt="Several folders",
        readings=(BOTH, BOTH),
    ),
    Layout("names of pictures that lie in a folder beside", _names_in_a_folder, BOTH),
    Layout(
        "pixels in columns", _pixels, refused="8 × 8 pixels in a row; such tables are not read: save them as an .npz"
    ),
    Layout("pixels in one cell", _faces, refused="6 × 6 pixels in a row"),
    Layout("boxes, two a picture", _boxes, refused="finding objects, which is not supported"),
    Layout(
        "a column for each class",
        table("image,cat,dog", lambda i, p, c: (p, float(c == "cat"), float(c == "dog"))),
        BOTH,
    ),
    Layout(
        "a column for each of several labels",
        table("image,animal,indoor", lambda i, p, c: (p, 1, i % 2)),
        refused="marks more than one class of a picture",
    ),
    Layout(
        "Usage: Training, PublicTest, PrivateTest",
        table("image,emotion,Usage", lambda i, p, c: (p, c, USAGE[max(0, i - 5) // 2])),
        {"cat": 5, "dog": 4},
        (7, 2, 1),
    ),
    Layout(
        "the number of the class beside its name",
        table("id,label_id,label,image", lambda i, p, c: (i, int(c == "dog"), c, p)),
        BOTH,
        left_out=("column “label_id”", "column “id”"),
    ),
]
