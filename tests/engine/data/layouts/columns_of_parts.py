"""Parts in columns of yes and no that belong together, and in columns whose names or values are unusual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout
from tests.engine.data.layouts.odd_class_columns import TWO, table

_ALL, _HELD = {"cat": 12, "dog": 12}, {"cat": 8, "dog": 8}


def _parts(head: str, *values: Sequence[object] | str) -> Callable[[Path], None]:
    """A table with two classes in turn; every two of its 24 rows have the next of ``values``."""
    rows = [values[i // 2 % len(values)] for i in range(24)]
    cells = [[row] if isinstance(row, str) else row for row in rows]
    return table(f"file,label,{head}", [(TWO[i % 2], *row) for i, row in enumerate(cells)])


LAYOUTS = [
    Layout(
        "a column for each of three parts",
        _parts("train,val,test", (1, 0, 0), (0, 1, 0), (0, 0, 1)),
        _HELD,
        (8, 8, 8),
    ),
    Layout(
        "columns for validation and test",
        _parts("is_val,is_test", *[(False, False)] * 2, (True, False), (False, True)),
        {"cat": 9, "dog": 9},
        (12, 6, 6),
    ),
    Layout(
        "columns for training and test that leave rows open",
        _parts("train,test", (1, 0), (0, 1), (0, 0)),
        {"cat": 4, "dog": 4},
        left_out=("8 rows",),
        refused='other_rows = "leave_out"',
        doubt="“train”, “test”, but none of them says yes of 8 rows",
        readings=({"cat": 4, "dog": 4}, _HELD, _ALL),
    ),
    Layout(
        "validation that is a share of training",
        _parts("is_train,is_val,is_test", (1, 0, 0), (1, 1, 0), (0, 0, 1)),
        _HELD,
        (8, 8, 8),
        refused='part_column = "is_train, is_val, is_test"',
        doubt="more than one of them says yes of 8 rows",
        readings=(_HELD, _ALL),
    ),
    Layout(
        "a word on quality beside the test",
        _parts("valid,is_test", *[(1, 0)] * 3, (1, 1)),
        {"cat": 9, "dog": 9},
        (14, 4, 6),
    ),
    Layout(
        "training as CUB names it",
        _parts("is_training_img", "1", "1", "0"),
        _ALL,
        refused="part_column",
        doubt="rows with '1' (16) train, but not whether those with '0' (8)",
        readings=(_ALL, _ALL, _HELD),
    ),
    Layout(
        "what is held out",
        _parts("holdout", "no", "no", "yes"),
        _ALL,
        refused="part_column",
        doubt="“holdout” may say which rows train",
        readings=(_ALL, _ALL, {"cat": 4, "dog": 4}, _ALL, _HELD),
    ),
    Layout("parts of a year", _parts("dataset", "train2017", "train2017", "val2017"), _ALL, (16, 8, 0)),
    Layout("training and evaluation", _parts("used_for", "training", "training", "evaluation"), _ALL, (16, 8, 0)),
    Layout(
        "a part that begins with another",
        _parts("stage", "train", "train", "eval", "dev-test"),
        {"cat": 9, "dog": 9},
        (12, 6, 0),
        refused='test_value = "dev-test"',
        doubt="some of its values are no part: 'dev-test' (6)",
        readings=({"cat": 9, "dog": 9}, {"cat": 9, "dog": 9}, _ALL, _ALL),
    ),
]
