"""Labels below 0 beside others: often written for pictures whose class is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.catalog.datasets.tables.columns import UNLABELLED, Unlabelled
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, grouped, paths_text

_LEAVE: Final = (("without_class", "leave_out"),)
_KEEP: Final = (("without_class", "class"),)


@dataclass(frozen=True, slots=True)
class Labelled:
    """``pairs`` with the examples that have a class; ``left_out``: examples in words, and the reason."""

    pairs: Heads
    doubts: tuple[Doubt, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def labelled(archive: ArrayArchive, pairs: Heads, rule: Unlabelled) -> Labelled:
    """``pairs`` without the examples whose label is below 0, unless ``rule`` or two classes (-1 and 1) keep them."""
    values = {
        part: pair.taken(archive.read(pair.labels).reshape(-1))
        for part, pair in pairs.items()
        if pair.labels.is_labels and pair.labels.dtype.kind in "if"
    }
    every = np.concatenate([*values.values(), np.empty(0, np.int64)])
    below = every[every < 0]
    if rule == "class" or not len(below) or len(np.unique(every[every >= 0])) < 2:
        return Labelled(pairs)
    kept = {part: pairs[part].only(values[part] >= 0) if part in values else pair for part, pair in pairs.items()}
    kept = {part: pair for part, pair in kept.items() if pair.count or part in ("", "train")}
    left = (counted(len(below), "picture"), UNLABELLED)
    return Labelled(kept, () if rule == "leave_out" else (_asked(np.unique(below), len(below), len(every)),), (left,))


def _asked(labels: np.ndarray, count: int, total: int) -> Doubt:
    shown = paths_text([f"{label:g}" for label in labels.tolist()], 4)
    text = (
        f"{counted(count, 'picture')} of {grouped(total)} have a label below 0 ({shown}), as is often written where "
        "the class is not known."
    )
    leave = Reading(f"Leave out {counted(count, 'picture')} without a class", _LEAVE)
    are = "is a class" if len(labels) == 1 else "are classes"
    return Doubt("classes", text, (leave, Reading(f"{shown} {are} like any other", _KEEP)))
