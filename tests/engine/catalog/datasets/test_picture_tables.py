"""Tables of pictures: what is understood, and a sentence for everything wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.engine.catalog.datasets.helpers import reds, refusal, rows, table
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.pictures.folder_scans import FolderScans


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", ["", "path{}label\n", "\ufeffpath{}label\n"])
def test_a_table_is_read_with_and_without_a_header(pictures: Path, delimiter: str, header: str) -> None:
    data = table(pictures, header.format(delimiter) + rows(delimiter)).load()
    assert reds(data) == [0, 1, 2, 3, 4, 5]
    assert data.classes == ("a", "b")
    assert data.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert data.validation is None
    assert data.notes == ()
    assert data.files[1] == str(pictures / "pictures" / "1.png")


def test_what_spreadsheets_and_quotes_do_to_a_table_is_understood(pictures: Path) -> None:
    os.replace(pictures / "pictures" / "1.png", pictures / "pictures" / "1\n.png")
    lines = rows(";").replace("pictures/1.png", '"pictures/1\n.png"')
    data = table(pictures, f"sep=;\r\npath;label\r\n{lines}").load()
    assert reds(data) == [0, 1, 2, 3, 4, 5] and data.classes == ("a", "b")


@pytest.mark.timeout(60)
def test_in_a_large_table_all_double_rows_are_asked_about_at_once(pictures: Path) -> None:
    lines = "".join(f"pictures/{i}.png,{'ab'[i % 2]}\n" for i in range(40_000))
    twice = "".join(f"pictures/{i}.png,{'ba'[i % 2]}\n" for i in (7, 39_999))
    (doubt,) = table(pictures, lines + twice).reading(FolderScans()).doubts
    assert "2 pictures more than once with different classes: 7.png (a and b), 39999.png (a and b)" in doubt.sentence
    assert [reading.settings for reading in doubt.readings] == [(("repeated", "leave_out"),), (("repeated", "first"),)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes among its files")
def test_a_pipe_in_a_table_is_named_and_not_waited_for(pictures: Path) -> None:
    os.mkfifo(pictures / "pipe.png")
    assert "pipe.png (not a file but a pipe or a device)" in refusal(table(pictures, rows() + "pipe.png,a\n"))


def test_columns_are_found_by_what_they_hold(pictures: Path) -> None:
    lines = [f'{i},"{"xy"[i % 2]}, z",some words,pictures/{i}.png\n' for i in range(6)]
    data = table(pictures, "id,Category,comment,image\n" + "".join(lines)).load()
    assert data.classes == ("x, z", "y, z")
    assert reds(data) == [0, 1, 2, 3, 4, 5]


def test_a_column_of_parts_splits(pictures: Path) -> None:
    parts = ["train", "Train", "val", "validation", "test", "train"]
    lines = "".join(f"{part},pictures/{i}.png,{'ab'[i % 2]}\n" for i, part in enumerate(parts))
    source = table(pictures, "split,file,label\n" + lines)
    data = source.load()
    assert data.validation is not None
    assert (reds(data), data.validation.tolist()) == ([0, 1, 2, 3, 5], [False, False, True, True, False])
    test = load_part(source, "test")
    assert (reds(test), test.labels.tolist(), test.classes) == ([4], [0], ("a", "b"))


def test_paths_elsewhere_are_resolved_and_shown(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LD27."""
    (pictures / "tables").mkdir()
    monkeypatch.setenv("HOME", str(pictures))
    absolute = pictures / "pictures" / "2.png"
    text = f"../pictures/0.png,a\n~/pictures/1.png,b\n{absolute},a\n./../pictures/../pictures/3.png,b\n"
    data = table(pictures / "tables", text).load()
    assert data.files == tuple(str(pictures / "pictures" / f"{i}.png") for i in range(4))
    assert f"4 of the pictures lie outside of {pictures / 'tables'}: {pictures / 'pictures' / '0.png'}" in data.notes[0]
    home = PictureTable(file="~/tables/table.csv", size=8)
    assert reds(home.load()) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("path,label\n", "a header and no row below it"),
        ("pictures/0.png\n", "one column only"),
        ("a,b\nc,d\n", "no column with the paths of pictures"),
        ("pictures/0.png,a\npictures/1.png,\n", "no class in its row 2"),
        ("file,label\npictures/0.png,a\n,b\n", "no path in its row 2"),
        ("pictures/0.png,a\npictures/1.png,a\n", "only one class, 'a'"),
        ("pictures/0.png,a\npictures/0.png,b\n", "more than once, as 'a' and 'b'; leave one"),
        ("pictures/0.png,a\npictures/../pictures/0.png,b\n", "more than once, as 'a' and 'b'"),
        ("pictures/0.png,a\nhttps://example.org/1.png,b\n", "a web address in its row 2"),
        ("pictures/0.png,a\nfile:///pictures/1.png,b\n", "/pictures/1.png (No such file or directory)"),
        ('pictures/0.png,a\n"pictures/1.png,b\n', "one column only in its row 2"),
        ("made by hand\npictures/0.png,a\npictures/1.png,b\n", "one column only in its row 1"),
        (
            "f,l,s\npictures/0.png,a,train\npictures/1.png,b,train\npictures/2.png,c,val\n",
            "'c' in validation but not in",
        ),
        ('"pictures/0.png,a\n', "one row alone, and that names no picture"),
        ("pictures/0.png,a\x00\npictures/1.png,b\n", None),
    ],
)
def test_every_fault_of_a_table_gets_a_sentence(pictures: Path, text: str, words: str | None) -> None:
    message = refusal(table(pictures, text)) if words else ""
    if words:
        assert words in message
        assert str(pictures) in message


