"""Groups that a table or an array writes in two ways stay together, and this is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.catalog.datasets.base import Dataset, DataSource
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.same_names import plain_name
from workbench.engine.core.progress import finished
from workbench.engine.data.groups_in_parts import group_words
from workbench.engine.data.split import split
from workbench.engine.spec.experiment import ExperimentSpec


def _said(source: DataSource) -> str:
    return " ".join(fact.sentence for fact in finished(source.understood()).facts)


def _rows(first: int, last: int, name: str) -> str:
    rows = (f"img/{i}.png,{('cat', 'dog')[i % 2]},{name.format(i // 4)}" for i in range(first, last))
    return "\n".join(("file,label,patient_id", *rows))


def _groups(loaded: Dataset) -> list[int]:
    assert loaded.groups is not None
    return loaded.groups.tolist()


@pytest.mark.parametrize("names", [("P{:02}", "p{:02}"), ("{}", "{:02}"), ("{}", "{}.0"), ("P-{}", "P_{}")])
def test_in_a_column(tmp_path: Path, names: tuple[str, str]) -> None:
    pictures(tmp_path, {"img": 16})
    first, second = _rows(0, 16, names[0]).splitlines(), _rows(0, 16, names[1]).splitlines()
    rows = [first[0], *((first, second)[i % 2][i] for i in range(1, 17))]
    texts(tmp_path, {"labels.csv": "\n".join(rows)})
    source = PictureTable(file=str(tmp_path / "labels.csv"), size=8)
    assert _groups(source.load()) == [i // 4 for i in range(16)]
    assert "4 groups in “patient_id”. Groups whose names differ only in how they are written are one" in _said(source)


def test_in_the_tables_of_two_parts(tmp_path: Path) -> None:
    """As pandas writes whole numbers beside a missing one."""
    pictures(tmp_path, {"img": 16})
    texts(tmp_path, {"train.csv": _rows(0, 10, "{}"), "val.csv": _rows(10, 16, "{}.0")})
    source = PictureTable(file=str(tmp_path / "train.csv"), size=8)
    loaded = source.load()
    assert _groups(loaded) == [i // 4 for i in range(16)] and loaded.group_names == ("0", "1", "2", "3.0")
    assert "are one group: '2' and '2.0'" in _said(source)
    data = ExperimentSpec().edited("data.source", source).data
    assert "1 group is on both sides: '2'" in " ".join(group_words(loaded, data, split(loaded, data), None))


def test_in_an_array(tmp_path: Path) -> None:
    number = np.arange(16) // 4
    patient = np.where(np.arange(16) % 2, np.char.add(number.astype(str), ".0"), number.astype(str))
    np.savez(tmp_path / "a.npz", x=np.zeros((16, 8, 8), np.uint8), y=np.arange(16) % 2, patient=patient)
    source = ArrayFile(file=str(tmp_path / "a.npz"))
    assert _groups(source.load()) == number.tolist() and "'0' and '0.0'" in _said(source)


def test_what_is_another_name() -> None:
    others = ("-1", "1", "A", "A-", "A+", "1.2", "1.02", "12", "1-2", "C#", "C++", "C")
    assert len({plain_name(each) for each in others}) == len(others)
