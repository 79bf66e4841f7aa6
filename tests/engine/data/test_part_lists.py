"""Text files that list the pictures of each part: found, named by the settings, or said not to be used and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import NotData
from workbench.engine.data.understand import Understood, understand
from workbench.engine.spec.experiment import ExperimentSpec


def listed(root: Path, lists: dict[str, list[str]]) -> ExperimentSpec:
    pictures(root, {"images": 8}, "cat_{}.png")
    pictures(root, {"images": 8}, "dog_{}.png")
    texts(root, {f"lists/{name}.txt": "\n".join(rows) for name, rows in lists.items()})
    return ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root), "classes": "file_names"})


def known(spec: ExperimentSpec) -> Understood:
    found: Understood = finished(understand(spec))
    return found


def rows(first: int, last: int) -> list[str]:
    return [f"{name}_{index}" for name in ("cat", "dog") for index in range(first, last)]


def test_the_files_are_those_that_the_lists_name(tmp_path: Path) -> None:
    lists = {"train": rows(0, 4), "val": [f"images/{each}.png" for each in rows(4, 6)], "trainval": rows(0, 6)}
    spec = listed(tmp_path, lists | {"test": rows(6, 7)})
    found = known(spec)
    assert dict(found.parts) == {"train": 8, "validation": 4, "test": 2}
    assert found.left_out == {"2 pictures": found.left_out["2 pictures"], "lists/trainval.txt": "a text, not read"}
    data = spec.data.source.load()
    assert data.validation is not None
    held = {Path(file).stem for file, is_held in zip(data.files, data.validation, strict=True) if is_held}
    assert held == set(rows(4, 6)) and len(data.files) == 12


def test_lists_can_be_named_and_be_left_unused(tmp_path: Path) -> None:
    spec = listed(tmp_path, {"a": rows(0, 6), "b": rows(6, 8)})
    assert known(spec).parts["test"] == 0
    named = spec.edited("data.source.parts", "train: lists/a.txt; test: lists/b.txt")
    assert dict(known(named).parts) == {"train": 10, "validation": 2, "test": 4}
    missing = known(spec.edited("data.source.parts", "train: lists/a.txt; test: lists/c.txt"))
    assert missing.refused is not None and "c.txt" in missing.refused
    (fact,) = (fact for fact in known(named).facts if fact.subject == "parts")
    (reading,) = fact.readings
    assert dict(reading.edits) == {"data.source.parts": "none"}
    assert known(named.edited("data.source.parts", "none")).parts["test"] == 0


@pytest.mark.parametrize(
    ("test", "words"),
    [
        (["cat_6", "cat_99"], "test.txt names cat_99, and there is no picture of that name"),
        (["cat_5"], "cat_5.png is listed for train and for test"),
    ],
)
def test_lists_that_do_not_fit_are_said_and_not_used(tmp_path: Path, test: list[str], words: str) -> None:
    found = known(listed(tmp_path, {"train": rows(0, 6), "test": test}))
    assert found.refused is None and found.parts["test"] == 0 and sum(found.parts.values()) == 16
    assert any(words in fact.sentence and "a split that is not used" in fact.sentence for fact in found.facts)


def test_a_list_that_is_opened_leads_to_its_folder(tmp_path: Path) -> None:
    listed(tmp_path / "pets", {"train": rows(0, 6), "test": rows(6, 8)})
    with pytest.raises(NotData, match="Open that folder") as caught:
        recognise([tmp_path / "pets" / "lists" / "train.txt"])
    assert caught.value.instead == tmp_path / "pets"


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Which of the two is meant is not guessed; with its folder it is told."""
    pictures(tmp_path, {"a": 2, "b": 2}, "cat_{}.png")
    pictures(tmp_path, {"a": 2, "b": 2}, "dog_{}.png")
    texts(tmp_path, {"lists/some.txt": "\n".join(["cat_0", "dog_0"]), "lists/more.txt": "a/cat_0\na/dog_0"})
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(tmp_path), "classes": "file_names"})
    refused = known(spec.edited("data.source.parts", "train: lists/some.txt")).refused
    assert refused is not None and "names cat_0, and there are several pictures of that name" in refused
    assert dict(known(spec.edited("data.source.parts", "train: lists/more.txt")).parts)["test"] == 0


@pytest.mark.parametrize(
    ("head", "row", "tested"),
    [("Filename;ClassId", "{file};{a}", 4), ("Filename;class;label", "{file};{a};{b}", 0)],
    ids=["one", "two"],
)
def test_a_table_gives_a_test_folder_classes_only_if_it_is_clear_which_column_has_them(
    tmp_path: Path, head: str, row: str, tested: int
) -> None:
    pictures(tmp_path, {"Train/0": 6, "Train/1": 6})
    pictures(tmp_path, {"Test": 4}, "t{}.png")
    rows = (row.format(file=f"t{i}.png", a=i % 2, b=i // 2) for i in range(4))
    texts(tmp_path, {"test.csv": "\n".join([head, *rows])})
    found = known(ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(tmp_path), "size": 8}))
    assert dict(found.parts).get("test", 0) == tested
    assert not found.doubts and sum(dict(found.parts).values()) == 12 + tested
