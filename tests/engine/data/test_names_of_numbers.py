"""Names of numbered class folders in a file beside them: offered, used when chosen, refused without the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path

OFFER = "Call the classes by these names"


def read(root: Path, *edits: tuple[str, str]) -> Understood:
    found: Understood = finished(understand_path(root, edits))
    return found


def offers(found: Understood) -> list[dict[str, str]]:
    return [reading.edits for fact in found.facts for reading in fact.readings if reading.label == OFFER]


@pytest.mark.parametrize(
    ("folders", "file", "text"),
    [
        (("0", "1", "2"), "classes.txt", "stop\nyield\nkeep left\n"),
        (("1", "2", "10"), "cat_to_name.json", '{"1": "stop", "2": "yield", "10": "keep left"}'),
        (("class_0", "class_1", "class_2"), "labels.txt", "0 stop\n1 yield\n2 keep left\n"),
        (("1", "2", "3"), "classes.txt", "stop\nyield\nkeep left\n"),
    ],
)
def test_names_are_offered_and_used_when_chosen(folders: tuple[str, ...], file: str, text: str, tmp_path: Path) -> None:
    pictures(tmp_path, dict(zip(folders, (4, 5, 6), strict=True)))
    texts(tmp_path, {file: text})
    found = read(tmp_path)
    (edits,) = offers(found)
    assert list(found.classes) == list(folders)
    after = read(tmp_path, *edits.items())
    assert after.refused is None and list(after.classes) == ["keep left", "stop", "yield"] and not offers(after)
    assert not after.doubts  # the folders are the classes and no groups
    assert (after.classes["stop"], after.classes["keep left"]) == (4, 6)
    assert any(file in fact.sentence for fact in after.facts)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("classes.txt", "stop\nyield\n"),  # too few
        ("classes.txt", "a\nb\nc\nd\n"),  # too many to know where they begin
        ("labels.txt", "0 12\n1 13\n2 14\n"),  # numbers are no names
        ("readme.txt", "a\nb\nc\n"),  # not called as names
        ("classes.txt", "stop\nstop\nyield\n"),  # one name for two folders
        ("test_labels.csv", "image,label\na.png,0\nb.png,1\nc.png,2\nd.png,2\n"),  # pictures and their classes
    ],
)
def test_a_file_that_does_not_fit_is_not_offered_and_refused_when_it_is_asked_for(
    name: str, text: str, tmp_path: Path
) -> None:
    pictures(tmp_path, {"0": 4, "1": 4, "2": 4})
    texts(tmp_path, {name: text})
    assert not offers(read(tmp_path))
    assert "holds no file (classes.txt)" in (read(tmp_path, ("data.source.class_names", "from_file")).refused or "")
