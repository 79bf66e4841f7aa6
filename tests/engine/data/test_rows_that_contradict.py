"""Tables whose rows contradict each other: a way out is named where something to learn is left by it, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.engine.data.layouts.layout import pictures, texts
from workbench.engine.core.progress import finished
from workbench.engine.data.command import command
from workbench.engine.data.understand import understand_path


def _table(root: Path, labels: Sequence[str]) -> Path:
    """A picture for each of ``labels``, with a row for each of its letters."""
    pictures(root, {"images": len(labels)})
    rows = [f"{index}.png,{label}" for index, each in enumerate(labels) for label in each]
    texts(root, {"labels.csv": "\n".join(("file,label", *rows))})
    return root / "labels.csv"


@pytest.mark.parametrize(
    ("labels", "offered"),
    [
        (["ab"] * 12, ()),  # the first of each is of one class as well
        (["ab", "ba"] * 6, ("first",)),
        (["ab", "ba", *"aaaa"], ("first",)),
        (["ab", "ba", *"aabb"], ("leave_out", "first")),
    ],
)
def test_only_rules_that_leave_something_to_learn_are_named(
    labels: Sequence[str], offered: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = _table(tmp_path, labels)
    assert command([str(table)]) == 2
    said = capsys.readouterr().out
    for rule in ("leave_out", "first"):
        assert (f"data.source.repeated={rule}" in said) == (rule in offered)
        after = finished(understand_path(table, [("data.source.repeated", rule)]))
        assert (after.refused is None) == (rule in offered)
    assert ("several labels per picture are not supported" in said) and ("leave one of the rows" in said)


def test_few_of_them_are_asked_about_with_ways_that_leave_two_classes(tmp_path: Path) -> None:
    table = _table(tmp_path, ["ab", *"a" * 11])
    found = finished(understand_path(table))
    assert [reading.settings for doubt in found.doubts for reading in doubt.readings] == []
    both = finished(understand_path(_table(tmp_path, ["ab", *"a" * 6, *"b" * 6])))
    (doubt,) = both.doubts
    assert [reading.settings for reading in doubt.readings] == [
        (("repeated", "leave_out"),),
        (("repeated", "first"),),
    ]
