"""Tables beside class folders that say more than the folders: a row for each picture, a column of groups, classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

TWO = {"cat": 6, "dog": 6}


def _of_rows(head: str, *cells: tuple[object, ...]) -> str:
    return "\n".join([head, *(",".join(map(str, row)) for row in cells)])


def _by_site(root: Path) -> None:
    pictures(root, {"site_A": 8, "site_B": 8})
    rows = [("AB"[i // 8], i % 8, ("cat", "dog")[i % 3 > 0]) for i in range(16)]
    texts(root, {"labels.csv": _of_rows("site,slice,label", *rows)})


def _by_site_in_a_wrapper(root: Path) -> None:
    _by_site(root / "scans")


def _of_the_same_counts(root: Path) -> None:
    pictures(root, TWO)
    texts(root, {"list.csv": _of_rows("slice,label", *((i, ("cat", "dog")[i % 2]) for i in range(12)))})


def _lesions(root: Path) -> None:
    pictures(root, TWO)
    rows = [(f"{name}/{i}.png", name, f"lesion{i // 2}") for name in TWO for i in range(6)]
    texts(root, {"meta.csv": _of_rows("file,label,lesion_id", *rows)})


def _subject_is_the_folder(root: Path) -> None:
    pictures(root, TWO)
    rows = [(f"{name}/{i}.png", f"{name} 1") for name in TWO for i in range(6)]
    texts(root, {"meta.csv": _of_rows("file,subject", *rows)})


def _lists_and_findings(root: Path) -> None:
    pictures(root, {"images_001/images": 8, "images_002/images": 0})
    pictures(root, {"images_002/images": 8}, "b{}.png")
    names = [*(f"{i}.png" for i in range(8)), *(f"b{i}.png" for i in range(8))]
    rows = [(name, ("Edema", "Mass")[i % 2]) for i, name in enumerate(names)]
    texts(root, {"entries.csv": _of_rows("Image Index,Finding Labels", *rows), "test_list.txt": "\n".join(names[::4])})


def _groups_in_another(column: str) -> Callable[[Path], None]:
    """As in ISIC 2019: one table with the classes, another one with lesions of the same pictures."""

    def make(root: Path) -> None:
        pictures(root, {"input": 12}, "scan_{}.png")
        texts(root, {"labels.csv": _of_rows("image,label", *((f"scan_{i}", ("a", "b")[i % 2]) for i in range(12)))})
        rows = ((f"scan_{i}", 50 + i % 5, f"lesion {i // 2}") for i in range(12))
        texts(root, {"metadata.csv": _of_rows(f"image,age,{column}", *rows)})

    return make


LAYOUTS = [
    Layout(
        "a row for each picture of folders by site",
        _by_site,
        {"site_A": 8, "site_B": 8},
        refused="labels.csv has a row for each of the 16 pictures and does not name them",
        doubt="its columns (“site”, “label”) are not used",
        readings=({"site_A": 8, "site_B": 8},),
    ),
    Layout(
        "the same in a wrapper",
        _by_site_in_a_wrapper,
        {"site_A": 8, "site_B": 8},
        refused="has a row for each of the 16 pictures",
        doubt="“label”",
    ),
    Layout("a row for each picture, and the counts of the folders", _of_the_same_counts, TWO),
    Layout("lesions beside the classes of the folders", _lesions, TWO, notes="belong together (“lesion_id”)"),
    Layout(
        "lesions in another table",
        _groups_in_another("lesion_id"),
        {"a": 6, "b": 6},
        notes="metadata.csv names these pictures and may say which of them belong together (“lesion_id”)",
    ),
    Layout("texts in another table", _groups_in_another("remark"), {"a": 6, "b": 6}),
    Layout("a column of subjects that are the folders", _subject_is_the_folder, TWO),
    Layout("numbered folders, a list of a part and a table", _lists_and_findings, {"Edema": 8, "Mass": 8}),
]
