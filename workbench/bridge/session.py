"""The work in one window: which run goes on, what it has shown so far, and the run before it for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import MakeRun, Runner, State
from workbench.bridge.spec_store import SpecStore
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.drive import Run
from workbench.engine.core.events import Event, Notice, RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.history import History
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.diff import summary
from workbench.engine.spec.experiment import ExperimentSpec


class Session(QObject):
    """Joins the spec store and the runner. Lives in the GUI thread; views ask it to train and listen to it."""

    began = Signal(object)  #: the History of a new run, still empty
    ghost_changed = Signal(object, str)  #: the History of the run before (or None) and what it had otherwise
    updated = Signal(object)  #: the events just folded into the history, a list
    noticed = Signal(object)  #: a Notice
    ended = Signal(object)  #: a RunEnded
    excused = Signal()  #: what the last run failed for has been changed, or reads well again
    lent_ended = Signal(object)  #: the RunEnded of what had the training thread instead of a run

    def __init__(
        self, store: SpecStore, runner: Runner, loaded: DataStore | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.store = store
        self.loaded = loaded or DataStore()
        self.runner = runner
        self.history = History()
        self.trained: ExperimentSpec | None = None
        self.folder = ""
        self._restart = False
        self._is_lent = False
        self._failed: RunEnded | None = None
        self._failed_with = store.spec
        store.changed.connect(self._on_spec)
        store.live_edit.connect(self._on_live_edit)
        runner.events.connect(self._on_events)
        runner.finished.connect(self._on_finished)

    @property
    def is_active(self) -> bool:
        """Whether a run is under way, paused included."""
        return self.runner.is_active

    @Slot()
    def train(self) -> None:
        """Start a run of the current spec; nothing happens while one is under way or the input has an error."""
        self.store.settle()
        if self.runner.is_active or self.store.reason():
            return
        spec = self.store.spec
        before, trained_before = self.history, self.trained
        self.history, self.trained, self.folder = History(), spec, ""
        self._is_lent, self._failed = False, None
        if not self.runner.start(_RunMaker(spec, self.history.steps, runs_folder(), self.loaded)):
            return
        self.store.set_running(spec)
        if trained_before is not None and before.epochs:
            # Curves of other data cannot be compared; drawn behind the new ones they would only spoil the scale.
            alike = trained_before.data.source == spec.data.source
            self.ghost_changed.emit(before if alike else None, summary(trained_before, spec) if alike else "")
        self.began.emit(self.history)

    def lend(self, make_run: MakeRun) -> bool:
        """Give the training thread to something else than a run of the form; False if it is in use.

        It can be paused and stopped like a run. Nothing of it goes into the history; ``lent_ended`` tells its end.
        """
        if self.runner.is_active:
            return False
        self._is_lent = True
        self._is_lent = self.runner.start(make_run)
        return self._is_lent

    @Slot()
    def restart(self) -> None:
        """Train with the settings as they are in the form: stop the run first if there is one."""
        self.store.settle()
        if self.store.reason():
            return
        if self.runner.is_active:
            self._restart = True
            self.runner.stop()
        else:
            self.train()

    @Slot()
    def pause_or_resume(self) -> None:
        """Hold the run, or let it go on."""
        if self.runner.state in (State.PAUSED, State.PAUSING):
            self.runner.resume()
        else:
            self.runner.pause()

    @Slot()
    def step_one(self) -> None:
        """Train one batch, then hold."""
        self.runner.step_one()

    @Slot()
    def stop(self) -> None:
        """End the run; the best weights are kept."""
        self._restart = False
        self.runner.stop()

    @Slot()
    def clear_ghost(self) -> None:
        """Forget the run before."""
        self.ghost_changed.emit(None, "")

    def restart_with_lower_rate(self) -> None:
        """Divide the learning rate by ten and train again: the way out of a diverged run."""
        rate = self.store.spec.optimizer.lr / 10.0
        if not self.store.input_errors:
            self.store.edit("optimizer.lr", rate)
        self.restart()

    @property
    def failure(self) -> RunEnded | None:
        """How the last run failed, as long as the settings at fault are still so."""
        return self._failed

    @Slot()
    def data_was_read(self) -> None:
        """The data that is chosen reads well: a failure to read it is over."""
        if self._failed is not None and self._failed.path.partition(".")[0] == "data":
            self._excuse()

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        """A failure that names its setting is over when that is another; of the data, any of its settings."""
        failed = self._failed
        if failed is None or not failed.path:
            return
        path = "data" if failed.path.partition(".")[0] == "data" else failed.path
        if _at(spec, path) != _at(self._failed_with, path):
            self._excuse()

    def _excuse(self) -> None:
        self._failed = None
        self.excused.emit()

    @Slot(str, object)
    def _on_live_edit(self, path: str, value: Any) -> None:
        self.runner.edit(path, value)

    @Slot(object)
    def _on_events(self, events: Sequence[Event]) -> None:
        if self._is_lent:
            return
        for event in events:
            self.history.fold(event)
        if self.history.started is not None:
            self.folder = self.history.started.folder
        self.updated.emit(events)
        for event in events:
            if isinstance(event, Notice):
                self.noticed.emit(event)

    @Slot(object)
    def _on_finished(self, ended: RunEnded) -> None:
        if self._is_lent:
            self._is_lent = False
            self.lent_ended.emit(ended)
        else:
            self.store.set_running(None)
            self._failed = ended if ended.reason == "failed" else None
            self._failed_with = self.store.spec
            self.ended.emit(ended)
        if self._restart:
            self._restart = False
            self.train()


def _at(spec: ExperimentSpec, path: str) -> object:
    """The setting at ``path``, or the part of the settings that it would stand in."""
    while path:
        try:
            return spec.at(path)
        except KeyError:
            path = path.rpartition(".")[0]
    return spec


class _RunMaker:
    """Makes the run in the training thread, where torch may be imported and the folder may be slow."""

    def __init__(self, spec: ExperimentSpec, steps: StepStore, parent: Path, loaded: DataStore) -> None:
        self._spec, self._steps, self._parent, self._loaded = spec, steps, parent, loaded

    def __call__(self) -> Run:
        from workbench.engine.train import train

        with self._loaded.run():
            folder = RunFolder.create(self._spec, self._parent)
            yield from train(self._spec, folder, self._steps, self._loaded)
