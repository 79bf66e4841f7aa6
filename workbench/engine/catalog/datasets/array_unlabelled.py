"""Labels below 0 beside others: often written for pictures whose class is not known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.catalog.datasets.tables.cells import missing_words
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


def labelled(archive: ArrayArchive, pairs: Heads, trained: Collection[str], rule: Unlabelled) -> Labelled:
    """``pairs`` without the examples whose label says, as in tables, that there is no class; ``rule`` may keep them.

    It is asked about those of the parts ``trained``; those of a test part are always left out.
    """
    values = {
        part: pair.taken(archive.read(pair.labels).reshape(-1))
        for part, pair in pairs.items()
        if pair.labels.is_labels and pair.labels.dtype.kind in "if"
    }
    every = np.concatenate([*values.values(), np.empty(0, np.int64)])
    whole = every[every == np.rint(every)]
    words = missing_words(set(map(str, np.unique(whole[np.isfinite(whole)]).astype(np.int64).tolist())))
    if rule == "class" or not words:
        return Labelled(pairs)
    below = {part: np.isin(each, [float(word) for word in words]) for part, each in values.items()}
    kept = {part: pair.only(~below[part]) if part in below else pair for part, pair in pairs.items()}
    kept = {part: pair for part, pair in kept.items() if pair.count or part in ("", "train")}
    counts = {UNLABELLED: 0, "test pictures without a class": 0}
    for part, each in below.items():
        counts[UNLABELLED if part in trained else "test pictures without a class"] += int(each.sum())
    left = tuple((counted(count, "picture"), reason) for reason, count in counts.items() if count)
    is_asked = rule == "auto" and counts[UNLABELLED] > 0
    return Labelled(kept, (_asked(sorted(words), counts[UNLABELLED], len(every)),) if is_asked else (), left)


def _asked(labels: Sequence[str], count: int, total: int) -> Doubt:
    shown = paths_text(labels, 4)
    text = (
        f"Labels below 0 ({shown}) stand for {counted(count, 'picture')} of {grouped(total)}, as is often written "
        "where the class is not known."
    )
    leave = Reading(f"Leave out {counted(count, 'picture')} without a class", _LEAVE)
    are = "is a class" if len(labels) == 1 else "are classes"
    return Doubt("classes", text, (leave, Reading(f"{shown} {are} like any other", _KEEP)))
