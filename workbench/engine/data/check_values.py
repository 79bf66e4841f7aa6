"""Checks of the values of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.data.findings import FIX_FILES, Action, Finding

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject

#: Number of pictures examined at a time.
_CHUNK: Final = 512


def flat_pictures(subject: Subject) -> Iterator[Finding]:
    """Pictures of one single value, in which there is nothing to see."""
    dataset = subject.dataset
    if not dataset.is_image:
        return
    flat = _flat(dataset.inputs)
    if not flat.any():
        return
    files = tuple(file for file, is_flat in zip(dataset.files, flat, strict=False) if is_flat)
    shown = f", e.g. {paths_text(files, 2)}" if files else ""
    have = "has" if flat.sum() == 1 else "have"
    text = f"{grouped(int(flat.sum()))} of {counted(len(flat), 'picture')} {have} only one value{shown}."
    is_chosen = getattr(subject.spec.data.source, "value_range", "auto") != "auto"
    stop = Action("stop", "Choose another value range" if is_chosen else FIX_FILES)
    few = bool(files) and 2 * flat.sum() < len(flat)
    action = Action("skip", "Leave them out", files) if few else stop
    yield Finding("flat", "warning", f"{text} There is nothing to see in them.", files, actions=(action,))


def _flat(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Of each picture (N, C, H, W) whether all its values are equal."""
    parts = [pictures[start : start + _CHUNK] for start in range(0, len(pictures), _CHUNK)]
    return np.concatenate([part.max((1, 2, 3)) == part.min((1, 2, 3)) for part in parts])
