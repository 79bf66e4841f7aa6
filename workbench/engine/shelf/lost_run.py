"""The run that a crash has cut off last, found by what lies in its folder, and the step that it goes on from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.resumable import how_it_goes_on, last_event, resumable, steps_on_disk
from workbench.engine.run_store.run_lock import holder_of
from workbench.engine.shelf.read_record import read_record
from workbench.engine.shelf.record import RunRecord

#: Maximum number of the newest runs that are checked.
_MOST: Final = 30


@dataclass(frozen=True, slots=True)
class LostRun:
    """A run whose process ended without closing it. ``step``: as far as its files tell; ``moment``: its last sign.

    It goes on from ``goes_on``; None where it cannot, for which ``why_not`` is a sentence.
    """

    record: RunRecord
    step: int
    moment: float
    goes_on: int | None
    why_not: str = ""

    @property
    def words(self) -> str:
        """What is known of it."""
        said = f"“{self.record.shown_name}” ended without being closed, after step {grouped(self.step)} or later."
        from_start = how_it_goes_on(0) if self.goes_on == 0 else ""
        return f"{said} {self.why_not or from_start}".strip()


def last_lost(parent: Path, since: float = 0.0) -> LostRun | None:
    """The newest run in ``parent`` that was lost after the moment ``since``; None if there is none.

    One that was stopped, has failed, is trained by anybody now, is hidden, or had not begun, is none.
    """
    for moment, folder in sorted(_signs_of_life(parent), reverse=True)[:_MOST]:
        if moment <= since:
            return None
        record = _lost(folder)
        if record is not None:
            return _found(record, moment)
    return None


def _signs_of_life(parent: Path) -> Iterator[tuple[float, Path]]:
    """When the log of each run was written last."""
    try:
        with os.scandir(parent) as entries:
            folders = [Path(entry.path) for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return
    for folder in folders:
        try:
            yield (folder / "events.jsonl").stat().st_mtime, folder
        except OSError:  # no run, or none that has begun
            continue


def _lost(folder: Path) -> RunRecord | None:
    if last_event(folder).get("event") in (None, "RunEnded") or holder_of(folder) is not None:
        return None
    try:
        record = read_record(folder)
    except OSError:
        return None
    return record if record is not None and record.status == "lost" and not record.about.hidden else None


def _found(record: RunRecord, moment: float) -> LostRun:
    step = max(record.step, steps_on_disk(record.folder))
    try:
        goes_on = _goes_on(record.folder)
    except WorkbenchError as error:
        return LostRun(record, step, moment, None, f"It cannot go on: {error.message}")
    return LostRun(record, max(step, goes_on), moment, goes_on)


def _goes_on(folder: Path) -> int:
    """The step that the run goes on from, by the state that can be read. Raises WorkbenchError with why it cannot."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WorkbenchError(f"{folder} cannot be written.")
    hint = resumable(folder)
    if isinstance(hint, str):
        raise WorkbenchError(hint)
    kept = kept_state(folder)
    return kept.step if kept is not None else 0
