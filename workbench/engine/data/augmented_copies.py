"""Whether augmented copies of one picture, as Roboflow exports them, are on both sides of a split."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted

if TYPE_CHECKING:
    from workbench.engine.data.split import Split

#: ``NAME_jpg.rf.HASH``: all copies of a picture have its name, and hashes of their own.
_COPY: Final = re.compile(r"(.+)\.rf\.[0-9A-Za-z_-]{8,}\Z")
#: The part of the name that is given to the grouping.
PATTERN: Final = ".rf."
#: The settings of other tables: a reading that sets them leaves their pictures out.
_TABLES: Final = frozenset({"validation_table", "test_table"})
_TOGETHER: Final = (("data.group_by", "name"), ("data.group_pattern", PATTERN))


def has_copies(dataset: Dataset) -> bool:
    """Whether files are named as augmented copies."""
    return any(PATTERN in file for file in dataset.files)


def copies_notes(dataset: Dataset, split: Split) -> tuple[str, ...]:
    """With what a run begins where a picture is on both sides; else nothing."""
    doubt = copies_doubt(dataset, split)
    how = "The Data panel offers to keep them together, and the command check names the settings for it."
    return () if doubt is None else (f"{doubt.sentence} {how}",)


def copies_doubt(dataset: Dataset, split: Split, one_part: Reading | None = None) -> Doubt | None:
    """The sentence that says so, with the reading that keeps copies together; None if no picture is on both sides.

    ``one_part`` is the reading with which no part of the data's own is held back.
    """
    trained, held = _originals(dataset, split.train), _originals(dataset, [*split.val, *split.test])
    both = trained & held
    if not both:
        return None
    are = counted(len(both), "picture has", "pictures have")
    text = (
        f"{are} augmented copies both in training and in what is held back (as Roboflow exports them, with "
        f"“{PATTERN}” in the name): the accuracy is too high for new pictures."
    )
    if dataset.validation is None:
        return Doubt("files", text, (Reading("Keep the copies of a picture together in every split", _TOGETHER),))
    text = f"{text} The data's own parts divide them."
    if one_part is None:
        return Doubt("files", text)
    use = "Use the training table alone" if set(dict(one_part.settings)) & _TABLES else "Train on all parts"
    label = f"{use}, hold a share back, and keep the copies of a picture together"
    return Doubt("files", text, (Reading(label, (*one_part.settings, *_TOGETHER)),))


def _originals(dataset: Dataset, indices: Iterable[int]) -> set[tuple[int, str]]:
    """Class and name of the pictures of which there are copies."""
    if not dataset.files:
        return set()
    stems = ((int(dataset.labels[index]), _COPY.match(Path(dataset.files[index]).stem)) for index in indices)
    return {(label, found[1]) for label, found in stems if found}
