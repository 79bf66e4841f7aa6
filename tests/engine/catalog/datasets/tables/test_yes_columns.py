"""Columns of yes and no that the settings name for the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.odd_class_columns import TWO, table
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.yes_columns import is_sure, yes_part
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished

MARKS = [(TWO[i % 2], int(i < 8), int(8 <= i < 12), int(i >= 12)) for i in range(16)]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("train", "choose the value that is for validation"),  # not that its rows are for validation
        ("train, val", "in its row 13; choose what becomes of such rows"),
        ("train, label", "has no yes and no for one part each in “train”, “label”"),
    ],
)
def test_what_leaves_rows_open_is_refused(tmp_path: Path, part: str, said: str) -> None:
    table("file,label,train,val,test", MARKS)(tmp_path)
    with pytest.raises(WorkbenchError) as raised:
        PictureTable(file=str(tmp_path / "labels.csv"), size=8, part_column=part).load()
    assert said in str(raised.value)


def test_after_none_the_columns_are_offered_together(tmp_path: Path) -> None:
    table("file,label,train,val,test", MARKS)(tmp_path)
    found = finished(PictureTable(file=str(tmp_path / "labels.csv"), size=8, part_column="none").understood())
    (reading,) = [reading for fact in found.facts if fact.subject == "parts" for reading in fact.readings]
    assert (
        reading.settings == (("part_column", "train, val, test"),) and "8 train, 4 validation, 4 test" in reading.label
    )


@pytest.mark.parametrize(
    ("key", "part", "sure"),
    [
        ("is_test", "test", True),
        ("is_validation", "validation", True),
        ("valid", "validation", False),
        ("is_training_image", "train", False),
        ("holdout", "test", False),
        ("is_holdout", "test", False),
        ("latest", "", False),
        ("test_result", "", False),
    ],
)
def test_names(key: str, part: str, sure: bool) -> None:
    assert (yes_part(key), is_sure(key)) == (part, sure)
