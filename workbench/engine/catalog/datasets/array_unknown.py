"""Test examples whose class no example to train on has: they cannot be tested and are left out, which is said."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.core.text import counted, paths_text


def without_unknown(
    archive: ArrayArchive, pairs: Heads, trained: Collection[str]
) -> tuple[Heads, tuple[tuple[str, str], ...]]:
    """``pairs`` without the test examples of classes that the parts ``trained`` have not, and how many these are and
    why. Labels that are a column for each class are not looked at.
    """
    if "test" not in pairs or "test" in trained or not all(pair.labels.is_labels for pair in pairs.values()):
        return pairs, ()
    values = {part: pair.taken(archive.read(pair.labels).reshape(-1)) for part, pair in pairs.items()}
    strange = ~np.isin(values["test"], np.concatenate([values[part] for part in trained]))
    if not strange.any():
        return pairs, ()
    test = pairs["test"].only(~strange)
    names = paths_text([_text(each) for each in np.unique(values["test"][strange]).tolist()], 6)
    left_out = (counted(int(strange.sum()), "picture"), f"test pictures of classes that training has not: {names}")
    others = {part: pair for part, pair in pairs.items() if part != "test"}
    return {**others, "test": test} if test.count else others, (left_out,)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
