"""Which examples of a data set are shown: of a part, of a class, with these letters in their name."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtWidgets import QComboBox

from workbench.engine.core.text import grouped
from workbench.engine.data.browse import Catalogue, Part
from workbench.views.data.class_table import PARTS
from workbench.views.data.thumbnails import PART_WORDS

_EVERY: Final = -1
#: Choices beside the parts.
RELABELLED, FOUND = len(Part), len(Part) + 1


class PartBox(QComboBox):
    """Chooses a part of the data, the relabelled examples, or the files that a check found."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Part of the data")

    @property
    def part(self) -> int:
        """A ``Part``, ``RELABELLED``, ``FOUND``, or -1 for every part."""
        data = self.currentData()
        return _EVERY if data is None else int(data)

    def show_counts(self, found: Catalogue, has_files: bool, choose_files: bool) -> None:
        """Fill the choices; ``has_files`` adds the files that a check found, ``choose_files`` chooses them."""
        chosen, counts = FOUND if choose_files else self.currentData(), found.counts().sum(0)
        self.clear()
        self.addItem(f"Every part ({grouped(len(found))})", _EVERY)
        for part in PARTS:
            if counts[part]:
                self.addItem(f"{PART_WORDS[part].capitalize()} ({grouped(int(counts[part]))})", int(part))
        moved = int((found.own != found.labels).sum())
        if moved:
            self.addItem(f"Relabelled ({grouped(moved)})", RELABELLED)
        if has_files:
            self.addItem("Found by the check", FOUND)
        self.setCurrentIndex(max(0, self.findData(chosen)))


def filtered(found: Catalogue, number: int, part: int, words: str, files: frozenset[str]) -> npt.NDArray[np.int64]:
    """The indices of the examples of class ``number`` and ``part`` (-1: all) with ``words`` in their name.

    ``files`` are those that ``FOUND`` keeps.
    """
    kept = np.ones(len(found), np.bool_)
    if number >= 0:
        kept &= found.labels == number
    if part == RELABELLED:
        kept &= found.own != found.labels
    elif part == FOUND:
        kept &= np.fromiter((file in files for file in found.files), np.bool_, len(found.files))
    elif part >= 0:
        kept &= found.parts == part
    if words:
        kept &= np.fromiter((words in name.casefold() for name in found.names), np.bool_, len(found))
    return np.flatnonzero(kept)
