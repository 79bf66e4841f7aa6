"""A run that could not be kept in its folder, written to another place in the background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.session import Session
from workbench.bridge.threads.background import TaskFailure, Tasks
from workbench.engine.run_store.unsaved_run import UnsavedRun


class KeepRun(QObject):
    """Keeps ``session.unsaved`` in a folder that the user chooses. Lives in the GUI thread."""

    kept = Signal(str)  #: the folder in which the run is now
    failed = Signal(str)  #: why the chosen place could not take it

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(session)
        self._session, self._tasks = session, tasks

    def keep_in(self, parent: Path) -> None:
        """Write the run into a new folder in ``parent``; ``kept`` or ``failed`` follows. Does nothing without a run."""
        run = self._session.unsaved
        if run is None:
            return

        def work(progress: Any, is_cancelled: Any) -> tuple[UnsavedRun, str]:
            return run, str(run.keep_in(parent))

        task = self._tasks.submit(f"Keeping the run in {parent}", work)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)

    @Slot(object)
    def _on_done(self, kept: tuple[UnsavedRun, str]) -> None:
        run, folder = kept
        self._session.forget_unsaved(run, folder)
        self.kept.emit(folder)

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self.failed.emit(failure.message)
