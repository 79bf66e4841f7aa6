"""Whichever column of a table is used for class, part and group: the others are one click away, before and after."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.progress import finished
from workbench.engine.data.understand import Understood, understand
from workbench.engine.spec.experiment import ExperimentSpec

ROWS = [(f"{i}.png", "ab"[i % 2], "xyz"[i % 3], ("train", "test")[i > 8], f"p{i // 2}") for i in range(12)]


def table(root: Path, head: str) -> ExperimentSpec:
    pictures(root, {"": 12})
    text = "\n".join([head, *(",".join(row) for row in ROWS)] if head else (",".join(row) for row in ROWS))
    texts(root, {"list.csv": text})
    return ExperimentSpec().edited("data.source", {"kind": "csv", "file": str(root / "list.csv")})


def known(spec: ExperimentSpec, **settings: str) -> Understood:
    for name, value in settings.items():
        spec = spec.edited(f"data.source.{name}", value)
    found: Understood = finished(understand(spec))
    return found


def fact(found: Understood, words: str) -> Fact:
    (only,) = (each for each in found.facts if words in each.sentence)
    return only


@pytest.mark.parametrize("head", ["file,label,kind,split,patient", "file,kind,style,split,patient", ""])
def test_another_class_is_one_click_away_whatever_the_table_says_of_itself(tmp_path: Path, head: str) -> None:
    first, second = ("2", "3") if not head else tuple(head.split(",")[1:3])
    for column, other in ((first, second), (second, first)):
        found = known(table(tmp_path, head), class_column=column)
        assert found.refused is None and len(found.classes) == (2 if column == first else 3)
        readings = [dict(reading.settings) for reading in fact(found, "The class is").readings]
        assert {"class_column": other} in readings and {"class_column": column} not in readings


def test_parts_and_groups_that_are_not_used_can_be_used_again(tmp_path: Path) -> None:
    spec = table(tmp_path, "file,label,kind,split,patient")
    found = known(spec, part_column="none")
    assert found.parts["test"] == 0
    (reading,) = fact(found, "No column gives the parts").readings
    assert known(spec, **dict(reading.settings)).parts["test"] == 3
    (without,) = fact(known(spec, group_column="patient"), "6 groups in “patient”").readings
    back = fact(known(spec, **dict(without.settings)), "Set: Group column 'none'").readings[0]
    assert dict(back.settings) == {"group_column": "auto"}
