"""The files that the paths of a table mean."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from workbench.engine.catalog.datasets.tables.places import Found, found_files
from workbench.engine.pictures.folder_scans import FolderScans


@pytest.fixture
def tmp_path(tmp_path: Path) -> Path:
    """A folder that has no others beside it: pictures are looked for there as well."""
    return tmp_path / "alone"


def place(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def look(root: Path, paths: Sequence[str], hints: Sequence[str] = (), table: str = "list.csv") -> Found:
    words = [frozenset({hint}) for hint in hints] or [frozenset[str]()] * len(paths)
    return found_files(root / table, paths, words, root, FolderScans())


def names(found: Found, root: Path) -> list[str]:
    return [file.relative_to(root).as_posix() for file in found.files]


@pytest.mark.parametrize(
    "path",
    ["a/1.png", "./a/1.png", "b/../a/1.png", '"a/1.png"', "“a/1.png”", ".\\a\\1.png", "a\\1.png", "A/1.PNG", "a/1"],
)
def test_ways_to_write_the_same_file(tmp_path: Path, path: str) -> None:
    place(tmp_path, "a/1.png", "b/1.png")
    assert names(look(tmp_path, [path]), tmp_path) == ["a/1.png"]


def test_a_backslash_in_a_name_that_is_there_stays(tmp_path: Path) -> None:
    place(tmp_path, "a\\1.png", "a/1.png")
    assert names(look(tmp_path, ["a\\1.png"]), tmp_path) == ["a\\1.png"]


def test_two_names_that_differ_in_case_only_are_not_mixed_up(tmp_path: Path) -> None:
    place(tmp_path, "a/x.png", "a/X.png")
    assert names(look(tmp_path, ["a/x.png", "a/X.png"]), tmp_path) == ["a/x.png", "a/X.png"]
    assert look(tmp_path, ["a/1.png"]).missing == 1


def test_a_missing_row_is_not_looked_for_elsewhere_if_others_are_there(tmp_path: Path) -> None:
    place(tmp_path, "train/1.png", "old/2.png")
    found = look(tmp_path, ["train/1.png", "train/2.png"])
    assert found.missing == 1 and names(found, tmp_path) == ["train/1.png", "train/2.png"]


def test_two_rows_never_become_one_file(tmp_path: Path) -> None:
    place(tmp_path, "x/1.png")
    assert look(tmp_path, ["a/1.png", "b/1.png"]).missing == 2


def test_the_longest_common_end_decides(tmp_path: Path) -> None:
    place(tmp_path, "x/cat/1.png", "x/dog/1.png")
    found = look(tmp_path, ["/data/cat/1.png", "/data/dog/1.png"])
    assert names(found, tmp_path) == ["x/cat/1.png", "x/dog/1.png"]
    assert (
        "2 of 2 pictures were found by their names, in " in found.notes[0] and "/data/cat/1.png in " in found.notes[0]
    )


def test_the_class_decides_between_folders(tmp_path: Path) -> None:
    place(tmp_path, "cat/1.png", "dog/1.png", "cat/2.png", "dog/2.png")
    found = look(tmp_path, ["1.png", "2.png"], ["cat", "dog"])
    assert names(found, tmp_path) == ["cat/1.png", "dog/2.png"] and not found.folders


def test_the_name_of_the_table_decides_between_folders(tmp_path: Path) -> None:
    place(tmp_path, "train/1.png", "test/1.png")
    assert names(look(tmp_path, ["1"], table="trainLabels.csv"), tmp_path) == ["train/1.png"]
    assert len(look(tmp_path, ["1"], table="answers.csv").folders) == 2


def test_pictures_of_hidden_folders_are_not_found(tmp_path: Path) -> None:
    place(tmp_path, ".thumbs/1.png", "x/2.png")
    assert look(tmp_path, ["1.png"]).missing == 1


def test_a_few_examples_beside_the_pictures_are_not_taken_for_them(tmp_path: Path) -> None:
    """``examples`` has two of the names as well, and comes first in the alphabet."""
    place(tmp_path, *(f"images/{row}.png" for row in range(4)), "examples/0.png", "examples/1.png")
    found = look(tmp_path, [f"{row}.png" for row in range(4)])
    assert names(found, tmp_path) == [f"images/{row}.png" for row in range(4)] and not found.folders
