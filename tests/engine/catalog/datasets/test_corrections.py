"""Pictures left out and renamed, of folders and tables alike."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.engine.catalog.datasets.helpers import as_folder, reds, refusal
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError


def named(source: Any, number: int) -> str:
    return f"{'ab'[number % 2]}/{number}.png" if isinstance(source, PictureFolder) else f"pictures/{number}.png"


def test_leaving_out_and_renaming_is_honoured_and_can_be_undone(source: Any) -> None:
    before = source.load()
    corrections = source.corrections()
    content = {file: Path(file).read_bytes() for file in before.files}
    corrections.exclude([named(source, 2), Path(before.files[-1])])
    corrections.relabel([named(source, 0)], "b")
    data = source.load()
    assert dict(zip(reds(data), data.labels.tolist(), strict=True)) == {0: 1, 1: 1, 3: 1, 4: 0}
    assert data.notes[-1].endswith("as you chose: 2 left out and 1 given another class.")
    listed = {entry.name: entry for entry in load_entries(source)}
    assert listed[named(source, 2)].excluded
    assert (listed[named(source, 0)].label, listed[named(source, 0)].relabelled) == ("a", "b")
    assert listed[named(source, 0)].used_label == "b"
    corrections.undo()
    assert source.load().labels.tolist().count(0) == 2
    corrections.undo()
    assert not corrections.can_undo
    again = source.load()
    assert np.array_equal(again.inputs, before.inputs)
    assert np.array_equal(again.labels, before.labels)
    assert content == {file: Path(file).read_bytes() for file in before.files}


def load_entries(source: Any) -> Any:
    from workbench.engine.core.progress import finished

    return finished(source.steps().entries())


def test_a_class_that_is_gone_or_emptied_gets_a_sentence(source: Any) -> None:
    source.corrections().relabel([named(source, 1)], "zebra")
    assert "was given the class 'zebra', which is no longer there" in refusal(source)
    source.corrections().relabel([named(source, 1)], "")
    source.corrections().exclude([named(source, i) for i in (1, 3, 5)])
    assert "There is no picture to train on of the class 'b'" in refusal(source)


@pytest.mark.parametrize(
    "text",
    [
        *("", "version = 2", "not toml [", "version = 1\nexcluded = 3", "version = 1\nrelabelled = 1"),
        "version = 1\n[relabelled]\na.b = 'c'",
        f"version = 1\nexcluded = {'[' * 5000}",
        f"version = 1\n{'.'.join('a' * 40_000)} = 1",  # half a minute, if it is parsed
    ],
    ids=range(8),
)
def test_a_damaged_file_of_corrections_is_named(source: Any, text: str) -> None:
    where = source.corrections().where
    where.write_text(text)
    message = refusal(source)
    assert str(where) in message
    assert "damaged" in message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes among its files")
def test_a_pipe_in_the_place_of_corrections_is_not_waited_for(source: Any) -> None:
    os.mkfifo(source.corrections().where)
    assert "is damaged (it is no file)" in refusal(source)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file names that are not text")
def test_names_that_are_no_text_can_be_left_out(pictures: Path) -> None:
    source = as_folder(pictures)
    odd = os.fsdecode(os.fsencode(pictures / "folder" / "a") + b"/\xff.png")
    Image.new("RGB", (8, 8), (240, 0, 0)).save(pictures / "new.png")
    os.rename(pictures / "new.png", odd)
    assert sorted(reds(source.load())) == [0, 1, 2, 3, 4, 5, 6]
    source.corrections().exclude([Path(odd)])
    assert sorted(reds(source.load())) == [0, 1, 2, 3, 4, 5]
    excluded = [entry for entry in load_entries(source) if entry.excluded]
    assert [entry.path for entry in excluded] == [Path(odd)]
    source.corrections().exclude([excluded[0].name], False)
    assert sorted(reds(source.load())) == [0, 1, 2, 3, 4, 5, 6]
    with pytest.raises(WorkbenchError, match="rename its folder first"):
        source.corrections().relabel([named(source, 0)], "\udcff")


def test_where_the_folder_may_not_be_written_they_are_kept_elsewhere(
    source: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.engine.pictures import corrections as module

    real = module._writable
    monkeypatch.setattr(module, "_writable", lambda file: False)
    corrections = source.corrections()
    corrections.exclude([named(source, 2)])
    assert corrections.note.startswith(f"{corrections.root} may not be written, so ")
    assert str(corrections.where) in corrections.note
    assert not corrections.where.is_relative_to(corrections.root)
    monkeypatch.setattr(module, "_writable", real)
    assert len(source.load().labels) == 5  # found again, even where it could be written now


def test_entries_name_the_parts(pictures: Path) -> None:
    for part, numbers in (("train", (0, 1)), ("val", (2, 3)), ("test", (4, 5))):
        for number in numbers:
            target = pictures / "parts" / part / "ab"[number % 2]
            target.mkdir(parents=True, exist_ok=True)
            os.replace(pictures / "pictures" / f"{number}.png", target / f"{number}.png")
    source = PictureFolder(folder=str(pictures / "parts"), size=8, colour="rgb")
    assert [(e.name, e.part) for e in load_entries(source)][::2] == [
        ("train/a/0.png", "train"),
        ("val/a/2.png", "validation"),
        ("test/a/4.png", "test"),
    ]
    assert reds(load_part(source, "test")) == [4, 5]
    assert reds(load_part(source, "validation")) == [2, 3]
    assert reds(source.load()) == [0, 1, 2, 3]


def test_the_test_part_must_be_there_and_know_its_classes(pictures: Path) -> None:
    source = as_folder(pictures)
    assert "no test folder" in refusal(source, test=True)
    for part, names in (("train", "ab"), ("test", "abc")):
        for name in names:
            target = pictures / "parts" / part / name
            target.mkdir(parents=True)
            Image.new("L", (8, 8)).save(target / "0.png")
    split = PictureFolder(folder=str(pictures / "parts"), size=8)
    assert "the class 'c' in test but not in train" in refusal(split, test=True)
