"""A whole search as one run for a thread that drives runs: each event is one of the trial that is being trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from workbench.engine.core.drive import Run, ended_by
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Command, Event, Notice, RunEnded, Stop
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted
from workbench.engine.data.store import DataStore
from workbench.engine.search import repeats
from workbench.engine.search.sampling import prepare
from workbench.engine.search.storage import speaking
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome, Trial, best_of
from workbench.engine.search.trial_run import TrialRun

if TYPE_CHECKING:
    import optuna

#: The code of the notice that a trial, or a repeat, has ended.
AFTER_TRIAL: Final = "after_trial"
#: The events of a run that returns its last one.
_Trained = Generator[Event, Command | None, RunEnded]


@dataclass
class SearchJob:
    """Trains the trials of a study one after the other, then the repeats; ``cores_left`` cores stay free.

    ``told`` is called, in the thread of the job, with a trial that begins, and when it has ended or waits again.
    """

    study: Study
    parent: Path | None
    data: DataStore
    told: Callable[[Trial], object] = lambda trial: None
    cores_left: int = 0
    clock: Callable[[], float] = time.monotonic
    _is_stopped: bool = False

    def run(self) -> Run:
        """Its events; the last one is RunEnded. Stop ends the present trial, which waits and goes on later."""
        began, done = self.clock(), 0
        try:
            self.study.put_back_lost(self.study.frozen())
            while not self._is_stopped:
                trials = self.study.frozen()
                if self.study.is_over(self.clock() - began, trials):
                    break
                yield from self._trial(len(trials))
                done += not self._is_stopped
            if self._is_stopped:
                yield _ended("stopped", f"The search was stopped after {counted(done, 'trial')}; it goes on later.")
                return
            for repeat in repeats.missing(self.study):
                yield from self._repeat(repeat)
                if self._is_stopped:
                    yield _ended("stopped", "The search was stopped while the best trials were repeated.")
                    return
        except WorkbenchError as error:
            yield ended_by(error)
            return
        yield _ended("completed", self._words())

    def _trial(self, before: int) -> Generator[Event, Command | None, None]:
        """The next trial, from asking for it to telling its end; one that is stopped waits."""
        yield from self._say(Loading(0, 0, "Choosing the next settings"))
        if self._is_stopped:
            return
        prepare(self.study, before)
        with speaking(self.study.url):
            trial = self.study.optuna.ask()
        outcome: Outcome | None = None
        try:
            outcome = yield from self._outcome(trial)
        finally:
            if outcome is None:  # stopped, or the database or the disk failed
                with suppress(WorkbenchError):
                    self.study.put_back(trial)
                    self.told(self.study.trial(trial))
        if outcome is not None:
            self._tell(trial, outcome)
            self.told(self.study.trial(trial))
            words = f"Trial {trial.number}: {outcome.state}. {outcome.words}".rstrip()
            yield from self._say(Notice(0, AFTER_TRIAL, words, "info"))

    def _say(self, event: Event) -> Generator[Event, Command | None, None]:
        """Yield ``event`` between two runs; a Stop that comes with it is obeyed."""
        command = yield event
        self._is_stopped = self._is_stopped or isinstance(command, Stop)

    def _outcome(self, trial: optuna.Trial) -> Generator[Event, Command | None, Outcome | None]:
        run = TrialRun(self.study, trial, self.study.position(trial.number))
        before = run.ended_before()
        if before is not None:
            return before
        try:
            run.begin(self.parent)
        except SpecError as error:
            return Outcome("failed", words=str(error.problems[0]))
        self.told(self.study.trial(trial))
        ended = yield from _trained(run.run(self.data, StepStore(), self.cores_left))
        if ended.reason == "stopped" and not run.pruned:
            self._is_stopped = True
            return None
        return run.outcome(ended)

    def _repeat(self, repeat: repeats.Repeat) -> Generator[Event, Command | None, None]:
        yield from self._say(Notice(0, AFTER_TRIAL, f"For the noise of seeds: {repeat.words}.", "info"))
        if not self._is_stopped:
            begun = repeats.begin(self.study, repeat, self.parent)
            ended = yield from _trained(repeats.run(begun, self.data, StepStore()))
            self._is_stopped = ended.reason == "stopped"

    def _tell(self, trial: optuna.Trial, outcome: Outcome) -> None:
        from optuna.trial import TrialState

        self.study.ended(trial, outcome)
        state = TrialState.PRUNED if outcome.state == "pruned" or outcome.diverged else None
        with speaking(self.study.url):
            if outcome.value is not None and state is None:
                self.study.optuna.tell(trial, outcome.value)
            else:
                self.study.optuna.tell(trial, state=state or TrialState.FAIL)

    def _words(self) -> str:
        trials = self.study.trials()
        found = repeats.verdict(self.study, trials)
        if found is None or not best_of(trials):
            return "The search has ended; no trial is complete."
        return f"The search has ended. {' '.join(found.comparisons)}"


def _trained(run: Run) -> _Trained:
    """The events of ``run`` but for its last one, which is returned; an error of it is a last one too."""
    ended = RunEnded("failed", 0, 0, 0.0, "The run ended without a last word.")
    try:
        event = next(run)
        while not isinstance(event, RunEnded):
            event = run.send((yield event))
        ended = event
        next(run)
    except StopIteration:
        pass
    except Exception as error:
        ended = ended_by(error)
    finally:
        run.close()
    return ended


def _ended(reason: Literal["completed", "stopped"], message: str) -> RunEnded:
    return RunEnded(reason, 0, 0, 0.0, message)
