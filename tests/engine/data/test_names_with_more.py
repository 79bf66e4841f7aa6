"""Pictures that have more in all of their names than a table says: found, said, and never where several fit."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.catalog.datasets.tables.other_ends import by_other_ends
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path


def read(root: Path, *edits: tuple[str, object]) -> Understood:
    found: Understood = finished(understand_path(root, edits))
    return found


def test_the_table_is_opened_where_two_folders_hold_versions_of_its_pictures(tmp_path: Path) -> None:
    """They were the classes "aligned" and "original" in silence."""
    for folder, end in (("aligned", "_aligned"), ("original", "")):
        pictures(tmp_path, {f"Image/{folder}": 6}, f"p{{}}{end}.jpg", "JPEG")
    texts(tmp_path, {"EmoLabel/list.txt": "\n".join(f"p{i}.jpg {i % 2 + 1}" for i in range(6))})
    found = read(tmp_path)
    (doubt,) = found.doubts
    (reading,) = doubt.readings
    assert doubt.is_refused and "Image/original has pictures of these names" in doubt.sentence
    after = read(tmp_path, *reading.edits.items())
    assert after.refused is None and dict(after.classes) == {"1": 3, "2": 3}


def test_what_was_found_is_said_and_goes_before_pictures_elsewhere(tmp_path: Path) -> None:
    root = tmp_path / "set"
    pictures(root, {"images": 6}, "p{}_crop.png")
    pictures(tmp_path / "other", {"images": 6}, "p{}.png")
    texts(root, {"labels.csv": "\n".join(("file,label", *(f"p{i}.png,{'ab'[i % 2]}" for i in range(6))))})
    said = "The pictures have other names than in labels.csv, all in one way: p0.png is images/p0_crop.png."
    found = read(root)
    assert said in " ".join(found.notes) and said in [fact.sentence for fact in found.facts]


@pytest.mark.parametrize(
    ("pictures", "found"),
    [
        ("1_a.png 2_a.png 3_a.png", "1_a.png 2_a.png 3_a.png"),
        ("x_1.png x_2.png x_3.png", "x_1.png x_2.png x_3.png"),
        ("1.png 2.png 3.png", ""),  # nothing more, and files of another kind
        ("1_a.png 2_a.png 3_a.png 1_b.png 2_b.png 3_b.png", ""),  # which of them?
        ("1_a.png 2_a.png 3_a.png 2_b.png", ""),  # 2 has several pictures
        ("1_a.png 2_b.png 3_c.png", ""),  # in no one way
        ("1a.png 2a.png 3a.png", ""),  # another name and not the name with more
        ("1_a.png 2_a.png", ""),  # one of three is not there
    ],
)
def test_names_are_found_in_one_way_or_not_at_all(pictures: str, found: str) -> None:
    names = by_other_ends(["1.jpg", "2.jpg", "3.jpg"], map(PurePosixPath, pictures.split()))
    assert " ".join(names or []) == found
