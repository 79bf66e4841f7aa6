"""What desktops, cameras and archivers leave: other suffixes, hidden files, names in two encodings or two cases."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, picture, pictures, texts

_HEIC = b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)


def _suffixes(root: Path) -> None:
    pictures(root, {"mug": 2, "plate": 5}, "{}.jpg", "JPEG")
    for number, suffix in enumerate((".jfif", ".jpe", "", ".HEIC", ".jpg_large")):
        (root / "mug" / f"IMG_{number}{suffix}").write_bytes(picture(number, "JPEG"))
    (root / "plate" / "web.jpg").write_bytes(picture(9, "WEBP"))
    (root / "plate" / "phone.HEIC").write_bytes(_HEIC)


def _hidden(root: Path) -> None:
    pictures(root, {"cat": 5, "dog": 5, "__MACOSX/cat": 2, ".thumbnails": 2})
    (root / "cat" / "._0.png").write_bytes(b"\x00\x05\x16\x07" + bytes(100))
    (root / "dog" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    texts(root, {"cat/notes.txt": "x", "readme.md": "x"})


def _two_encodings(root: Path) -> None:
    for part, form in (("train", "NFC"), ("val", "NFD")):
        pictures(root / part, {unicodedata.normalize(form, name): 4 for name in ("Äpfel", "Café")})


def _no_pictures(root: Path) -> None:
    pictures(root, {"cat": 5, "dog": 5})
    (root / "cat" / "page.jpg").write_bytes(b"<!DOCTYPE html><html></html>")
    (root / "cat" / "empty.jpg").write_bytes(b"")
    (root / "dog" / "drawing.png").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def _one_picture_in_two_classes(root: Path) -> None:
    pictures(root, {"cat": 3, "dog": 3})
    for index in range(3):
        (root / "dog" / f"{index}.png").write_bytes((root / "cat" / f"{index}.png").read_bytes())


LAYOUTS = [
    Layout("camera names in one folder", of({"": 5}, "IMG_{}.png"), refused="pictures but no class folders"),
    Layout(
        "every picture in both classes",
        _one_picture_in_two_classes,
        {"cat": 3, "dog": 3},
        (4, 2, 0),
        refused="class_names",
        doubt="all of 'cat' in 'dog'",
        readings=({"cat": 3, "dog": 3},),
    ),
    Layout("suffixes of all kinds", _suffixes, {"mug": 7, "plate": 6}, (11, 2, 0), ("plate/phone.HEIC",)),
    Layout(
        "hidden files and folders", _hidden, {"cat": 5, "dog": 5}, (8, 2, 0), ("__MACOSX", ".thumbnails", "cat/._0.png")
    ),
    Layout("names in two encodings", _two_encodings, {"Café": 8, "Äpfel": 8}, (8, 8, 0)),
    Layout("no pictures under names of pictures", _no_pictures, {"cat": 7, "dog": 6}, refused="a web page (HTML)"),
    Layout(
        "two cases between the parts",
        of({"train/Cat": 5, "train/dog": 5, "val/cat": 2, "val/dog": 2}),
        {"Cat": 7, "dog": 7},
        (10, 4, 0),
    ),
    Layout(
        "loose pictures beside the class folders",
        of({"": 2, "cat": 5, "dog": 5}),
        {"cat": 5, "dog": 5},
        (8, 2, 0),
        ("0.png",),
    ),
    Layout(
        "a class with folders of its own",
        of({"cat": 5, "dog": 3, "dog/young": 1, "dog/old": 1}),
        {"cat": 5, "dog": 5},
        (8, 2, 0),
    ),
    Layout("a class called train", of({"plane": 5, "train": 5}), {"plane": 5, "train": 5}, (8, 2, 0)),
]
