"""Names of class folders that the parts spell in two ways: when they are one class, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import pictures
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand_path

_LETTERS = {"train/A": 5, "train/a": 5, "train/B": 5, "test/A": 2, "test/a": 2, "test/B": 2, "test/b": 2}


def read(root: Path, *edits: tuple[str, str]) -> Understood:
    found: Understood = finished(understand_path(root, edits))
    return found


def test_merged_folders_are_reported_as_a_fact_and_at_the_start_of_a_run(tmp_path: Path) -> None:
    pictures(tmp_path, {"train/Happy ": 5, "train/Sad": 5, "test/Happy": 2, "test/Sad": 2})
    found = read(tmp_path)
    said = "Folders whose names differ only in spaces at their ends are one class: 'Happy' and 'Happy '."
    assert said in [fact.sentence for fact in found.facts] and any(said in note for note in found.notes)


def test_spellings_that_training_distinguishes_are_not_merged(tmp_path: Path) -> None:
    pictures(tmp_path, _LETTERS)
    found = read(tmp_path)
    assert "'B' and 'b'" in found.doubts[0].sentence and found.refused and list(found.classes) == ["A", "a", "B"]
    one = read(tmp_path, ("data.source.class_names", "ignore_case"))
    assert one.refused is None and one.parts["test"] == 8 and len(one.classes) == 2
    own = read(tmp_path, ("data.source.class_names", "exact"))
    assert own.refused is None and len(own.classes) == 3 and "'b'" in own.doubts[0].sentence
