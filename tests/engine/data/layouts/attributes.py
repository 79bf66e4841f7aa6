"""Tables with a column for each of many labels, as CelebA has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

COUNT = 12
NAMES = ("Bald", "Male", "Smiling", "Young")
HALF = {"-1": 6, "1": 6}


def _table(name: str, marks: Sequence[Sequence[int]], opens: str = "") -> Callable[[Path], Path | None]:
    """Pictures and a table of CelebA's form, whose rows are ``marks`` over and over; ``opens`` is what is opened."""

    def make(root: Path) -> Path | None:
        pictures(root, {"img_align_celeba": COUNT}, "0000{}.jpg", "JPEG")
        names = NAMES[: len(marks[0])]
        rows = [",".join([f"0000{i}.jpg", *map(str, marks[i % len(marks)])]) for i in range(COUNT)]
        texts(root, {name: "\n".join([",".join(["image_id", *names]), *rows])})
        return root / opens if opens else None

    return make


SEVERAL = [[1, -1, 1, -1], [-1, 1, 1, 1], [-1, -1, -1, 1]]
ONE = [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]]

LAYOUTS = [
    Layout(
        "the table of CelebA",
        _table("list_attr_celeba.csv", SEVERAL, "list_attr_celeba.csv"),
        refused="choose one of “Bald”, “Male”, “Smiling”, “Young” as the “Class column”",
    ),
    Layout(
        "the folder of CelebA", _table("list_attr_celeba.csv", SEVERAL), refused="open that table and choose one of its"
    ),
    Layout(
        "1 and -1 in a table of another name",
        _table("faces.csv", SEVERAL, "faces.csv"),
        refused="marks more than one class of a picture in its columns of -1 and 1 (“Bald”, “Smiling”)",
    ),
    Layout(
        "one 1 among -1",
        _table("faces.csv", ONE, "faces.csv"),
        dict.fromkeys(NAMES[:3], 4),
    ),
    Layout("one column of 1 and -1", _table("faces.csv", [[1], [-1]], "faces.csv"), HALF),
]
