"""Test examples whose class no example to train on has: they cannot be tested and are left out, which is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.catalog.datasets.array_values import refuse
from workbench.engine.core.text import counted, paths_text

Values = npt.NDArray[Any]


def without_unknown(
    archive: ArrayArchive, pairs: Heads, trained: Sequence[str]
) -> tuple[Heads, tuple[tuple[str, str], ...]]:
    """``pairs`` without the test examples of classes that the first of ``trained`` has not, and how many these are and
    why. Raises WorkbenchError for such of validation, and for labels that are counted otherwise.

    Labels that are a column for each class are not looked at.
    """
    others = {part for part in ("validation", "test") if part in pairs and part != trained[0]}
    if not others or not all(pair.labels.is_labels for pair in pairs.values()):
        return pairs, ()
    values = {part: _named(pair.taken(archive.read(pair.labels).reshape(-1))) for part, pair in pairs.items()}
    known = np.unique(values[trained[0]])
    strange = {part: ~np.isin(values[part], known) for part in others}
    for part in sorted(others):
        _refuse_shift(archive, part, np.unique(values[part]), known)
    if "validation" in others and strange["validation"].any():
        names = _shown(values["validation"][strange["validation"]])
        text = f"has classes in validation but not in train: {names} (there are {_shown(known)})"
        refuse(archive.file, f"{text}; leave such pictures out, or write the labels of both alike")
    if "test" not in others or not strange["test"].any():
        return pairs, ()
    test = pairs["test"].only(~strange["test"])
    names = _shown(values["test"][strange["test"]])
    count = counted(int(strange["test"].sum()), "picture")
    left_out = (count, f"test pictures of classes that training has not: {names}")
    without = {part: pair for part, pair in pairs.items() if part != "test"}
    return {**without, "test": test} if test.count else without, (left_out,)


def _refuse_shift(archive: ArrayArchive, part: str, labels: Values, known: Values) -> None:
    """Raise WorkbenchError where ``labels`` count from 1 and the ``known`` from 0, or the other way round."""
    if not len(labels) or labels.dtype.kind not in "iu" or known.dtype.kind not in "iu":
        return
    more = int(labels[-1]) == int(known[-1]) + 1 and known[0] not in labels
    less = int(labels[0]) == int(known[0]) - 1 and known[-1] not in labels
    if more or less:
        text = f"has the labels {_shown(known)} in train and {_shown(labels)} in {part}: they seem to be counted from"
        refuse(archive.file, f"{text} another number; write the labels of both alike")


def _named(values: Values) -> Values:
    """Labels as they are compared: whole numbers, or texts."""
    if values.dtype.kind in "SU":
        return np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values
    is_whole = values.dtype.kind == "f" and bool((np.isfinite(values) & (values == np.rint(values))).all())
    return values.astype(np.int64) if is_whole or values.dtype.kind in "iub" else values


def _shown(values: Values) -> str:
    return paths_text([str(each) for each in np.unique(values).tolist()], 6)
