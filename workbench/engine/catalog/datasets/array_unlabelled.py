"""Labels below 0, empty ones, NaN and 255 beside others: often written for pictures whose class is not known."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads, Pair
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
    values = {part: pair.taken(archive.read(pair.labels).reshape(-1)) for part, pair in pairs.items() if _is_flat(pair)}
    every = np.concatenate([*map(_as_texts, values.values()), np.empty(0, np.str_)])
    words = _words(set(np.unique(every).tolist()))
    if rule == "class" or not words:
        return Labelled(pairs)
    below = {part: np.isin(_as_texts(each), sorted(words)) for part, each in values.items()}
    kept = {part: pair.only(~below[part]) if part in below else pair for part, pair in pairs.items()}
    kept = {part: pair for part, pair in kept.items() if pair.count or part in ("", "train")}
    counts = {UNLABELLED: 0, "test pictures without a class": 0}
    for part, each in below.items():
        counts[UNLABELLED if part in trained else "test pictures without a class"] += int(each.sum())
    left = tuple((counted(count, "picture"), reason) for reason, count in counts.items() if count)
    is_asked = rule == "auto" and counts[UNLABELLED] > 0
    return Labelled(kept, (_asked(sorted(words), counts[UNLABELLED], len(every)),) if is_asked else (), left)


def _is_flat(pair: Pair) -> bool:
    return pair.labels.is_labels and pair.labels.dtype.kind in "iufUS"


def _as_texts(values: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    """Each label as a text (N,): whole numbers without a point, NaN as such."""
    distinct, places = np.unique(values, return_inverse=True)
    return np.array([_text(value) for value in distinct.tolist()], np.str_)[places.reshape(-1)]


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _words(labels: Set[str]) -> Set[str]:
    """Those of ``labels`` that mean that there is no class; 255 far above all others is written for “ignore”."""
    found = missing_words(labels) | ({""} & labels)
    others = labels - found - {"255"}
    is_ignored = "255" in labels and len(others) > 1 and all(each.isdecimal() and int(each) < 128 for each in others)
    return found | {"255"} if is_ignored else found


def _asked(labels: Sequence[str], count: int, total: int) -> Doubt:
    shown = paths_text([label or "empty" for label in labels], 4)
    are_below = all(label.startswith("-") and label != "-" for label in labels)
    text = (
        f"Labels {'below 0' if are_below else 'that may say no class'} ({shown}) stand for "
        f"{counted(count, 'picture')} of {grouped(total)}, as is often written where the class is not known."
    )
    leave = Reading(f"Leave out {counted(count, 'picture')} without a class", _LEAVE)
    are = "is a class" if len(labels) == 1 else "are classes"
    settings = (*_KEEP, ("gaps", "leave_out")) if "255" in labels else _KEEP
    keep = (Reading(f"{shown} {are} like any other", settings),) if {"", "nan"}.isdisjoint(labels) else ()
    return Doubt("classes", text, (leave, *keep))
