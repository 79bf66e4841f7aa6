"""Which column of a table is what: settings, sure cases, doubts, and values that are handed on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.values import is_quantity
from workbench.engine.catalog.datasets.understanding import Understanding
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.class_folders import ClassFolders, natural
from workbench.engine.pictures.folder_scans import FolderScans


def written(folder: Path, head: str, *rows: str, **settings: str) -> PictureTable:
    """A table whose pictures, ``0.png`` and so on, are empty files: nothing is decoded here."""
    for index in range(len(rows)):
        (folder / f"{index}.png").touch()
    (folder / "list.csv").write_text("\n".join([head] * bool(head) + list(rows)), encoding="utf-8")
    return PictureTable(file=str(folder / "list.csv"), **settings)


def found(source: PictureTable, test: bool = False) -> ClassFolders:
    return source.found(test, FolderScans())


def reading(source: PictureTable) -> Understanding:
    return source.reading(FolderScans())


def refusal(source: PictureTable) -> tuple[str, str]:
    with pytest.raises(WorkbenchError) as caught:
        found(source)
    return caught.value.message, caught.value.path


ROWS = [f"{index}.png,{'ab'[index % 2]},{'xyz'[index % 3]},p{index // 2}" for index in range(8)]
HEAD = "file,breed,colour,patient_id"


@pytest.mark.parametrize(
    ("column", "classes"), [("colour", ("x", "y", "z")), ("3", ("x", "y", "z")), ("BREED", ("a", "b"))]
)
def test_a_column_is_chosen_by_name_or_number(tmp_path: Path, column: str, classes: tuple[str, ...]) -> None:
    source = written(tmp_path, HEAD, *ROWS, class_column=column)
    assert found(source).classes == tuple(classes)
    assert not reading(source).doubts


def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    message, path = refusal(written(tmp_path, HEAD, *ROWS, class_column="species"))
    assert "no column called 'species'. It has 'file', 'breed'" in message and path == "data.source.class_column"


def test_groups_are_handed_on_for_each_file_and_can_be_left(tmp_path: Path) -> None:
    source = written(tmp_path, HEAD, *ROWS, class_column="breed")
    groups = found(source).groups
    assert groups is not None and groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    without = source.model_copy(update={"group_column": "none"})
    assert found(without).groups is None
    assert [column for column, _ in reading(without).left_out] == ["column “colour”", "column “patient_id”"]


def test_a_group_stays_with_its_picture_when_others_are_left_out(tmp_path: Path) -> None:
    kept = np.arange(8) % 3 == 0
    groups = found(written(tmp_path, HEAD, *ROWS, class_column="breed")).only(kept).groups
    assert groups is not None and groups.tolist() == [0, 1, 3]


def test_a_value_of_the_part_column_holds_back(tmp_path: Path) -> None:
    rows = [f"{index}.png,{'ab'[index % 2]},{index // 2}" for index in range(8)]
    source = written(tmp_path, "file,label,fold", *rows, part_column="fold", validation_value="1", test_value="3")
    listing, test = found(source), found(source, test=True)
    assert listing.validation is not None and [f.name for f in listing.files] == [f"{i}.png" for i in range(6)]
    assert listing.validation.tolist() == [False, False, True, True, False, False]
    assert [f.name for f in test.files] == ["6.png", "7.png"]
    message, path = refusal(source.model_copy(update={"validation_value": "9"}))
    assert "no row with '9' in “fold”, which has '0', '1', '2', '3'" in message and path.endswith("validation_value")


@pytest.mark.parametrize("yes", ["1", "True", "yes"])
def test_is_valid_and_is_test_say_it_by_yes_and_no(tmp_path: Path, yes: str) -> None:
    no = {"1": "0", "True": "False", "yes": "no"}[yes]
    rows = [f"{index}.png,{'ab'[index % 2]},{yes if index > 5 else no}" for index in range(8)]
    held = found(written(tmp_path, "file,label,is_valid", *rows)).validation
    assert held is not None and held.tolist() == [False] * 6 + [True] * 2
    assert len(found(written(tmp_path, "file,label,is_test", *rows), test=True).files) == 2


def test_a_column_called_valid_may_speak_of_quality_and_is_asked(tmp_path: Path) -> None:
    rows = [f"{index}.png,{'ab'[index % 2]},{int(index > 5)}" for index in range(8)]
    source = written(tmp_path, "file,label,valid", *rows)
    assert found(source).validation is None
    (doubt,) = reading(source).doubts
    assert doubt.subject == "parts" and "“valid” may say" in doubt.sentence
    assert [dict(each.settings) for each in doubt.readings][:2] == [
        {"part_column": "none"},
        {"part_column": "valid", "validation_value": "0"},
    ]


def test_test_rows_without_a_class_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        f"{index}.png,{'ab'[index % 2] if index < 6 else ''},{'test' if index > 5 else 'train'}" for index in range(8)
    ]
    source = written(tmp_path, "file,label,split", *rows)
    assert len(found(source).files) == 6
    assert ("2 rows", "test rows without a class") in reading(source).left_out
    assert "2 rows of list.csv left out: test rows without a class" in found(source).note


def test_equal_rows_are_used_once_and_said(tmp_path: Path) -> None:
    rows = [f"{index}.png,{'ab'[index % 2]}" for index in range(4)]
    source = written(tmp_path, "file,label", *rows)
    (tmp_path / "list.csv").write_text("\n".join(["file,label", *rows, *rows[:2]]))
    listing = found(source)
    assert len(listing.files) == 4 and "2 rows of list.csv repeat a picture" in listing.note


def test_whole_numbers_with_a_point_are_called_without_it(tmp_path: Path) -> None:
    rows = [f"{index}.png,{index % 2}.0" for index in range(4)]
    assert found(written(tmp_path, "file,label", *rows)).classes == ("0", "1")


def test_a_year_alone_is_asked_about(tmp_path: Path) -> None:
    rows = [f"{index}.png,{2019 + index % 2}" for index in range(4)]
    (doubt,) = reading(written(tmp_path, "file,year", *rows)).doubts
    assert doubt.is_refused and "“year” (2: 2019, 2020)" in doubt.sentence


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["0", "1", "2"] * 10, False),
        ([str(index) for index in range(30)], True),
        ([f"{index}.5" for index in range(30)], True),
        (["0.5", "1.0", "1.5"] * 10, False),
        ([str(index % 100) for index in range(1000)], False),
        (["a", "b", "3"] * 10, False),
    ],
    ids=["three", "all different", "fractions", "half steps", "a hundred classes", "texts"],
)
def test_a_quantity_is_told_from_classes(values: list[str], wanted: bool) -> None:
    assert is_quantity(values) is wanted


def test_of_two_columns_of_pictures_those_that_are_there_are_read(tmp_path: Path) -> None:
    rows = [f"masks/{index}.png,{index}.png,{'ab'[index % 2]}" for index in range(4)]
    source = written(tmp_path, "mask,image,label", *rows)
    assert [file.name for file in found(source).files] == [f"{index}.png" for index in range(4)]
    assert not reading(source).doubts
    (tmp_path / "masks").mkdir()
    for index in range(4):
        (tmp_path / "masks" / f"{index}.png").touch()
    (doubt,) = reading(source).doubts
    assert doubt.subject == "columns" and dict(doubt.readings[1].settings) == {"path_column": "image"}
    chosen = source.model_copy(update={"path_column": "image"})
    assert found(chosen).files[0] == tmp_path / "0.png"


def test_a_column_that_is_chosen_as_the_class_is_not_the_group_as_well(tmp_path: Path) -> None:
    source = written(tmp_path, HEAD, *ROWS, class_column="patient_id")
    assert found(source).classes == ("p0", "p1", "p2", "p3") and found(source).groups is None


def test_a_column_that_marks_no_picture_is_no_class_and_is_said(tmp_path: Path) -> None:
    rows = [f"{index}.png,{index % 2},{1 - index % 2},0" for index in range(8)]
    source = written(tmp_path, "file,mel,nv,unk", *rows)
    assert found(source).classes == ("mel", "nv")
    (said,) = (fact.sentence for fact in reading(source).facts if "with a 1" in fact.sentence)
    assert said.endswith("No picture has a 1 in “unk”: no class is made of it.")


def test_a_value_that_is_chosen_for_one_part_leaves_the_words_for_the_other(tmp_path: Path) -> None:
    rows = [f"{index}.png,{'ab'[index % 2]},{('train', 'vali', 'test')[index % 3]}" for index in range(12)]
    source = written(tmp_path, "file,label,subset", *rows, part_column="subset", validation_value="vali")
    assert len(found(source).files) == 8 and len(found(source, test=True).files) == 4


@pytest.mark.parametrize(
    ("names", "ordered"),
    [(("0", "1", "-1"), ("-1", "0", "1")), (("-2", "-10", "3"), ("-10", "-2", "3")), (("b-1", "b-0"), ("b-0", "b-1"))],
)
def test_negative_numbers_come_before_others(names: tuple[str, ...], ordered: tuple[str, ...]) -> None:
    assert tuple(sorted(names, key=natural)) == ordered
