"""A worker: trains the trials of a study one after the other, each in ``study.optimize``, until its budget is used."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.core.drive import Sink, drive
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Command, Event, Stop
from workbench.engine.core.signals import Asked
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.run_store.run_lock import FolderIsHeld
from workbench.engine.search.sampling import prepare
from workbench.engine.search.storage import speaking
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome
from workbench.engine.search.trial_run import TrialRun

if TYPE_CHECKING:
    import optuna

#: Seconds between two checks for trials without a worker.
_LOOK: Final = 1.0


class _Failed(Exception):
    """The trial has failed; the study goes on."""


class _NotEnded(BaseException):
    """The trial waits again, so Optuna must not record an end of it, as it does after any Exception."""


@dataclass
class Worker:
    """Works on ``study``; runs go below ``parent`` (None: the usual folder). It ends when ``asked``, or when the plan
    says so. ``tell`` gets each trial that begins, ``ended`` how it has ended, ``sink_of`` makes what takes the events
    of a run."""

    study: Study
    parent: Path | None
    data: DataStore = field(default_factory=DataStore)
    asked: Asked = field(default_factory=Asked)
    tell: Callable[[TrialRun], object] = lambda run: None
    ended: Callable[[TrialRun, Outcome], object] = lambda run, outcome: None
    sink_of: Callable[[StepStore], Sink] = lambda steps: lambda event: None
    clock: Callable[[], float] = time.monotonic

    def work(self) -> None:
        """Train until there is nothing left to do. Raises WorkbenchError where none can go on; the trial waits then."""
        began = self.clock()
        with self.data.run():
            while not self.asked.is_asked:
                trials, silent = self.study.frozen(), 0
                if any(each.state.name == "RUNNING" for each in trials):
                    silent, trials = self.study.put_back_lost(trials), self.study.frozen()
                if not self.study.is_over(self.clock() - began, trials):
                    self.one(len(trials))
                elif silent and self.study.plan.planned is not None:
                    time.sleep(_LOOK)  # a process may have ended before it could say which trial it trains
                else:
                    return

    def one(self, trials: int) -> None:
        """The next trial behind ``trials`` others, from asking for it to telling its end."""
        prepare(self.study, trials)
        halted: list[WorkbenchError] = []
        try:
            with speaking(self.study.url):
                self.study.optuna.optimize(lambda trial: self._objective(trial, halted), n_trials=1, catch=(_Failed,))
        except _NotEnded:
            if halted:
                raise halted[0] from None

    def _objective(self, trial: optuna.Trial, halted: list[WorkbenchError]) -> float:
        """The best validation accuracy of ``trial``, as the value for Optuna."""
        from optuna.exceptions import TrialPruned

        outcome: Outcome | None = None
        try:
            position = self.study.position(trial.number)
            if self.study.is_surplus(trial, position):
                raise _Failed
            run = TrialRun(self.study, trial, position)
            try:
                outcome = self._outcome(run)
            except SpecError as error:
                outcome = Outcome("failed", words=str(error.problems[0]))
            if outcome is not None:
                if not self.study.is_mine(trial):
                    raise _NotEnded
                self.study.ended(trial, outcome)
                self.ended(run, outcome)
        except FolderIsHeld:  # another process trains it
            raise _NotEnded from None
        except WorkbenchError as error:
            halted.append(error)
            outcome = None
        if outcome is None:
            with suppress(WorkbenchError):  # without the database it is put back when it is seen that nobody trains it
                self.study.put_back(trial)
            raise _NotEnded
        if outcome.state == "pruned" or outcome.diverged:
            raise TrialPruned
        if outcome.value is None:
            raise _Failed
        return outcome.value

    def _outcome(self, run: TrialRun) -> Outcome | None:
        """The end of ``run``; None if the worker is stopped meanwhile."""
        before = run.ended_before()
        if before is not None:
            return before
        run.begin(self.parent)
        self.tell(run)
        steps = StepStore()
        ended = drive(run.run(self.data, steps), self._command, self.sink_of(steps))
        if ended.reason == "stopped" and self.asked.is_asked and not run.pruned:
            return None
        return run.outcome(ended)

    def _command(self, event: Event) -> Command | None:
        return Stop() if self.asked.is_asked else None
