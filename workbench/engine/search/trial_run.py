"""One trial as a run: begun in a folder or gone on with, watched for whether it is hopeless, and how it has ended."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.core.drive import Run
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import EpochEnded, Event, RunEnded, Stop
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import grouped, percent
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import last_event, resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.start import Start
from workbench.engine.run_store.unsaved_run import kept_anyway
from workbench.engine.search.plan import PRUNING
from workbench.engine.search.sampling import settings_of
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome
from workbench.engine.shelf.about import About, write_about
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    import optuna

#: The tag of every run of a search.
TAG: Final = "search"


class TrialRun:
    """The run of ``trial``, which is running, in ``study``; ``position`` is its place in the plan.

    ``trial`` gets its settings here. Raises WorkbenchError where the database fails.
    """

    def __init__(self, study: Study, trial: optuna.Trial, position: int) -> None:
        self._study, self._trial = study, trial
        self.number = trial.number
        self.settings = settings_of(study, trial, position)
        self.folder: Path | None = None
        #: Why it was ended early, as a sentence; else empty.
        self.pruned = ""
        self._reached: float | None = None

    @property
    def spec(self) -> ExperimentSpec:
        """The experiment with its settings. Raises SpecError."""
        return self._study.plan.space.spec(self.settings)

    def ended_before(self) -> Outcome | None:
        """How its run has ended, if it had when the program was killed; else None."""
        folder = self._study.folder_of(self._trial)
        line = last_event(folder) if folder is not None else {}
        if line.get("event") != "RunEnded" or line.get("reason") == "stopped":
            return None
        self.folder = folder
        return self.outcome(RunEnded(**{name: line[name] for name in line if name in RunEnded.__dataclass_fields__}))

    def begin(self, parent: Path | None) -> None:
        """Make the folder of its run below ``parent`` (None: the usual one), or go on with the run that it has.

        Raises SpecError where its settings do not fit each other, WorkbenchError where no folder can be made.
        """
        self._begun = self._begin(parent)

    def run(self, data: DataStore, steps: StepStore, cores_left: int = 0) -> Run:
        """The events of the run that was begun. A hopeless trial is stopped."""
        from workbench.engine.train import train

        spec, folder, start = self._begun
        run = kept_anyway(train(spec, folder, steps, data, start, cores_left), folder)
        event = next(run)
        try:
            while True:
                is_hopeless = not self.pruned and self._is_hopeless(event)
                command = yield event
                event = run.send(Stop() if is_hopeless and command is None else command)
        except StopIteration:
            return
        finally:
            run.close()

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

    def _begin(self, parent: Path | None) -> tuple[ExperimentSpec, RunFolder, Start | None]:
        before = self._study.folder_of(self._trial)
        if before is not None and isinstance(resumable(before), int):
            begun = reopened(before)
            self._began(before)
            return begun
        spec = self.spec
        errors = [problem for problem in spec.problems() if problem.severity == "error"]
        if errors:
            raise SpecError(errors)
        folder = RunFolder.create(spec, parent, tell=self._began)
        folder.goes_back = False
        name_run(folder.path, f"{self._study.name}: trial {self.number}")
        return spec, folder, None

    def _began(self, folder: Path) -> None:
        """Record the folder in the study before it is created: a killed process then leaves no unknown run."""
        self.folder = folder
        self._study.began(self._trial, folder)

    def _is_hopeless(self, event: Event) -> bool:
        plan = self._study.plan
        if plan.pruning == "off" or not isinstance(event, EpochEnded) or event.val is None:
            return False
        epoch = event.epochs_done
        if epoch == 0:  # before the first step trials do not differ in a way that pruning could use
            return False
        self._reached = max(event.val.accuracy, self._reached or 0.0)
        self._trial.report(self._reached, epoch)
        if epoch >= plan.base.loop.epochs or not self._trial.should_prune():
            return False
        title = PRUNING[plan.pruning][0]
        self.pruned = f"Ended early after epoch {grouped(epoch)} at {percent(self._reached)}: hopeless by {title}."
        return True


def name_run(folder: Path, name: str) -> None:
    """Name the run in ``folder``; one without its name is still a run."""
    with contextlib.suppress(WorkbenchError):
        write_about(folder, About.of(name, (TAG,)))
