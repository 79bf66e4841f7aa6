"""Opening data is a short conversation: reasons are true, settings reach what detection refuses, refusals name them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data import command
from workbench.engine.data.detect import recognise
from workbench.engine.data.own_data import NotData
from workbench.engine.data.understand import understand_path


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


def test_a_column_of_several_labels_is_a_way_only_if_it_has_two_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {"train": 6})
    rows = [f"{index}.png,1,{index % 2}" for index in range(6)]
    texts(tmp_path, {"train/_classes.csv": "\n".join(["filename,cat,dog", *rows])})
    table = tmp_path / "train" / "_classes.csv"
    refused = checked(tmp_path, capsys)["refused"]
    assert f"Open {table} instead" in refused and refused.count("_classes.csv") == 1
    refused = checked(table, capsys)["refused"]
    assert "choose “dog” as the “Class column”" in refused and "--set data.source.class_column=…" in refused
    found = checked(table, capsys, "data.source.class_column=dog")
    assert found["refused"] is None and found["classes"] == {"0": 3, "1": 3}


def test_a_test_part_of_other_classes_is_left_out_by_the_names_of_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = {"Abyssinian": "trainval", "Bengal": "trainval", "bulldog": "test"}
    for name in parts:
        pictures(tmp_path, {"images": 6}, f"{name}_{{}}.png")
    for part in ("trainval", "test"):
        listed = [f"{name}_{index} 1 1 1" for name, of in parts.items() if of == part for index in range(6)]
        texts(tmp_path, {f"annotations/{part}.txt": "\n".join(listed)})
    by_names = "data.source.classes=file_names"
    refused = checked(tmp_path, capsys, by_names)["refused"]
    assert "classes that training has not: 'bulldog'" in refused and 'left_out = "bulldog_*"' in refused
    found = checked(tmp_path, capsys, by_names, "data.source.left_out=bulldog_*")
    assert found["refused"] is None and found["classes"] == {"Abyssinian": 6, "Bengal": 6}


def test_pictures_in_rows_of_two_classes_are_used_as_chosen_whatever_their_share(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {"img": 10})
    rows = [f"img/{index}.png,{('cat', 'dog')[index % 2]}" for index in range(10)]
    texts(tmp_path, {"labels.csv": "\n".join(["path,label", *rows, "img/0.png,dog", "img/1.png,cat"])})
    refused = checked(tmp_path / "labels.csv", capsys)["refused"]
    assert "--set data.source.repeated=leave_out or --set data.source.repeated=first" in refused
    for where in (tmp_path, tmp_path / "labels.csv"):  # the folder is its table where a setting of a table is given
        assert checked(where, capsys, "data.source.repeated=first")["classes"] == {"cat": 5, "dog": 5}
        assert checked(where, capsys, "data.source.repeated=leave_out")["classes"] == {"cat": 4, "dog": 4}


def test_two_pictures_that_differ_in_their_suffix_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures(tmp_path, {"img": 4})
    pictures(tmp_path, {"img": 4}, "{}.jpg", "JPEG")
    texts(tmp_path, {"labels.csv": "\n".join(["id,label", *(f"img/{i},{'ab'[i % 2]}" for i in range(4))])})
    refused = checked(tmp_path, capsys)["refused"]
    assert "names 'img/0' without a suffix, and there are img/0.jpg, img/0.png" in refused


def test_the_set_beside_its_masks_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("001.Albatross", "002.Auklet")
    pictures(tmp_path, {f"{place}/{name}": 5 for place in ("CUB/images", "segmentations") for name in names})
    listed = [(f"{name}/{index}.png", index % 2) for name in names for index in range(5)]
    texts(tmp_path, {"CUB/images.txt": "\n".join(f"{n} {path}" for n, (path, _) in enumerate(listed, 1))})
    texts(
        tmp_path,
        {"CUB/train_test_split.txt": "\n".join(f"{n} {is_train}" for n, (_, is_train) in enumerate(listed, 1))},
    )
    assert f"open {tmp_path / 'CUB'}, which is a set by itself" in checked(tmp_path, capsys)["refused"]
    assert checked(tmp_path / "CUB", capsys)["refused"] is None


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("CIFAR10", "cifar-10-batches-py/data_batch_1"),
        ("STL10", "stl10_binary/train_X.bin"),
        ("SVHN", "train_32x32.mat"),
        ("Flowers102", "flowers-102/imagelabels.mat"),
    ],
)
def test_the_own_files_of_a_well_known_set_are_opened_as_that_set(name: str, file: str, tmp_path: Path) -> None:
    texts(tmp_path, {file: "x"})
    (tmp_path / file).parent.joinpath("jpg").mkdir()
    for opened in (tmp_path, (tmp_path / file).parent):
        found = recognise([opened])
        assert (found.kind, dict(found.settings)) == ("torchvision_set", {"name": name, "folder": str(tmp_path)})
        assert name in found.note


def test_the_files_of_flowers_in_a_folder_of_another_name_say_how_they_are_read(tmp_path: Path) -> None:
    pictures(tmp_path, {"jpg": 6}, "image_{:05}.jpg", "JPEG")
    texts(tmp_path, {"imagelabels.mat": "x"})
    with pytest.raises(NotData, match="Well-known set if they lie in a folder flowers-102"):
        recognise([tmp_path])


def test_a_test_part_whose_labels_are_kept_back_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, file = np.random.Generator(np.random.PCG64(0)), tmp_path / "d.npz"
    x, y = rng.integers(0, 256, (18, 8, 8, 3), np.uint8), np.arange(18) % 3
    np.savez(file, x_train=x[:12], y_train=y[:12], x_test=x[12:], y_test=np.full(6, -1))
    found = checked(file, capsys)
    assert found["refused"] is None and found["parts"] == {"train": 9, "validation": 3, "test": 0}
    assert {"array 'x_test'", "array 'y_test'"} <= set(found["left_out"])
    assert any("All labels in 'y_test' are below 0" in note for note in found["notes"])
    assert not any("test from" in fact for fact in found["facts"])
    np.savez(file, x_train=x[:12], y_train=y[:12], x_test=x[12:], y_test=np.array([-1, 0, 1, 2, 0, 1]))
    found = checked(file, capsys)  # one of them is no part kept back
    assert found["parts"]["test"] == 5 and found["left_out"] == {"1 picture": "test pictures without a class"}


def test_a_test_part_of_other_classes_is_left_out_by_the_ends_of_its_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part, names in (("train", ("cat", "dog")), ("test", ("dog", "cow"))):
        for name in names:
            pictures(tmp_path, {part: 6}, f"{{}}_{name}.png")
    by_ends = "data.source.classes=name_ends"
    refused = checked(tmp_path, capsys, by_ends)
    assert any("classes that training has not: 'cow'" in doubt for doubt in refused["doubts"])
    assert refused["readings"][0][0]["settings"] == {"data.source.left_out": "*_cow.*"}
    assert checked(tmp_path, capsys, by_ends, "data.source.left_out=*_cow.*")["parts"]["test"] == 6


def test_a_test_part_of_other_classes_is_left_out_by_words_in_its_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part, names in (("train", ("cat", "dog")), ("test", ("dog", "cow"))):
        for name in names:
            pictures(tmp_path, {part: 6}, f"{{}}_{name}_left.png")
    by_words = "data.source.classes=name_words"
    refused = checked(tmp_path, capsys, by_words)
    assert refused["readings"][0][0]["settings"] == {"data.source.left_out": "*_cow_*"}
    assert checked(tmp_path, capsys, by_words, "data.source.left_out=*_cow_*")["parts"]["test"] == 6


def test_another_table_is_opened_by_one_click_whatever_columns_were_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {"img": 12})
    for name, head, both in (("a.csv", "file,label,form", ("cat", "dog")), ("b.csv", "file,kind,no", ("x", "y"))):
        rows = [f"img/{i}.png,{both[i % 2]},{'uv'[i // 6]}" for i in range(12)]
        texts(tmp_path, {name: "\n".join([head, *rows])})
    found = finished(understand_path(tmp_path, [("data.source.class_column", "form")]))
    (fact,) = (fact for fact in found.facts if "Other tables beside a.csv are not read: b.csv." in fact.sentence)
    edits = [("data.source.class_column", "form"), *fact.readings[0].edits.items()]
    after = finished(understand_path(tmp_path, edits))
    assert fact.readings[0].label == "Open b.csv: 12 pictures"
    assert after.spec is not None and after.spec.data.source.brief().startswith("b.csv")
    assert after.refused is None or any(doubt.is_refused for doubt in after.doubts)


def test_boxes_that_are_not_used_are_called_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures(tmp_path, {".": 8})
    rows = [f"{i}.png,1,2,5,6,{'ab'[i % 2]}" for i in range(8)]
    texts(tmp_path, {"boxes.csv": "\n".join(["image,xmin,ymin,xmax,ymax,label", *rows])})
    (note,) = checked(tmp_path, capsys)["notes"]
    assert note.endswith("which are boxes: each whole picture is learned as its class.")


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("file_names", "say only one class, 'obj'"),
        ("name_ends", "holds no picture whose name says a class"),
        ("folders", "holds no class folders"),
    ],
)
def test_a_way_of_reading_that_finds_nothing_speaks_of_no_folder_that_is_not_there(
    level: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures(tmp_path, {".": 6}, "obj{}.png")
    assert said in checked(tmp_path, capsys, f'data.source.classes="{level}"')["refused"]


def test_a_reading_that_would_be_refused_is_not_offered_beside_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pictures of ``nok`` alone would be those of a segmentation set."""
    pictures(tmp_path, {"nok/images": 6, "nok/masks": 6, "ok/images": 6, "ok/late": 6})
    (readings,) = checked(tmp_path, capsys)["readings"]
    assert readings
    for reading in readings:
        edits = [f"{name}={json.dumps(value)}" for name, value in reading["settings"].items()]
        found = checked(tmp_path, capsys, *edits)
        assert found["refused"] is None or found["doubts"]
