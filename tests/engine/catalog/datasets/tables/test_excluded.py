"""The setting that leaves rows out: what it takes, and what it refuses by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.catalog.datasets.tables.excluded import excluded_doubt, excluded_rows
from workbench.engine.catalog.datasets.tables.grid import Grid
from workbench.engine.core.errors import WorkbenchError

GRID = Grid(
    Path("labels.csv"),
    ("file", "label", "quality", "keep: really"),
    tuple((f"{row}.png", "ab"[row % 2], ("good", "bad", "poor")[row % 3], "10"[row == 4]) for row in range(6)),
)


def test_rows_of_several_columns_and_values_each_once() -> None:
    found = excluded_rows(GRID, "quality: bad | poor; 4: 0", True)
    assert {row for rows in found.values() for row in rows} == {1, 2, 4, 5}
    assert sum(map(len, found.values())) == 4


@pytest.mark.parametrize("given", ["", "auto", "none"])
def test_nothing_is_left_out(given: str) -> None:
    assert excluded_rows(GRID, given, True) == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("bad", "write auto, none, or a column and its values"),
        ("qualty: bad", "no column called 'qualty'"),
        ("quality: worse", "“quality” has 'bad', 'good', 'poor'"),
    ],
)
def test_a_setting_that_leaves_nothing_out_is_refused(given: str, words: str) -> None:
    with pytest.raises(WorkbenchError, match=words) as caught:
        excluded_rows(GRID, given, True)
    assert caught.value.path == "data.source.left_out"


def test_the_table_of_another_part_need_not_have_the_column() -> None:
    assert excluded_rows(GRID, "exclude: 1", False) == {}


def test_a_column_whose_name_has_a_mark_of_the_setting_is_given_by_its_number() -> None:
    doubt = excluded_doubt(GRID, [3], ["a", "b"] * 3)
    assert doubt is not None and doubt.readings[0].settings == (("left_out", "4: 0"),)
