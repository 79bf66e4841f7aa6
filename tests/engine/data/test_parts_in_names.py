"""Parts that the names of files say: the split that choosing them gives, and what is said where they say none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import of
from tests.engine.data.layouts.parts_in_names import SPLIT, named
from workbench.engine.catalog.datasets.folders.part_words import without_part
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path

CHOSEN = ("data.source.parts", "file_names")


def chosen(root: Path, *more: tuple[str, str]) -> Understood:
    return finished(understand_path(root, [CHOSEN, *more]))


@pytest.mark.parametrize("pattern", ["{1}_{2}", "{0}_{1}_{2}", "{0}{2}-{1}"])
def test_the_names_give_the_split(tmp_path: Path, pattern: str) -> None:
    named(pattern, parts={**SPLIT, "val": 2})(tmp_path)
    found = chosen(tmp_path)
    assert found.refused is None and found.classes == {"cat": 8, "dog": 8}
    assert found.parts == {"train": 12, "validation": 4, "test": 6}
    assert "The names of the files give the split: 'test' (6), 'train' (12), 'val' (4)." in found.plain["facts"]


def test_with_the_classes_in_one_folder(tmp_path: Path) -> None:
    named("{1}_{0}_{2}", ".")(tmp_path)
    found = chosen(tmp_path, ("data.source.classes", "file_names"))
    assert found.refused is None and found.classes == {"cat": 6, "dog": 6} and found.parts["test"] == 6


def test_a_picture_without_a_part_is_left_out_and_named(tmp_path: Path) -> None:
    named("{1}_{2}")(tmp_path)
    of({"cat": 1}, "late_{}.png")(tmp_path)
    found = chosen(tmp_path)
    assert found.classes == {"cat": 6, "dog": 6} and found.left_out == {"1 picture": "no part in its name"}


def test_names_that_say_no_part_are_refused(tmp_path: Path) -> None:
    of({"cat": 6, "dog": 6})(tmp_path)
    assert f"No picture in {tmp_path} has train in its name" in (chosen(tmp_path).refused or "")


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("train_cat_0", "cat_0"),
        ("cat_Test_0", "cat_0"),
        ("0_cat.val", "0_cat"),
        ("train0_cat", "0_cat"),
        ("cat", "cat"),
    ],
)
def test_the_part_is_taken_out_of_a_name(name: str, rest: str) -> None:
    assert without_part(Path(f"a/{name}.png")) == Path(f"a/{rest}.png")
