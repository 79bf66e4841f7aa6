"""One repeat for the noise of seeds as a run: begun or resumed, with heartbeats; its result is kept in the study."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path

from workbench.engine.core.drive import Run, stopped_when
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import end_of, resumable
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.run_lock import FolderIsHeld
from workbench.engine.run_store.start import Start
from workbench.engine.run_store.unsaved_run import kept_anyway
from workbench.engine.search import claims
from workbench.engine.search.claims import Claim
from workbench.engine.search.repeats import Repeat
from workbench.engine.search.study import Study
from workbench.engine.search.trial_run import name_run
from workbench.engine.shelf.about import read_about
from workbench.engine.shelf.noise import Measured
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load


class RepeatRun:
    """The run of ``repeat``, which this process trains by ``claim``. Methods raise WorkbenchError where the database
    fails."""

    def __init__(self, study: Study, repeat: Repeat, claim: Claim) -> None:
        self._study, self._repeat, self.claim = study, repeat, claim
        self._name = f"{study.name}: {repeat.words}"
        self._folder = Path()

    def begin(self, parent: Path | None) -> None:
        """Make its folder below ``parent``, recorded in the study before it is created, or go on in the one that the
        study names, where this machine has it. The repeat waits again where none can be made.

        Raises WorkbenchError.
        """
        try:
            self._begun = self._begin(parent)
        except WorkbenchError:
            self.wait()
            raise

    def run(self, data: DataStore, cores_left: int = 0) -> Run:
        """Its events; nothing is trained where it had ended before. It stops where another process has taken it."""
        from workbench.engine.search.heartbeat import Heartbeats
        from workbench.engine.train import train

        if isinstance(self._begun, RunEnded):
            yield self._begun
            return
        spec, folder, start = self._begun
        run = kept_anyway(train(spec, folder, StepStore(), data, start, cores_left), folder)
        with Heartbeats(self._study.storage.interval, self._keep_alive):
            yield from stopped_when(run, lambda event: self.claim.is_lost)

    def report(self, ended: RunEnded) -> None:
        """Keep in the study how it has ended; one that was stopped waits."""
        if ended.reason == "stopped":
            self.wait()
            return
        record = read_record(self._folder)
        found = Measured.of(record) if record is not None and record.status == "finished" else None
        self.claim.release(ended=asdict(found) if found is not None else {})

    def wait(self) -> None:
        """Let it wait for any process; without the database it is taken over later."""
        with contextlib.suppress(WorkbenchError):
            self.claim.release()

    def _keep_alive(self) -> None:
        with contextlib.suppress(WorkbenchError):  # the next heartbeat may get through
            self.claim.keep()

    def _begin(self, parent: Path | None) -> tuple[ExperimentSpec, RunFolder, Start | None] | RunEnded:
        """How its run had ended before, if it had."""
        before = self._folder_before()
        if before is not None:
            self._folder = before
            ended = end_of(before)
            if ended is not None:
                return ended
            if isinstance(resumable(before), int):
                with contextlib.suppress(FolderIsHeld):  # by the process that has lost it and still runs: begin again
                    return reopened(before, self._study.places)
        spec = self._repeat.spec
        folder = RunFolder.create(spec, parent, tell=lambda path: self.claim.keep(folder=str(path)))
        self._folder, folder.goes_back = folder.path, False
        name_run(folder.path, self._name)
        return spec, folder, None

    def _folder_before(self) -> Path | None:
        """The folder that the study names, if it is here and the repeat's: another machine may have the same path."""
        folder = Path(claims.said_of(self.claim.text).get("folder") or "")
        try:
            spec = load(folder / "spec.toml")
        except (OSError, SpecError, WorkbenchError):
            return None
        is_same = self._study.elsewhere(spec) == self._study.elsewhere(self._repeat.spec)
        return folder if is_same and read_about(folder)[0].name == self._name else None
