"""Opening data is a short conversation: reasons are true, settings reach what detection refuses, refusals name them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.data import command


def checked(path: Path, capsys: pytest.CaptureFixture[str], *edits: str) -> dict[str, Any]:
    command.command([str(path), "--json", *(word for edit in edits for word in ("--set", edit))])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("names", [("control", "test"), ("test", "train")])
def test_a_setting_says_that_folders_are_no_parts(
    names: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, dict.fromkeys(names, 6))
    assert checked(tmp_path, capsys)["refused"]
    found = checked(tmp_path, capsys, 'data.source.parts="none"')
    assert found["refused"] is None and found["classes"] == dict.fromkeys(names, 6)


def test_a_fact_about_the_parts_names_no_folder_that_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {"Final_Training/Images/00000": 6, "Final_Training/Images/00001": 6, "Final_Test/Images": 4})
    found = checked(tmp_path, capsys)
    assert not any("Final_Test" in fact for fact in found["facts"]) and "Final_Test" in found["left_out"]


def test_a_form_to_be_filled_in_gives_the_test_no_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Kaggle's sample_submission.csv has a made-up class for each test picture."""
    pictures(tmp_path, {"train/0": 6, "train/1": 6, "test": 4})
    rows = "\n".join(["id,label", *(f"{i}.png,{i % 2}" for i in range(4))])
    texts(tmp_path, {"sample_submission.csv": rows})
    assert checked(tmp_path, capsys)["parts"] == {"train": 10, "validation": 2, "test": 0}
    (tmp_path / "sample_submission.csv").rename(tmp_path / "answers.csv")
    assert checked(tmp_path, capsys)["parts"] == {"train": 10, "validation": 2, "test": 4}


def test_a_row_that_is_not_used_is_no_picture_that_is_not_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {"img": 22})
    rows = [f"img/{i}.png,{('cat', 'dog')[i % 2] if i != 7 else ''}" for i in range(20)]
    texts(tmp_path, {"labels.csv": "\n".join(["file,label", *rows, "img/3.png,cat", "img/3.png,dog", "img/4.png,cat"])})
    left_out = checked(tmp_path, capsys, 'data.source.without_class="leave_out"')["left_out"]
    assert left_out == {
        "1 row": left_out["1 row"],
        "img/3.png": "named as cat and dog",
        "2 pictures in img": "not named in labels.csv",
    }


def test_what_is_left_out_is_called_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures(tmp_path, {"cat": 5, "dog": 5})
    texts(tmp_path, dict.fromkeys(("ages.csv", "names.txt", "more.zip", "more.npz", "read.me"), "x"))
    assert checked(tmp_path, capsys)["left_out"] == {
        "ages.csv": "a table, not read",
        "names.txt": "a text, not read",
        "more.zip": "an archive, not unpacked",
        "more.npz": "arrays, not read",
        "read.me": "no picture",
    }


def test_a_folder_of_unlabelled_pictures_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures(tmp_path, {"train": 12, "test": 4, "test/more": 3})
    texts(tmp_path, {"labels.csv": "\n".join(["file,label", *(f"train/{i}.png,{i % 2}" for i in range(12))])})
    assert checked(tmp_path, capsys)["left_out"] == {"test": "7 pictures without a class"}


def test_an_archive_that_is_opened_says_nothing_of_its_neighbours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "set.npz", x=np.zeros((12, 8, 8), np.uint8), y=np.arange(12) % 2)
    texts(tmp_path, {"plan.docx": "x"})
    assert "plan" not in json.dumps(checked(tmp_path / "set.npz", capsys))
    assert "Not read beside set.npz: plan.docx." in checked(tmp_path, capsys)["facts"]


def test_a_refusal_names_the_setting_of_the_switch_that_it_mentions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {"cat": 5, "dog": 5, "cow": 0})
    assert "--set data.source.skip_empty=true" in checked(tmp_path, capsys)["refused"]
    assert checked(tmp_path, capsys, "data.source.skip_empty=true")["refused"] is None
    (tmp_path / "cow").rmdir()
    (tmp_path / "cat" / "0.png").write_bytes(b"x")
    assert "--set data.source.skip_unreadable=true" in checked(tmp_path, capsys)["refused"]
    assert checked(tmp_path, capsys, "data.source.skip_unreadable=true")["refused"] is None


def test_numbers_of_rows_in_a_split_are_no_names_of_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row 0 is about 19.png, and there is a 0.png as well."""
    pictures(tmp_path, {"cat": 10})
    pictures(tmp_path, {"dog": 10}, "1{}.png")
    rows = [f"{i},{19 - i}.png,{'test' if i in (0, 1, 2, 15) else 'train'}" for i in range(20)]
    texts(tmp_path, {"split.csv": "\n".join([",filename,split", *rows])})
    assert checked(tmp_path, capsys)["classes"] == {"cat": 9, "dog": 7}


def test_flags_of_another_file_are_not_guessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In one file 1 is for training, in the next one for the test."""
    pictures(tmp_path, {"cat": 10, "dog": 10})
    named = [f"{name}/{i}.png" for name in ("cat", "dog") for i in range(10)]
    texts(tmp_path, {"split.csv": "\n".join(["filename,split", *(f"{name},{i % 2}" for i, name in enumerate(named))])})
    found = checked(tmp_path, capsys)
    assert 'data.source.parts = "none"' in found["refused"] and found["parts"]["test"] == 0
