"""A whole search as one run for a thread that drives runs: each event is one of the trial that is being trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from workbench.engine.core.drive import Run, ended_by
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Command, Event, Notice, RunEnded, Stop
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted
from workbench.engine.data.store import DataStore
from workbench.engine.search import repeats
from workbench.engine.search.between_trials import BetweenTrials
from workbench.engine.search.on_this_machine import finding
from workbench.engine.search.repeat_run import RepeatRun
from workbench.engine.search.sampling import prepare
from workbench.engine.search.storage_errors import DatabaseAway, speaking
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome, Trial, best_of
from workbench.engine.search.trial_run import TrialRun

if TYPE_CHECKING:
    import optuna

    from workbench.engine.search.heartbeat import Lease

#: The code of the notice that a trial has ended.
AFTER_TRIAL: Final = "after_trial"
#: Seconds between two looks at what other workers train, or at a database that does not answer.
_LOOK: Final = 0.5
#: The events of a run that returns its last one.
_Trained = Generator[Event, Command | None, RunEnded]
_T = TypeVar("_T")
#: Events between two runs, with a result.
_Between = Generator[Event, Command | None, _T]


@dataclass
class SearchJob:
    """Trains the trials of a study one after the other, then the repeats; ``cores_left`` cores stay free. Other
    processes may work on the same study.

    ``on_trial`` is called, in the thread of the job, with a trial that begins, and when it has ended or waits again.
    """

    study: Study
    parent: Path | None
    data: DataStore
    on_trial: Callable[[Trial], object] = lambda trial: None
    cores_left: int = 0
    #: Files or folders where this machine may have the data.
    places: Sequence[Path] = ()
    clock: Callable[[], float] = time.monotonic
    _is_stopped: bool = False
    _done: int = 0

    def __post_init__(self) -> None:
        self._between = BetweenTrials(self.study, self.clock)

    def run(self) -> Run:
        """Its events; the last one is RunEnded. Stop ends the present trial, which waits and goes on later."""
        began = self.clock()
        try:
            yield from self._patiently(self._find_data)
            yield from self._patiently(lambda: self._next(began))
            if self._is_stopped:
                words = f"The search was stopped after {counted(self._done, 'trial')}; it goes on later."
                yield _ended("stopped", words)
                return
            yield from self._patiently(self._repeats)
            if self._is_stopped:
                yield _ended("stopped", "The search was stopped while the best trials were repeated.")
                return
        except WorkbenchError as error:
            yield ended_by(error)
            return
        yield _ended("completed", self._words())

    def _find_data(self) -> _Between[bool]:
        """Find the data on this machine; False: nothing more is to be done."""
        work = finding(self.study, self.data, self.places, self.parent)
        for loading in work:
            yield from self._say(loading)
            if self._is_stopped:
                work.close()
        return False

    def _patiently(self, work: Callable[[], _Between[bool]]) -> _Between[None]:
        """Do ``work`` again until it has nothing more to do; where the database does not answer it is waited for."""
        while not self._is_stopped:
            try:
                has_more = yield from work()
                self._between.answered()
                if not has_more:
                    return
            except DatabaseAway as error:
                self._between.not_answered(error)
                yield from self._wait("The database does not answer; trying again")

    def _wait(self, words: str) -> _Between[None]:
        yield from self._say(Loading(0, 0, words))
        if not self._is_stopped:
            time.sleep(_LOOK)

    def _next(self, began: float) -> _Between[bool]:
        """Train the next trial, or wait for those that others train; whether there is more to do."""
        others = self._between.others()
        if not self.study.is_over(self.clock() - began):
            yield from self._trial()
            self._done += not self._is_stopped
            return True
        if others:
            yield from self._wait(f"Waiting for {counted(others, 'other worker')}")
        return others > 0

    def _trial(self) -> _Between[None]:
        """The next trial, from ask to tell; one that is stopped waits."""
        yield from self._say(Loading(0, 0, "Choosing the next settings"))
        if self._is_stopped:
            return
        prepare(self.study)
        with speaking(self.study.url):
            trial = self.study.optuna.ask()
        outcome: Outcome | None = None
        self._between.unreported = trial
        try:
            lease, position = self.study.lease(trial), self.study.position(trial.number)
            is_surplus = self.study.is_surplus(trial, position)
            outcome = None if is_surplus else (yield from self._outcome(trial, lease, position))
            if outcome is not None or is_surplus:
                self._report(trial, outcome)
                self._between.unreported = None
        finally:
            # Else it was stopped, or the database or the disk failed.
            if self._between.unreported is not None and self._between.put_back():
                with suppress(WorkbenchError):
                    self.on_trial(self.study.trial(trial))
        if outcome is not None:
            self.on_trial(self.study.trial(trial))
            words = f"Trial {trial.number}: {outcome.state}. {outcome.words}".rstrip()
            yield from self._say(Notice(0, AFTER_TRIAL, words, "info"))

    def _say(self, event: Event) -> _Between[None]:
        """Yield ``event`` between two runs; a Stop that comes with it is obeyed."""
        command = yield event
        self._is_stopped = self._is_stopped or isinstance(command, Stop)

    def _outcome(self, trial: optuna.Trial, lease: Lease, position: int) -> _Between[Outcome | None]:
        """How it has ended; None where it waits, for it was stopped, or is another worker's by now."""
        from workbench.engine.search.heartbeat import Heartbeats

        run = TrialRun(self.study, trial, position, lease)
        try:
            before = run.ended_before()
            if before is not None:
                return before
            run.begin(self.parent)
        except SpecError as error:
            return Outcome("failed", words=str(error.problems[0]))
        self.on_trial(self.study.trial(trial))
        with Heartbeats(self.study.storage.interval, lambda: self.study.storage.record_heartbeat(trial._trial_id)):
            ended = yield from _trained(run.run(self.data, StepStore(), self.cores_left))
        if lease.is_lost or not self.study.is_mine(trial):
            words = (
                f"Trial {trial.number} was taken over by another worker: this one gave no sign of life for too long."
            )
            yield from self._say(Notice(0, AFTER_TRIAL, words, "warning"))
            return None
        if ended.reason == "stopped" and not run.pruned:
            self._is_stopped = True
            return None
        return run.outcome(ended)

    def _repeats(self) -> _Between[bool]:
        """Train one of the repeats, or wait for those that others train; whether any is left."""
        left = repeats.missing(self.study)
        taken = repeats.take(self.study, left)
        if taken is not None:
            total = repeats.planned(self.study)
            at = f"run {total - len(left) + 1} of {total}"
            words = f"For the noise of seeds, {at}: {taken[0].words}."
            yield from self._repeat(RepeatRun(self.study, *taken), words)
        elif left:
            yield from self._wait("Waiting for other workers")
        return bool(left)

    def _repeat(self, run: RepeatRun, words: str) -> _Between[None]:
        try:
            yield from self._say(Notice(0, repeats.BEGINS, words, "info"))
            if not self._is_stopped:
                run.begin(self.parent)
                ended = yield from _trained(run.run(self.data, self.cores_left))
                self._is_stopped = ended.reason == "stopped" and not run.claim.is_lost
                run.report(ended)
        finally:
            run.wait()

    def _report(self, trial: optuna.Trial, outcome: Outcome | None) -> None:
        """Tell Optuna the end of ``trial``; None: it was begun beyond the budget."""
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        value = outcome.value if outcome is not None else None
        is_pruned = outcome is not None and (outcome.state == "pruned" or outcome.diverged)
        with speaking(self.study.url), suppress(UpdateFinishedTrialError):  # another worker has it in this very moment
            if outcome is not None:
                self.study.ended(trial, outcome)
            if value is not None and not is_pruned:
                self.study.optuna.tell(trial, value)
            else:
                self.study.optuna.tell(trial, state=TrialState.PRUNED if is_pruned else TrialState.FAIL)

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
