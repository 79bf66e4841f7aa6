"""Which examples are the test part, for a run and for an evaluation of saved weights alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.base import Loadings
from workbench.engine.core.progress import Job
from workbench.engine.data.split import Indices, Split


@dataclass(frozen=True, slots=True, eq=False)
class PartForTest:
    """The examples ``indices`` (n,) of ``dataset``, or of the set that was split where that is None.

    ``words`` say what they are.
    """

    indices: Indices
    dataset: Dataset | None
    words: str


def part_for_test(own: Split | None, load: Callable[[], Loadings]) -> Job[PartForTest]:
    """The share that the settings hold out (``own.test``); without one, the part of the source's own, by ``load``.

    Raises what ``load`` raises: NoTestPart if there is none.
    """
    if own is not None and len(own.test):
        return PartForTest(own.test, None, "test examples, the test share held out of the data")
    dataset = yield from load()
    return PartForTest(np.arange(len(dataset.labels)), dataset, "test examples")
