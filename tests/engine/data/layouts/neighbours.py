"""Tables whose pictures are outside their folder: those of the same set, and those of another that are called alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

BOTH = {"cat": 4, "dog": 4}


def beside(counts: Mapping[str, int], row: str, name: str = "labels/list.csv") -> Callable[[Path], Path]:
    """A maker of a table of eight rows in a folder of its own, beside folders with pictures ``0.png`` and so on."""

    def make(root: Path) -> Path:
        pictures(root, counts)
        rows = [f"{row.format(index)},{('cat', 'dog')[index % 2]}" for index in range(8)]
        texts(root, {name: "\n".join(["image,label", *rows])})
        return root / name

    return make


def numbered(pictures_in: str, name: str, unread: bool = False) -> Callable[[Path], Path]:
    """A maker of a table of eight numbers whose own pictures are not there, or ``unread``: DICOM; and of pictures with
    these numbers in another folder."""

    def make(root: Path) -> Path:
        pictures(root, {pictures_in: 9}, name)
        (root / "mine/scans").mkdir(parents=True)
        for index in range(8 if unread else 0):
            (root / f"mine/scans/{index:08}.dcm").write_bytes(bytes(128) + b"DICM")
        rows = [f"{index:08},{('cat', 'dog')[index % 2]}" for index in range(8)]
        texts(root, {"mine/train.csv": "\n".join(["patientId,label", *rows])})
        return root / "mine/train.csv"

    return make


LAYOUTS = [
    Layout(
        "another set's pictures have the names",
        beside({"other/a": 8, "other/b": 3}, "{}.png", "mine/list.csv"),
        BOTH,
        refused="may belong to another set",
        doubt="The pictures that list.csv names are not in its own folder, mine. Beside that, other/a has",
        readings=(BOTH,),
    ),
    Layout(
        "web addresses beside another set",
        beside({"cats/x": 8}, "https://example.org/{}.png", "task/urls.csv"),
        refused="has a web address in its row 1",
    ),
    Layout(
        "numbers, and only another set's pictures have them",
        numbered("holiday", "IMG_{}.png"),
        BOTH,
        refused="Beside that, holiday has pictures of these numbers, and nothing else says that they are meant",
        doubt="holiday has pictures of these numbers",
        readings=(BOTH,),
    ),
    Layout(
        "numbers that are names in another set's folder for training",
        numbered("other/train", "{:08}.png"),
        BOTH,
        refused="other/train has pictures of these numbers",
        doubt="other/train has pictures of these numbers",
        readings=(BOTH,),
    ),
    Layout("numbers in a folder of labels", beside({"faces": 9}, "{}", "labels/list.csv"), BOTH),
    Layout("numbers, and a folder of images beside", numbered("images", "{}.png"), BOTH),
    Layout(
        "numbers of DICOM files beside another set",
        numbered("holiday", "{}.png", unread=True),
        refused="names pictures as scans/00000000.dcm, scans/00000001.dcm, scans/00000002.dcm (DICOM, which is not",
    ),
    Layout("labels beside images", beside({"images": 9}, "{}.png"), BOTH),
    Layout(
        "labels beside images of several parts",
        beside({"images/train": 8, "images/test": 4}, "{}.png", "labels/train.csv"),
        BOTH,
    ),
    Layout("folders in the paths", beside({"images": 8, "masks": 8}, "images/{}.png"), BOTH),
]