def test_comments_above_the_rows_are_no_rows_and_a_header_may_begin_as_one(pictures: Path) -> None:
    plain = table(pictures, rows()).load()
    for above in ("# made by hand\n# in May\n", "#file,label\n"):
        found = table(pictures, above + rows()).load()
        assert found.files == plain.files and found.classes == plain.classes


def test_other_texts_are_refused(pictures: Path) -> None:
    (pictures / "bad").write_bytes(b"\xff\xfep\x00a\x00\xd8\xd8")
    assert "begins as UTF-16" in refusal(PictureTable(file=str(pictures / "bad")))
    assert "is no readable table" in refusal(table(pictures, f"pictures/0.png,{'x' * 200_000}\n"))


def test_a_missing_picture_is_named(pictures: Path) -> None:
    source = table(pictures, rows() + "pictures/99.png,a\n")
    assert "pictures/99.png (No such file or directory)" in refusal(source)
    assert len(source.model_copy(update={"skip_unreadable": True}).load().labels) == 6


def test_rows_whose_files_are_missing_are_left_out_not_removed(pictures: Path) -> None:
    missing = refusal(table(pictures, rows() + "pictures/none.png,a\n"))
    assert "Bring the files that are missing, or leave their rows out" in missing and "Remove" not in missing
    (pictures / "pictures" / "broken.png").write_bytes(b"none")
    assert "leave their rows out" not in refusal(table(pictures, rows() + "pictures/broken.png,a\n"))


@pytest.mark.parametrize(("column", "cross_validation"), [("kfold", True), ("usage", False)])
def test_a_column_of_folds_names_cross_validation(pictures: Path, column: str, cross_validation: bool) -> None:
    lines = "".join(f"pictures/{i}.png,{'ab'[i % 2]},{i % 3}\n" for i in range(6))
    (doubt,) = table(pictures, f"file,label,{column}\n{lines}").reading(FolderScans()).doubts
    assert ("“Folds” (data.folds)" in doubt.sentence) is cross_validation


def test_what_is_open_in_a_column_of_training_is_named(pictures: Path) -> None:
    lines = "".join(f"pictures/{i}.png,{'ab'[i % 2]},{int(i < 4)}\n" for i in range(6))
    (doubt,) = table(pictures, f"file,label,is_train\n{lines}").reading(FolderScans()).doubts
    assert "the rows with '1' (4) train, but not whether those with '0' (2) are for validation" in doubt.sentence
