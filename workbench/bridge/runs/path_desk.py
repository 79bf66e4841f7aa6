"""The path of a kept run over the loss around it: trained once more, then measured on finer and finer grids."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import Task, TaskFailure, Tasks, Work
from workbench.bridge.threads.progress import as_task
from workbench.engine.core.progress import Loading

if TYPE_CHECKING:
    from workbench.engine.experiments.run_path.loss_around import LossGrid, LossMeter
    from workbench.engine.experiments.run_path.plane import Plane

_NAME = "Measuring the loss around a run"


@dataclass(frozen=True, eq=False)
class PathPicture:
    """What is known of a run's path: its plane, the loss on a grid so far, and sentences about both."""

    meter: LossMeter
    plane: Plane
    grid: LossGrid
    words: tuple[str, ...]


class PathDesk(QObject):
    """One run at a time, on the thread of ``tasks``. Lives in the GUI thread."""

    changed = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None
        self.picture: PathPicture | None = None
        self.trouble = ""
        self.share, self.words = 0.0, ""

    @property
    def is_working(self) -> bool:
        """Whether a computation is running."""
        return self._task is not None

    def begin(self, folder: Path) -> None:
        """Train the run in ``folder`` once more and measure the loss around its path; the run is not touched."""
        self.cancel()
        self.picture, self.trouble = None, ""
        self._submit(as_task(lambda: _first(folder)))

    @Slot()
    def cancel(self) -> None:
        """Cancel the computation; results so far stay."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            self.changed.emit()

    @Slot()
    def close(self) -> None:
        """Cancel the computation and free its results, which take the memory of three networks."""
        self.picture, self.trouble = None, ""
        self.cancel()

    def _submit(self, work: Work) -> None:
        task = self._task = self._tasks.submit(_NAME, work)
        self.share, self.words = 0.0, ""
        task.progressed.connect(self._on_progress)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)
        self.changed.emit()

    @Slot(float, str)
    def _on_progress(self, share: float, words: str) -> None:
        if self.sender() is self._task:
            self.share, self.words = share, words
            self.changed.emit()

    @Slot(object)
    def _on_done(self, picture: PathPicture) -> None:
        if self.sender() is not self._task:
            return
        self._task, self.picture = None, picture
        side = _finer(picture.grid)
        if side:
            self._submit(as_task(lambda: _refined(picture, side)))
        else:
            self.changed.emit()

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        if self.sender() is self._task:
            self._task, self.trouble = None, failure.message
            self.changed.emit()

    @Slot()
    def _on_cancelled(self) -> None:
        if self.sender() is self._task:
            self._task = None


def _first(folder: Path) -> Generator[Loading, None, PathPicture]:
    """The path of a run and the coarsest grid around it."""
    from workbench.engine.experiments.run_path.loss_around import SIDES, LossMeter, measured_grid
    from workbench.engine.experiments.run_path.plane import main_plane, shares_words
    from workbench.engine.experiments.run_path.weight_path import retraced

    found = yield from retraced(folder)
    plane, meter = main_plane(found.path.rows), LossMeter(found)
    grid = yield from measured_grid(meter, plane, SIDES[0])
    return PathPicture(meter, plane, grid, (f"{shares_words(plane)}.", found.proof))


def _refined(picture: PathPicture, side: int) -> Generator[Loading, None, PathPicture]:
    from workbench.engine.experiments.run_path.loss_around import measured_grid

    grid = yield from measured_grid(picture.meter, picture.plane, side, picture.grid)
    return PathPicture(picture.meter, picture.plane, grid, picture.words)


def _finer(grid: LossGrid) -> int:
    from workbench.engine.experiments.run_path.loss_around import SIDES

    return next((side for side in SIDES if side > grid.side), 0)
