"""A run that could not be kept in its folder: it is still in memory and can be kept in another place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.core.text import paths_text, size_text
from workbench.engine.spec.toml import save

if TYPE_CHECKING:
    from workbench.engine.run_store.run_folder import RunFolder


class UnsavedRun:
    """What ``folder`` should hold. ``write`` writes weights and state into another folder, or raises WorkbenchError.

    ``missing`` are the files that could not be written for the reason ``trouble``, a sentence or empty; ``needed`` are
    the bytes that a full disk lacked, 0 if it was not full.
    """

    def __init__(
        self,
        folder: RunFolder,
        write: Callable[[RunFolder], object],
        missing: Sequence[Path],
        trouble: str = "",
        needed: int = 0,
        members: Sequence[RunFolder] = (),
    ) -> None:
        self._folder, self._write, self._members = folder, write, tuple(members)
        self._missing, self.trouble, self.needed = missing, trouble, needed

    @property
    def words(self) -> str:
        """What is not in the run's folder, and why."""
        lost = [path for path in self._missing if path.suffix == ".safetensors" or path.is_dir()]
        head = f"Not kept: {paths_text([path.name for path in lost or self._missing])}."
        why = self.trouble or f"{self._missing[0]} does not hold what was written: the drive has a fault or is gone."
        return f"{head} {why}"

    @property
    def remedy(self) -> str:
        """What lets the next run be kept, the beginning of a sentence."""
        place = self._folder.path.parent
        return f"Free {size_text(self.needed)} on the disk of {place}" if self.needed else f"Check {place}"

    def keep_in(self, parent: Path) -> Path:
        """Write the whole run into a new folder in ``parent``, read it back, and return the folder.

        Raises WorkbenchError with the reason; nothing is left there then.
        """
        made = self._folder.renewed(parent)
        try:
            self.write_into(made)
        except BaseException:
            shutil.rmtree(made.path, ignore_errors=True)
            raise
        return made.path

    def write_into(self, made: RunFolder) -> None:
        """Write everything into the empty folder ``made`` and read it back. Raises WorkbenchError."""
        old = self._folder
        if old.spec is not None:
            save(old.spec, made.path / "spec.toml")
        made.take_log_of(old)
        self._write(made)
        for member in self._members:
            self._copy_member(member, made)
        missing = made.missing()
        if missing:
            raise WorkbenchError(f"{missing[0]} is not what was written: the disk or the drive has a fault.")

    def _copy_member(self, member: RunFolder, made: RunFolder) -> None:
        path = made.path / member.path.name
        if member.unsaved is not None:
            path.mkdir()
            member.unsaved.write_into(type(made)(path))
            return
        try:
            shutil.copytree(member.path, path)
        except (OSError, shutil.Error) as error:
            raise WorkbenchError(f"Cannot copy {member.path} to {path}: {error}.") from None


def keep_anywhere(run: UnsavedRun, besides: Path) -> Path:
    """Keep ``run`` in the first place that takes it: the usual folder of runs, else the one for temporary files.

    ``besides`` is the place that has failed. Returns the run's folder. Raises WorkbenchError if there is no such place.
    """
    trouble = ""
    for place in (runs_folder(), Path(tempfile.gettempdir()) / "training-workbench"):
        if place.resolve() == besides.resolve():
            continue
        try:
            return run.keep_in(place)
        except WorkbenchError as error:
            trouble = trouble or error.message
    raise WorkbenchError(f"No other place could take the run: {trouble}")


def kept_anyway(run: Run, folder: RunFolder) -> Run:
    """``run``; where its folder does not take it at its end it is kept in another place, and the end says so."""
    event = next(run)
    try:
        while True:
            if isinstance(event, RunEnded) and folder.unsaved is not None:
                event = replace(event, message=f"{event.message} {_elsewhere(folder.unsaved, folder.path.parent)}")
            event = run.send((yield event))
    except StopIteration:
        return
    finally:
        run.close()


def _elsewhere(run: UnsavedRun, besides: Path) -> str:
    try:
        return f"The run is kept in {keep_anywhere(run, besides)} instead."
    except WorkbenchError as error:
        return error.message
