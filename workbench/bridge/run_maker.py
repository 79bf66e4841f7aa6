"""Makes the run of a session in the training thread: its folder, after the run before is kept, then its events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Notice
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Fork, Start
from workbench.engine.run_store.unsaved_run import UnsavedRun, keep_anywhere
from workbench.engine.spec.experiment import ExperimentSpec

#: Opens the folder of a run, in the training thread: its settings, its folder, and where it begins.
Opens = Callable[[], "tuple[ExperimentSpec, RunFolder, Start | None]"]


def new_run(spec: ExperimentSpec, parent: Path, now: datetime | None = None) -> tuple[ExperimentSpec, RunFolder, None]:
    """A new run of ``spec`` in a folder of its own below ``parent``, named by ``now``. Raises WorkbenchError."""
    return spec, RunFolder.create(spec, parent, now), None


def branching_off(spec: ExperimentSpec, parent: Path, start: Fork) -> tuple[ExperimentSpec, RunFolder, Start]:
    """A new run of ``spec`` below ``parent`` that begins with a state of another one. Raises WorkbenchError."""
    return spec, RunFolder.create(spec, parent), start


class RunMaker:
    """Creates the run in the training thread, because importing torch and creating the folder may be slow.

    ``before`` is a run that could not be kept: it is kept elsewhere before the next one begins. Where the number of
    threads is measured one core stays the window's.
    """

    def __init__(
        self,
        opens: Opens,
        steps: StepStore,
        parent: Path,
        loaded: DataStore,
        before: UnsavedRun | None,
        tell_folder: Callable[[str], None],
    ) -> None:
        self._opens, self._steps, self._parent, self._loaded, self._before = opens, steps, parent, loaded, before
        self._tell_folder = tell_folder
        self._folder: RunFolder | None = None

    @property
    def unsaved(self) -> UnsavedRun | None:
        """The run, if it has ended and could not be kept."""
        return self._folder.unsaved if self._folder is not None else None

    def mark_paused(self, is_paused: bool) -> None:
        """Let other programs see in the run's folder that it is paused."""
        if self._folder is not None:
            self._folder.mark_paused(is_paused)

    def __call__(self) -> Run:
        from workbench.engine.train import train

        if self._before is not None:
            yield kept_before(self._before, self._parent)
            self._before = None
        with self._loaded.run():
            spec, self._folder, start = self._opens()
            self._tell_folder(str(self._folder.path))
            yield from train(spec, self._folder, self._steps, self._loaded, start, cores_left=1)


def kept_before(run: UnsavedRun, place: Path) -> Notice:
    """Keep ``run`` in ``place`` or, if that does not take it, elsewhere; what has become of it."""
    try:
        where = run.keep_in(place)
    except WorkbenchError:
        try:
            where = keep_anywhere(run, place)
        except WorkbenchError as error:
            return Notice(0, "save_failed", f"The run before could not be kept. {error.message}", "error")
    return Notice(0, "saved_elsewhere", f"The run before is kept in {where}.", "info")
