"""Picture files in classes: names, labels, and the split that their folders or their table give."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """All files of a set before some were left out or renamed: the split is drawn among them, so that no other moves.

    ``labels`` (int64 (M,)), ``validation`` (bool (M,)) and ``groups`` (int64 (M,)) are of all M files; ``rows`` (int64
    (N,), ascending) says which of them are left.
    """

    classes: tuple[str, ...]
    files: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    validation: npt.NDArray[np.bool_] | None
    groups: npt.NDArray[np.int64] | None
    rows: npt.NDArray[np.int64]

    def only(self, kept: npt.NDArray[np.bool_]) -> Whole:
        """The same files, of which those of ``rows`` are left where ``kept`` (bool (N,)) is True."""
        return replace(self, rows=self.rows[kept])


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """Picture files in a fixed order, each with the index of its class and whether its folder is held back.

    ``note`` is a sentence for the user about where they lie, where that is worth saying. ``groups`` (int64 (N,)) is the
    index of each file's group, None without, and ``group_names`` what each is called. ``whole`` are the files before
    some were left out, None if none were.
    """

    root: Path
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    validation: npt.NDArray[np.bool_] | None
    note: str = ""
    groups: npt.NDArray[np.int64] | None = None
    whole: Whole | None = None
    group_names: tuple[str, ...] = ()

    @property
    def untrained(self) -> tuple[str, ...]:
        """The classes of which there is no picture to train on: their folders are empty, or only held back."""
        trained = self.labels if self.validation is None else self.labels[~self.validation]
        there = set(np.unique(trained).tolist())
        return tuple(name for label, name in enumerate(self.classes) if label not in there)

    def of_classes(self, names: Sequence[str]) -> ClassFolders:
        """Only the classes ``names`` and their files."""
        to = {self.classes.index(name): label for label, name in enumerate(names) if name in self.classes}
        kept = np.array([label in to for label in self.labels.tolist()], np.bool_)
        labels = np.array([to.get(label, -1) for label in self.labels.tolist()], np.int64)
        return replace(self.only(kept, labels), classes=tuple(names))

    def only(self, kept: npt.NDArray[np.bool_], labels: npt.NDArray[np.int64] | None = None) -> ClassFolders:
        """The files where ``kept`` is True, with these ``labels`` (of all files) instead of their own if given."""
        if kept.all() and labels is None:
            return self
        files = tuple(file for file, wanted in zip(self.files, kept, strict=True) if wanted)
        validation = None if self.validation is None else self.validation[kept]
        groups = None if self.groups is None else self.groups[kept]
        labels = (self.labels if labels is None else labels)[kept]
        whole = self._all_files().only(kept)
        return replace(self, files=files, labels=labels, validation=validation, groups=groups, whole=whole)

    def _all_files(self) -> Whole:
        rows = np.arange(len(self.files))
        return self.whole or Whole(self.classes, self.files, self.labels, self.validation, self.groups, rows)


def composed(name: str) -> str:
    """``name`` in the Unicode form NFC, in which names are compared."""
    return unicodedata.normalize("NFC", name)


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts 2 before 10, and -1 before 0."""
    if re.fullmatch(r"-\d+", name):
        return [(-1, ""), (int(name) - 1, ""), (-1, name)]
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in parts] + [(-1, name)]
