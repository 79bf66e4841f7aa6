"""Labels below 0 beside others, empty ones and words for nothing: often written where the class is not known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.catalog.datasets.array_values import ArrayHead
from workbench.engine.catalog.datasets.tables.cells import missing_words
from workbench.engine.catalog.datasets.tables.columns import UNLABELLED, Unlabelled
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, grouped, paths_text

_NAN: Final = "nan"
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
    flat = {part: pair for part, pair in pairs.items() if _may_say_nothing(pair.labels)}
    values = {part: _words(pair.values(archive)) for part, pair in flat.items()}
    every = {word for each in values.values() for word in each.tolist()}
    words = missing_words(every) | ({""} & every)
    if rule == "class" or not words:
        return Labelled(pairs)
    below = {part: np.isin(each, sorted(words)) for part, each in values.items()}
    kept = {part: pair.only(~below[part]) if part in below else pair for part, pair in pairs.items()}
    kept = {part: pair for part, pair in kept.items() if pair.count or part in ("", "train")}
    counts = {UNLABELLED: 0, "test pictures without a class": 0}
    for part, each in below.items():
        counts[UNLABELLED if part in trained else "test pictures without a class"] += int(each.sum())
    left = tuple((counted(count, "picture"), reason) for reason, count in counts.items() if count)
    is_asked = rule == "auto" and counts[UNLABELLED] > 0
    total = sum(map(len, values.values()))
    return Labelled(kept, (_asked(sorted(words), counts[UNLABELLED], total),) if is_asked else (), left)


def _may_say_nothing(labels: ArrayHead) -> bool:
    return labels.is_labels and (labels.dtype.kind in "ifUS" or labels.dtype == np.uint8)


def _words(labels: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    """Labels as a table has them; fractions, which are no classes, as a word that is none in ``missing_words``."""
    if labels.dtype.kind == "U":
        return np.char.strip(labels)
    whole = np.isfinite(labels) & (labels == np.rint(labels))
    others = np.where(np.isnan(labels), _NAN, "?!")
    return np.where(whole, np.where(whole, labels, 0).astype(np.int64).astype(str), others)


def _asked(labels: Sequence[str], count: int, total: int) -> Doubt:
    shown = paths_text([label or "(empty)" for label in labels], 4)
    what = "Labels below 0" if all(label.startswith("-") for label in labels) else "Labels"
    text = (
        f"{what} ({shown}) stand for {counted(count, 'picture')} of {grouped(total)}, as is often written "
        "where the class is not known."
    )
    leave = Reading(f"Leave out {counted(count, 'picture')} without a class", _LEAVE)
    are = "is a class" if len(labels) == 1 else "are classes"
    settings = (*_KEEP, ("gaps", "leave_out")) if any(map(str.isdecimal, labels)) else _KEEP
    keep = () if _NAN in labels else (Reading(f"{shown} {are} like any other", settings),)
    return Doubt("classes", text, (leave, *keep))
