"""Parts named by patterns of folders in which * is the class, and what lies beside such parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand, understand_path

_COUNTS = {f"{name}/{part}": count for name in ("cat", "dog") for part, count in (("learn", 6), ("late", 3))}


def read(root: Path, parts: str) -> Understood:
    opened: Understood = finished(understand_path(root, []))
    assert opened.spec is not None
    spec = opened.spec.edited("data.source.folder", str(root)).edited("data.source.parts", parts)
    found: Understood = finished(understand(spec))
    return found


@pytest.mark.parametrize(
    ("parts", "counts"),
    [
        ("train: */learn; test: */late", (10, 2, 6)),
        ("train: pets/*/learn; validation: pets/*/late", (12, 6, 0)),
        ("train: pets/cat/learn | pets/dog/learn; test: pets/*/l?te", (10, 2, 6)),
    ],
    ids=["star", "path", "folders beside a pattern"],
)
def test_a_star_is_the_class(parts: str, counts: tuple[int, int, int], tmp_path: Path) -> None:
    pictures(tmp_path / "pets", _COUNTS)
    found = read(tmp_path, parts)
    assert found.refused is None and {"cat", "dog"} == set(dict(found.classes))
    assert tuple(found.parts.values()) == counts


def test_a_star_for_folders_with_classes_is_no_class(tmp_path: Path) -> None:
    pictures(tmp_path, {f"{site}/{part}/{n}": 4 for site in "AB" for part in ("learn", "late") for n in ("cat", "dog")})
    found = read(tmp_path, "train: */learn; test: */late")
    assert dict(found.classes) == {"cat": 8, "dog": 8} and found.parts["test"] == 16


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ("train: */learn; test: */held", "holds no folder '*/held'"),
        ("train: */l*; test: */late", "for two parts"),
        ("test: */late", "no folder to train on"),
    ],
)
def test_patterns_that_cannot_be_meant_are_refused(parts: str, words: str, tmp_path: Path) -> None:
    pictures(tmp_path, _COUNTS)
    assert words in str(read(tmp_path, parts).refused)


def test_pictures_beside_the_parts_of_a_class_are_left_out_and_named(tmp_path: Path) -> None:
    pictures(tmp_path, {"cat": 2, "cat/train": 6, "cat/test": 3, "dog/train": 6, "dog/test": 3})
    found: Understood = finished(understand_path(tmp_path, []))
    assert dict(found.classes) == {"cat": 6, "dog": 6}
    assert {"cat/0.png", "cat/1.png"} <= set(found.left_out) and "cat/0.png" in " ".join(found.notes)


def test_folders_that_named_parts_do_not_reach_are_left_out_and_named(tmp_path: Path) -> None:
    pictures(tmp_path, {"a/x/cat": 5, "a/x/dog": 5, "a/y/cat": 5, "": 1})
    found = read(tmp_path, "train: a/x")
    assert {"a/y", "0.png"} <= set(found.left_out)


def test_evaluation_means_the_same_in_all_classes(tmp_path: Path) -> None:
    pictures(tmp_path, {"cat/train": 6, "cat/eval": 3, "dog/train": 6, "dog/val": 3, "dog/eval": 3})
    found: Understood = finished(understand_path(tmp_path, []))
    assert found.parts == {"train": 12, "validation": 3, "test": 6}


def test_one_folder_of_pictures_in_each_part_is_no_level(tmp_path: Path) -> None:
    pictures(tmp_path, {f"{n}/{part}/images": k for n in ("cat", "dog") for part, k in (("train", 8), ("test", 3))})
    found: Understood = finished(understand_path(tmp_path, []))
    assert found.refused is None and dict(found.classes) == {"cat": 8, "dog": 8} and found.parts["test"] == 6
