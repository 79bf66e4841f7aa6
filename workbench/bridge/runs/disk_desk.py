"""What kept runs take on the disk: measured, thinned to curves and best weights, written for TensorBoard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runs.run_list import RunList
from workbench.bridge.threads.background import Cancelled, IsCancelled, Progress, Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import simply
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.text import counted, paths_text
from workbench.engine.shelf.disk import DiskUse, Thinned, ThinPlan, disk_use, old_runs, thin_plan, thinned
from workbench.engine.shelf.record import RunRecord
from workbench.engine.shelf.tensorboard import INSTALL, export_tensorboard, is_installed


class DiskDesk(QObject):
    """Works on the runs of ``runs`` in the background. Lives in the GUI thread."""

    told = Signal(str, str)  #: a sentence for the user, and "info", "warning" or "error"
    measured = Signal(object, object)  #: the DiskUse of all runs, and the ThinPlan of the old ones
    planned = Signal(object)  #: the ThinPlan of chosen runs, to be confirmed
    outdated = Signal()  #: runs were read that take another space on the disk: what was measured is no longer so

    def __init__(self, tasks: Tasks, runs: RunList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._runs = tasks, runs
        self._sizes = 0
        runs.changed.connect(self._on_runs)

    def measure(self, days: int) -> None:
        """Ask what runs take, and what thinning those begun more than ``days`` ago would free."""
        records = self._runs.records
        task = self._submit("Measuring runs", lambda: _measured(records, days))
        task.done.connect(self._on_measured)

    def plan(self, records: Sequence[RunRecord]) -> None:
        """Ask what thinning ``records`` would free; ``planned`` follows where it is something."""
        chosen = tuple(records)
        task = self._submit("Measuring runs", lambda: thin_plan(chosen))
        task.done.connect(self._on_planned)

    def thin(self, plan: ThinPlan) -> None:
        """Thin the runs of ``plan``; emits what has become of it. It cannot be undone."""
        task = self._tasks.submit("Thinning runs", _Thinning(plan))
        task.done.connect(self._on_thinned)
        task.failed.connect(self._on_failed)

    @property
    def why_no_tensorboard(self) -> str:
        """Why runs cannot be written for TensorBoard; empty if they can."""
        return "" if is_installed() else f"TensorBoard's event files need its package. {INSTALL}"

    def export(self, records: Sequence[RunRecord], target: Path) -> None:
        """Write TensorBoard's event files of ``records``, each in a folder of its own below ``target``."""
        chosen = tuple(records)
        task = self._submit("Writing event files", lambda: export_tensorboard(chosen, target))
        task.done.connect(self._on_exported)

    def _submit(self, title: str, work: Callable[[], object]) -> Task:
        task = self._tasks.submit(title, simply(work))
        task.failed.connect(self._on_failed)
        return task

    @Slot()
    def _on_runs(self) -> None:
        sizes = sum(record.size for record in self._runs.records)
        if sizes != self._sizes:
            self._sizes = sizes
            self.outdated.emit()

    @Slot(object)
    def _on_measured(self, found: tuple[DiskUse, ThinPlan]) -> None:
        self.measured.emit(*found)

    @Slot(object)
    def _on_planned(self, plan: ThinPlan) -> None:
        if plan.records:
            self.planned.emit(plan)
        else:
            self.told.emit("There is nothing to thin: curves and best weights are all that is kept.", "info")

    @Slot(object)
    def _on_thinned(self, done: Thinned) -> None:
        self._runs.refresh()
        self.told.emit(done.words, "warning" if done.refused else "info")

    @Slot(object)
    def _on_exported(self, folders: tuple[Path, ...]) -> None:
        where = paths_text([str(folders[0].parent)])
        self.told.emit(f"Event files of {counted(len(folders), 'run')} written. tensorboard --logdir {where}", "info")

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self.told.emit(failure.message, "error")
        self._runs.refresh()


class _Thinning:
    def __init__(self, plan: ThinPlan) -> None:
        self._plan = plan

    def __call__(self, progress: Progress, is_cancelled: IsCancelled) -> Thinned:
        def each(done: int) -> None:
            if is_cancelled():
                raise Cancelled
            progress(done / len(self._plan.records), f"Thinning runs: {done} of {len(self._plan.records)}")

        return thinned(self._plan, each)


def _measured(records: Sequence[RunRecord], days: int) -> tuple[DiskUse, ThinPlan]:
    return disk_use(runs_folder(), records), thin_plan(old_runs(records, days))
