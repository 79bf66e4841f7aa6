"""Checks of the values of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.core.text import grouped, paths_text
from workbench.engine.data.examples import chunks
from workbench.engine.data.findings import Action, Finding

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject


def flat_pictures(subject: Subject) -> Iterator[Finding]:
    """Pictures of one single value, in which there is nothing to see."""
    dataset = subject.dataset
    if not dataset.is_image:
        return
    count = len(dataset.labels)
    parts = [dataset.inputs[some].reshape(len(some), -1) for some in chunks(np.arange(count))]
    flat = np.concatenate([part.max(1) == part.min(1) for part in parts])
    if not flat.any():
        return
    files = tuple(file for file, is_flat in zip(dataset.files, flat, strict=False) if is_flat)
    shown = f", e.g. {paths_text(files, 2)}" if files else ""
    are = "picture is" if flat.sum() == 1 else "pictures are"
    text = f"{grouped(int(flat.sum()))} of {grouped(count)} {are} of one single value{shown}. There is nothing to see in them."
    few = bool(files) and 2 * flat.sum() < count
    action = Action("skip", "Leave them out", files) if few else Action("stop", "Choose another value range")
    yield Finding("flat", "warning", text, files, actions=(action,))
