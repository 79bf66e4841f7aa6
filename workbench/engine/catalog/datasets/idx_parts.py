"""What the labels of a test part of IDX files say of classes that training has not, or that it has alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from workbench.engine.catalog.datasets.idx_file import Bytes, refuse
from workbench.engine.catalog.datasets.one_class import one_class_doubts
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, paths_text

_NAMED = 8


def label_doubts(file: Path, trained: Bytes, tested: Bytes, classes: int) -> Iterator[Doubt]:
    """Doubts on the labels ``tested`` (uint8) in ``file`` beside those ``trained`` on, with this number of classes.

    Raises WorkbenchError where the test part seems to count from another number.
    """
    known, there = set(np.unique(trained).tolist()), set(np.unique(tested).tolist())
    more, fewer = sorted(there - known), sorted(known - there)
    for step in (1, -1):
        if more and len(there) > 1 and there == {label + step for label in known}:
            refuse(file, f"{_TEXT[step]}; bring another file, or move the files of the test part out of the folder")
    if more:
        count = int(np.isin(tested, more).sum())
        yield _unknown(count, more, classes)
    if len(there) == 1:
        words = [str(label) for label in tested.tolist()]
        yield from one_class_doubts([str(label) for label in known], {"test": words}, {})
    elif fewer:
        text = f"The test part has no picture with {_labels(fewer)}, which training has: it says nothing of that."
        yield Doubt("files", text)


_TEXT = {
    1: "counts its labels from one more than training does (one of them may count from 0 and the other from 1)",
    -1: "counts its labels from one less than training does (one of them may count from 0 and the other from 1)",
}


def _unknown(count: int, labels: Sequence[int], classes: int) -> Doubt:
    are = counted(count, "picture", "pictures")
    text = f"The test part has {are} with {_labels(labels)}, which training has not: no model can be right there."
    if labels[-1] < classes:
        return Doubt("files", text)
    most = Reading(f"{labels[-1] + 1} classes, 0 to {labels[-1]}", (("classes", labels[-1] + 1),))
    text = f"{text} It cannot be measured as long as the classes count to {classes - 1}."
    return Doubt("parts", text, (most,))


def _labels(labels: Sequence[int]) -> str:
    return f"the label{'s' if len(labels) > 1 else ''} {paths_text([str(label) for label in labels], _NAMED)}"
