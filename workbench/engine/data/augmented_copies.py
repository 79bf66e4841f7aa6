"""Whether augmented copies of one picture, as Roboflow exports them, are on both sides of a split."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.understanding import Doubt
from workbench.engine.core.text import counted

if TYPE_CHECKING:
    from workbench.engine.data.split import Split

#: ``NAME_jpg.rf.HASH``: all copies of a picture have its name, and hashes of their own.
_COPY: Final = re.compile(r"(.+)\.rf\.[0-9A-Za-z_-]{16,}\Z")
#: The part of the name that is given to the grouping.
PATTERN: Final = ".rf."
_HOW: Final = f"set Groups to name and Part of the name to “{PATTERN}”"


def copies_doubt(dataset: Dataset, split: Split) -> Doubt | None:
    """The sentence that says so, None if no picture is on both sides."""
    trained, held = _originals(dataset, split.train), _originals(dataset, [*split.val, *split.test])
    both = trained & held
    if not both:
        return None
    are = counted(len(both), "picture has", "pictures have")
    text = (
        f"{are} augmented copies both in training and in what is held back (as Roboflow exports them, with "
        f"“{PATTERN}” in the name): the accuracy is too high for new pictures."
    )
    if dataset.validation is not None:
        return Doubt("files", f"{text} The data's own parts divide them: read all as training, and {_HOW}.")
    return Doubt("files", f"{text} To keep them together, {_HOW}.")


def _originals(dataset: Dataset, indices: Iterable[int]) -> set[tuple[int, str]]:
    """Class and name of the pictures of which there are copies."""
    if not dataset.files:
        return set()
    stems = ((int(dataset.labels[index]), _COPY.match(Path(dataset.files[index]).stem)) for index in indices)
    return {(label, found[1]) for label, found in stems if found}
