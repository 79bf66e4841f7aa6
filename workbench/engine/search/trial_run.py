"""One trial as a run: begun in a folder or gone on with, watched for whether it is hopeless, and how it has ended."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.drive import Run, stopped_when
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import EpochEnded, Event, RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import grouped, percent
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import end_of, resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.run_lock import FolderIsHeld
from workbench.engine.run_store.start import Start
from workbench.engine.run_store.unsaved_run import kept_anyway
from workbench.engine.search.plan import PRUNING
from workbench.engine.search.sampling import settings_of
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome
from workbench.engine.shelf.about import About, read_about, write_about
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load

if TYPE_CHECKING:
    import optuna

    from workbench.engine.search.heartbeat import Lease

#: The tag of every run of a search.
TAG: Final = "search"
#: Maximum number of points of the curve of a running trial that are kept in the database.
_POINTS: Final = 32


class TrialRun:
    """The run of ``trial`` of ``study``, which this process trains by ``lease``; ``position`` is its place in the plan.

    ``trial`` gets its settings here. Raises WorkbenchError where the database fails.
    """

    def __init__(self, study: Study, trial: optuna.Trial, position: int, lease: Lease) -> None:
        self._study, self._trial, self._lease = study, trial, lease
        self.number = trial.number
        self.settings = settings_of(study, trial, position)
        self.folder: Path | None = None
        #: Why it was ended early, as a sentence; else empty.
        self.pruned = ""
        self._reached: float | None = None
        self._reported = study.reported(trial)
        self._pace = (time.monotonic(), 0)

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment with its settings, its data where this machine has them. Raises SpecError."""
        return self._study.spec(self.settings)

    @property
    def name(self) -> str:
        """The name of its run."""
        return f"{self._study.name}: trial {self.number}"

    def ended_before(self) -> Outcome | None:
        """How its run has ended, if it had when the program was killed; else None. Raises SpecError."""
        folder = self._folder_before()
        ended = end_of(folder) if folder is not None else None
        if ended is None:
            return None
        self.folder = folder
        return self.outcome(ended)

    def begin(self, parent: Path | None) -> None:
        """Make the folder of its run below ``parent`` (None: the usual one), or go on with the run that it has.

        Raises SpecError where its settings do not fit each other, WorkbenchError where no folder can be made.
        """
        self._begun = self._begin(parent)

    def run(self, data: DataStore, steps: StepStore, cores_left: int = 0) -> Run:
        """The events of the run that was begun. It stops where it is hopeless, or where another process has taken the
        trial."""
        from workbench.engine.train import train

        spec, folder, start = self._begun
        self._pace = (time.monotonic(), steps.count)
        self._lease.progress = lambda: self._progress(steps)
        run = kept_anyway(train(spec, folder, steps, data, start, cores_left), folder)
        return stopped_when(run, lambda event: self._lease.is_lost or (not self.pruned and self._is_hopeless(event)))

    def outcome(self, ended: RunEnded) -> Outcome:
        """The outcome of the trial whose run ended with ``ended``."""
        reached, seconds = ended.best_accuracy, ended.seconds
        if ended.reason == "failed":
            diverged = ended.code == "diverged"
            return Outcome("failed", None, reached, seconds, ended.message, diverged)
        if self.pruned and ended.reason == "stopped":
            return Outcome("pruned", None, reached, seconds, self.pruned)
        if reached is None:
            return Outcome("failed", None, None, seconds, "Nothing was measured: there are no validation examples.")
        return Outcome("complete", reached, reached, seconds)

    def _folder_before(self) -> Path | None:
        """The folder of its run that was begun before, if this machine has it. Raises SpecError.

        The folder is known by its settings, and by its name where another machine has written it: the same path may
        be another run here.
        """
        folder = self._study.folder_of(self._trial)
        if folder is None:
            return None
        try:
            spec = load(folder / "spec.toml")
        except (OSError, SpecError, WorkbenchError):
            return None
        is_same = self._study.elsewhere(spec) == self._study.elsewhere(self.spec)
        is_here = self._study.host_of(self._trial) == socket.gethostname() or read_about(folder)[0].name == self.name
        return folder if is_same and is_here else None

    def _begin(self, parent: Path | None) -> tuple[ExperimentSpec, RunFolder, Start | None]:
        spec, before = self.spec, self._folder_before()
        if before is not None and isinstance(resumable(before), int):
            with contextlib.suppress(FolderIsHeld):  # by a process that has lost the trial: begin again
                begun = reopened(before, self._study.places)
                self._began(before)
                return begun
        errors = [problem for problem in spec.problems() if problem.severity == "error"]
        if errors:
            raise SpecError(errors)
        folder = RunFolder.create(spec, parent, tell=self._began)
        folder.goes_back = False
        name_run(folder.path, self.name)
        return spec, folder, None

    def _began(self, folder: Path) -> None:
        """Record the folder in the study before it is created: a killed process then leaves no unknown run."""
        self.folder = folder
        self._study.began(self._trial, folder)

    def _progress(self, steps: StepStore) -> dict[str, Any]:
        """How far it is, and the steps a second since this was asked before."""
        (then, before), now = self._pace, (time.monotonic(), steps.count)
        self._pace = now
        rate = (now[1] - before) / (now[0] - then) if now[0] > then else 0.0
        return {"step": now[1], "rate": round(rate, 1)}

    def _is_hopeless(self, event: Event) -> bool:
        """Whether pruning ends the trial; its curve is sent to the database."""
        if not isinstance(event, EpochEnded) or event.val is None:
            return False
        plan, epoch = self._study.plan, event.epochs_done
        if epoch == 0:  # before the first step trials do not differ in a way that pruning could use
            return False
        self._reached, epochs = max(event.val.accuracy, self._reached or 0.0), plan.base.loop.epochs
        if plan.pruning == "off":
            if epoch % -(-epochs // _POINTS) == 0 or epoch == epochs:
                self._lease.report(epoch, self._reached)
            return False
        is_hopeless = self._study.should_prune(self._trial, epoch, self._reached, is_new=epoch not in self._reported)
        if epoch >= epochs or not is_hopeless:
            return False
        title = PRUNING[plan.pruning][0]
        self.pruned = f"Ended early after epoch {grouped(epoch)} at {percent(self._reached)}: hopeless by {title}."
        return True


def name_run(folder: Path, name: str) -> None:
    """Name the run in ``folder``; one without its name is still a run."""
    with contextlib.suppress(WorkbenchError):
        write_about(folder, About.of(name, (TAG,)))
