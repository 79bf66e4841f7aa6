"""After a crash: the run that it has cut off, looked for in the background at the start of the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.progress import simply
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.shelf.lost_run import LostRun, last_lost


class FindLostRun(QObject):
    """Looks once. Lives in the GUI thread."""

    found = Signal(object)  #: a LostRun; nothing is emitted where there is none

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        #: Runs that were lost before this moment (seconds of the epoch) were offered already.
        self.since = 0.0

    @Slot()
    @Slot(object)
    def look(self, _news: object = None) -> None:
        """Look for it; ``found`` follows."""
        task = self._tasks.submit(
            "Looking for a run that was cut off", simply(partial(last_lost, runs_folder(), self.since))
        )
        task.done.connect(self._on_done)

    def set_since(self, moment: float) -> None:
        """Set ``since``."""
        self.since = moment

    @Slot(object)
    def _on_done(self, lost: LostRun | None) -> None:
        if lost is not None:
            self.found.emit(lost)
