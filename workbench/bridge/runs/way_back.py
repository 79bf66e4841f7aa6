"""The way back of a run that has diverged, looked for in the background: its log may be long."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.session import Session
from workbench.bridge.threads.background import Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import simply
from workbench.engine.run_store.recovery import WayBack, way_back


class FindWayBack(QObject):
    """Finds where the run of ``session`` can go back to. Lives in the GUI thread."""

    found = Signal(object)  #: the WayBack; nothing is emitted where there is none
    looked = Signal(object)  #: the WayBack or None: each ``look`` is answered, unless it is forgotten

    def __init__(self, session: Session, tasks: Tasks) -> None:
        super().__init__(session)
        self._session, self._tasks = session, tasks
        self._task: Task | None = None
        session.began.connect(self.forget)

    @Slot()
    def look(self) -> None:
        """Look for it; ``found`` follows, if something good was kept of the run."""
        self.forget()
        if self._session.folder and self._session.unsaved is None:
            folder = Path(self._session.folder)
            self._task = self._tasks.submit("Looking for a good state", simply(partial(way_back, folder)))
            self._task.done.connect(self._on_done)
            self._task.failed.connect(self._on_failed)
        else:
            self.looked.emit(None)

    @Slot()
    @Slot(object)
    def forget(self, _history: object = None) -> None:
        """What is being looked for is not wanted any more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    @Slot(object)
    def _on_done(self, back: WayBack | None) -> None:
        self._task = None
        is_of_run = back is not None and str(back.path) == self._session.folder
        if is_of_run:
            self.found.emit(back)
        self.looked.emit(back if is_of_run else None)

    @Slot(object)
    def _on_failed(self, _failure: TaskFailure) -> None:
        self._task = None
        self.looked.emit(None)
