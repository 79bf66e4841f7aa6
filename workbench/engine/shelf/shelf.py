"""The runs of one folder: listed from the index, brought up to date from the folders, found by name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading, finished
from workbench.engine.core.text import counted, paths_text
from workbench.engine.run_store.finished_runs import members
from workbench.engine.shelf.index import Index, stamp_of
from workbench.engine.shelf.read_record import read_record, record_without_holder, with_holder
from workbench.engine.shelf.record import RunRecord

#: Progress is reported, and what was read is kept, after this many runs that were read anew.
_AT_A_TIME: Final = 50


class Shelf:
    """The runs in ``parent``, the usual folder of runs by default. The folders are the truth, the index is rebuilt.

    Members of ensembles and folds belong to their run and are not listed.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self.parent = parent or runs_folder()
        self._index = Index(self.parent)
        #: Records by the folder's name: the stamp and what its files say, and that with who holds it.
        self._seen: dict[str, tuple[str, RunRecord, RunRecord]] = {}

    def known(self) -> tuple[RunRecord, ...]:
        """What the index says, newest first, without a look at any log; runs may be missing, changed or gone."""
        found = (self._index.record(name, payload) for name, (_, payload) in self._index.read().items())
        # Of runs with a last word nobody is asked who trains them: nearly always it is no one, and refresh follows.
        return _newest_first([with_holder(r) if r.status == "lost" else r for r in found if r is not None])

    def refresh(self) -> Job[tuple[RunRecord, ...]]:
        """Every run as it is now, newest first. Only logs that have changed since the last time are read.

        A run that is as it was the last time is the same object.
        """
        known, names = self._index.read(), _folders(self.parent)
        stamps: dict[str, str] = {}
        records: list[RunRecord] = []
        changed: list[tuple[str, RunRecord]] = []
        for done, name in enumerate(names):
            stamp = stamps[name] = stamp_of(self.parent / name)
            record = self._kept(name, stamp, *known.get(name, ("", "")))
            if record is None and (record := _read(self.parent / name)) is not None:
                changed.append((stamp, record))
            if record is not None:
                records.append(record)
            if len(changed) == _AT_A_TIME:
                self._index.write(changed, ())
                changed.clear()
                yield Loading(done + 1, len(names), "Reading runs")
        self._index.write(changed, known.keys() - {record.folder.name for record in records})
        return _newest_first([self._with_holder(stamps[record.folder.name], record) for record in records])

    def _kept(self, name: str, stamp: str, kept_stamp: str, payload: str) -> RunRecord | None:
        """What is known of a folder whose files are as they were; None if it is to be read."""
        if not stamp:
            return None
        seen = self._seen.get(name)
        if seen is not None and seen[0] == stamp:
            return seen[1]
        return self._index.record(name, payload) if kept_stamp == stamp else None

    def _with_holder(self, stamp: str, record: RunRecord) -> RunRecord:
        now, seen = with_holder(record), self._seen.get(record.folder.name)
        if seen is not None and seen[1] is record and _held(seen[2]) == _held(now):
            now = seen[2]
        self._seen[record.folder.name] = (stamp, record, now)
        return now

    def read(self, folder: Path) -> RunRecord | None:
        """The record of one run of this shelf, read anew; None if it is gone. The index takes it over."""
        stamp = stamp_of(folder)
        record = _read(folder) if stamp else None
        if folder.parent == self.parent:
            self._index.write([(stamp, record)] if record else (), () if record else (folder.name,))
        return None if record is None else with_holder(record)

    def find(self, name: str) -> RunRecord:
        """The run that ``name`` means: a path, a folder below ``parent``, or the name that the user has given.

        Raises WorkbenchError if there is none, or several.
        """
        for place in (self.parent / name, _typed(name)):
            record = _opened(place)
            if record is not None:
                return record
        named = [record for record in finished(self.refresh()) if name and record.about.name == name]
        if len(named) == 1:
            return named[0]
        if named:
            folders = paths_text([record.folder_name for record in named])
            raise WorkbenchError(f"{counted(len(named), 'run')} have the name {name}: {folders}. Give the folder.")
        raise WorkbenchError(f"There is no run {name}: neither a folder with one, nor a name in {self.parent}.")


def _held(record: RunRecord) -> tuple[str, str, str]:
    """What changes with who holds the folder."""
    return record.status, record.reason, record.obstacle


def members_of(record: RunRecord) -> tuple[RunRecord, ...]:
    """The members of an ensemble, or the folds of a cross-validation, as runs of their own; empty for any other."""
    found = (_opened(folder) for folder in members(record.folder))
    return tuple(each for each in found if each is not None)


def _typed(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # the home of a user that there is not
        return Path(name)


def _folders(parent: Path) -> list[str]:
    """The names of the folders in ``parent``; none where it is not there or cannot be read."""
    try:
        with os.scandir(parent) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".") and _is_folder(entry)]
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _opened(folder: Path) -> RunRecord | None:
    try:
        return read_record(folder)
    except (OSError, ValueError):  # it vanishes meanwhile, or the name is none
        return None


def _read(folder: Path) -> RunRecord | None:
    try:
        return record_without_holder(folder)
    except OSError:
        return None


def _newest_first(records: Sequence[RunRecord]) -> tuple[RunRecord, ...]:
    return tuple(sorted(records, key=lambda record: (record.started, record.folder.name), reverse=True))
