"""Test examples whose class no example to train on has: they cannot be tested and are left out, which is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.core.text import counted, paths_text

Values = npt.NDArray[Any]


def without_unknown(
    archive: ArrayArchive, pairs: Heads, trained: Sequence[str]
) -> tuple[Heads, tuple[tuple[str, str], ...]]:
    """``pairs`` without the test examples of classes that the first of ``trained`` has not, and how many these are and
    why. Labels that are counted or written otherwise stay, and so do those that are a column for each class.
    """
    if "test" not in pairs or "test" in trained or not all(pair.labels.is_labels for pair in pairs.values()):
        return pairs, ()
    values = {part: _named(pair.values(archive)) for part, pair in pairs.items()}
    known, tested = np.unique(values[trained[0]]), values["test"]
    strange = ~np.isin(tested, known)
    if not strange.any() or not _are_of_one_kind(known, np.unique(tested)):
        return pairs, ()
    test = pairs["test"].only(~strange)
    reason = f"test pictures of classes that training has not: {_shown(tested[strange])}"
    without = {part: pair for part, pair in pairs.items() if part != "test"}
    return {**without, "test": test} if test.count else without, ((counted(int(strange.sum()), "picture"), reason),)


def _are_of_one_kind(known: Values, labels: Values) -> bool:
    """Whether both are texts or numbers, and the one does not seem to count from 1 and the other from 0."""
    if known.dtype.kind not in "iu" or labels.dtype.kind not in "iu":
        return known.dtype.kind == labels.dtype.kind
    more = labels[-1] == known[-1] + 1 and known[0] not in labels
    less = labels[0] == known[0] - 1 and known[-1] not in labels
    return not (more or less)


def _named(values: Values) -> Values:
    """Labels as they are compared: whole numbers, or texts."""
    if values.dtype.kind == "U":
        return values
    is_whole = values.dtype.kind == "f" and bool((np.isfinite(values) & (values == np.rint(values))).all())
    return values.astype(np.int64) if is_whole or values.dtype.kind in "iub" else values


def _shown(values: Values) -> str:
    return paths_text([str(each) for each in np.unique(values).tolist()], 6)
