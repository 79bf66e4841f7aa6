"""Refuses examples with which no run can work, before torch meets them."""

from __future__ import annotations

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped

#: How many examples at a time are looked through for values that are not finite.
_CHUNK = 4096


def checked(dataset: Dataset, title: str) -> Dataset:
    """``dataset``, if a run can use it: found here, a wrong label or number is named; found by torch, it is a crash.

    Raises WorkbenchError that names the file or the example.
    """
    if len(dataset.inputs) != len(dataset.labels):
        counts = f"{grouped(len(dataset.inputs))} examples and {grouped(len(dataset.labels))} labels"
        raise WorkbenchError(f"{title} has {counts}; there must be one label for each example.", "data.source")
    wrong = np.flatnonzero((dataset.labels < 0) | (dataset.labels >= len(dataset.classes)))
    if len(wrong):
        where = int(wrong[0])
        more = f", and {grouped(len(wrong) - 1)} more are wrong" if len(wrong) > 1 else ""
        text = f"{_named(dataset, where)} of {title} has the label {dataset.labels[where]}, "
        known = f"but the {len(dataset.classes)} classes count from 0 to {len(dataset.classes) - 1}{more}."
        raise WorkbenchError(text + known, "data.source")
    if dataset.inputs.dtype.kind == "f":
        _refuse_no_numbers(dataset, title)
    return dataset


def _refuse_no_numbers(dataset: Dataset, title: str) -> None:
    for start in range(0, len(dataset.inputs), _CHUNK):
        part = dataset.inputs[start : start + _CHUNK]
        finite = np.isfinite(part).reshape(len(part), -1).all(1)
        if not finite.all():
            where = start + int(np.argmin(finite))
            text = f"{_named(dataset, where)} of {title} holds a value that is NaN or infinite"
            raise WorkbenchError(f"{text}; one would make every weight NaN. Mend or remove it.", "data.source")


def _named(dataset: Dataset, index: int) -> str:
    return dataset.files[index] if index < len(dataset.files) else f"Example {grouped(index + 1)}"
