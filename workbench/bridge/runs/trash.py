"""Runs taken to the system's trash, and back."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths

from workbench.engine.core.text import counted, paths_text
from workbench.engine.run_store.run_lock import holder_of
from workbench.engine.shelf.record import RunRecord


@dataclass(frozen=True, slots=True)
class Trashed:
    """A run's folder and where it is in the trash, None where the system does not tell; and the run's name."""

    folder: Path
    place: Path | None
    name: str

    @property
    def can_come_back(self) -> bool:
        """Whether it can be put back from here."""
        return self.place is not None and self.place.exists() and not self.folder.exists()

    def bring_back(self) -> bool:
        """Put the run back where it was; False if that is not possible."""
        if self.place is None or not self.can_come_back:
            return False
        try:
            self.place.rename(self.folder)
        except OSError:
            return False
        # The freedesktop trash notes beside it where it came from; without that note nothing is left behind.
        with contextlib.suppress(OSError):
            (self.place.parent.parent / "info" / f"{self.place.name}.trashinfo").unlink()
        return True


@dataclass(frozen=True, slots=True)
class Removal:
    """What has gone to the trash, the names of what the system would not take, and of what is being trained by now."""

    trashed: tuple[Trashed, ...]
    refused: tuple[str, ...]
    held: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What has gone: the name of a run, or how many and the first names."""
        names = [each.name for each in self.trashed]
        return names[0] if len(names) == 1 else f"{counted(len(names), 'run')} ({paths_text(names, 3)})"

    @property
    def can_come_back(self) -> bool:
        """Whether all that has gone can be put back from here."""
        return bool(self.trashed) and all(each.can_come_back for each in self.trashed)


def _moved(folder: Path) -> Path | None:
    """Where ``folder`` is in the trash; None if the system has not taken it.

    Not by the static method: that of PySide 6.11 does not tell where.
    """
    _make_place()
    file = QFile(str(folder))
    return Path(file.fileName()) if file.moveToTrash() else None


def _make_place() -> None:
    """Qt 6.11 moves nothing where the user's data folder, in which the trash is made, is missing."""
    with contextlib.suppress(OSError):
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
        Path(place).mkdir(parents=True, exist_ok=True)


def to_trash(records: Sequence[RunRecord]) -> Removal:
    """Move the runs' folders to the trash. What cannot be moved stays, and what another window trains by now."""
    trashed: list[Trashed] = []
    refused: list[str] = []
    held: list[str] = []
    for record in records:
        if holder_of(record.folder) is not None:
            held.append(record.shown_name)
            continue
        place = _moved(record.folder)
        if place is None:
            refused.append(record.shown_name)
        else:
            trashed.append(Trashed(record.folder, place if place != record.folder else None, record.shown_name))
    return Removal(tuple(trashed), tuple(refused), tuple(held))
