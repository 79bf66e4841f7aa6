"""The groups of a table by the headers of its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.engine.catalog.datasets.tables.grid import Grid
from workbench.engine.catalog.datasets.tables.groups import is_group_column


@pytest.mark.parametrize(
    ("head", "cells", "is_group"),
    [
        ("PatientenNr", "77", True),
        ("Patientennummer", "77", True),
        ("Pat-ID", "A", True),
        ("pid", "77", True),
        ("Proband", "A", True),
        ("animal", "M7", True),
        ("Tier", "7", True),
        ("animal", "cat", False),
        ("Tier", "Hund", False),
    ],
)
def test_headers_of_groups(head: str, cells: str, is_group: bool) -> None:
    rows = tuple((each,) for each in (cells, cells, f"{cells}2" if is_group else "dog"))
    assert is_group_column(Grid(Path("list.csv"), (head,), rows), 0) == is_group
