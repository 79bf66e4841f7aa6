"""A worker: trains the trials of a study one after the other, each in ``study.optimize``, until its budget is used.

Any number of workers, of several machines, may work on one study. Stale trials are taken over; a worker that was
suspended longer than the grace period, and whose trial was taken over, stops that trial and trains the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.engine.core.drive import Sink, drive
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import Stop
from workbench.engine.core.signals import Asked
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import rough_duration
from workbench.engine.data.store import DataStore
from workbench.engine.search.between_trials import BetweenTrials
from workbench.engine.search.sampling import prepare
from workbench.engine.search.storage_errors import PATIENCE, DatabaseAway, speaking
from workbench.engine.search.study import Study
from workbench.engine.search.trial import Outcome
from workbench.engine.search.trial_run import TrialRun

if TYPE_CHECKING:
    import optuna

    from workbench.engine.search.heartbeat import Lease
    from workbench.engine.search.repeats import Repeat

#: Seconds between two looks at what other workers train.
_LOOK: Final = 1.0
#: Seconds between two tries to reach a database that does not answer.
_AGAIN: Final = 2.0


class _Failed(Exception):
    """The trial has failed; the study goes on."""


class _NotEnded(BaseException):
    """The trial waits again or is another's, so Optuna must not record an end of it, as it does after any Exception."""


@dataclass
class Worker:
    """Works on ``study``; runs go below ``parent`` (None: the usual folder). It ends when ``asked``, or when the plan
    says so and no other worker trains any more. ``began`` gets each trial that begins, ``ended`` how it has ended,
    ``sink_of`` makes what takes the events of a run, ``say`` gets sentences on other workers and the database."""

    study: Study
    parent: Path | None
    data: DataStore = field(default_factory=DataStore)
    asked: Asked = field(default_factory=Asked)
    began: Callable[[TrialRun], object] = lambda run: None
    ended: Callable[[TrialRun, Outcome], object] = lambda run, outcome: None
    sink_of: Callable[[StepStore], Sink] = lambda steps: lambda event: None
    clock: Callable[[], float] = time.monotonic
    say: Callable[[str], object] = lambda words: None
    _waits_for: int = 0

    def __post_init__(self) -> None:
        self._between = BetweenTrials(self.study, self.clock)

    def work(self) -> None:
        """Train until there is nothing left to do. Raises WorkbenchError where none can go on; the trial waits then."""
        began = self.clock()
        with self.data.run():
            while not self.asked.is_asked:
                try:
                    has_more = self._next(began)
                    self._between.answered()
                    if not has_more:
                        return
                except DatabaseAway as error:
                    self._wait(error)

    def _next(self, began: float) -> bool:
        """Train the next trial, or look again; whether there is more to do."""
        others = self._between.others()
        if not self.study.is_over(self.clock() - began):
            self.one()
            return True
        if others != self._waits_for and others:
            self.say(f"Waiting for other workers: {others} still {'train' if others > 1 else 'trains'}.")
        self._waits_for = others
        self._sleep(_LOOK if others else 0.0)
        return others > 0

    def repeat(self) -> None:
        """Train the repeats for the noise of seeds that no other worker trains, and wait for the others.

        Raises WorkbenchError where none can go on.
        """
        from workbench.engine.search import repeats

        with self.data.run():
            while not self.asked.is_asked:
                try:
                    left = repeats.missing(self.study)
                    if not left:
                        return
                    self._repeat(left)
                    self._between.answered()
                except DatabaseAway as error:
                    self._wait(error)

    def _repeat(self, left: tuple[Repeat, ...]) -> None:
        from workbench.engine.search import repeats
        from workbench.engine.search.repeat_run import RepeatRun

        taken = repeats.take(self.study, left)
        if taken is None:
            self._sleep(_LOOK)
            return
        self.say(f"Noise: {taken[0].words}")
        run = RepeatRun(self.study, *taken)
        run.begin(self.parent)
        stop = lambda event: Stop() if self.asked.is_asked else None  # noqa: E731
        run.report(drive(run.run(self.data), stop, self.sink_of(StepStore())))
        if run.claim.is_lost:
            self._say_taken()

    def one(self) -> None:
        """The next trial, from ask to tell."""
        from optuna.exceptions import UpdateFinishedTrialError

        prepare(self.study)
        halted: list[WorkbenchError] = []
        storage = self.study.storage
        storage.sends_heartbeats, storage.lease = True, None
        try:
            with speaking(self.study.url):
                self.study.optuna.optimize(lambda trial: self._objective(trial, halted), n_trials=1, catch=(_Failed,))
            self._between.unreported = None
        except _NotEnded:
            if halted:
                raise halted[0] from None
        except (AssertionError, UnboundLocalError, ValueError, UpdateFinishedTrialError) as error:
            self._on_unreported(error)  # Optuna raises these where it could not record the end of a trial
        finally:
            storage.sends_heartbeats = False

    def _on_unreported(self, error: Exception) -> None:
        """The end of the trial was not recorded: another worker has taken it over, or the database did not answer."""
        from optuna.exceptions import StorageInternalError
        from sqlalchemy.exc import SQLAlchemyError

        lease = self.study.storage.lease
        if lease is None:
            raise error
        trouble = next(
            (each for each in _chain(error) if isinstance(each, (SQLAlchemyError, StorageInternalError))), None
        )
        if trouble is not None:
            with speaking(self.study.url):
                raise trouble
        if not self.study.is_taken(lease):
            raise error
        self._say_taken()

    def _objective(self, trial: optuna.Trial, halted: list[WorkbenchError]) -> float:
        """The best validation accuracy of ``trial``, as the value for Optuna."""
        from optuna.exceptions import TrialPruned

        outcome: Outcome | None = None
        self._between.unreported = trial
        try:
            lease = self.study.lease(trial)
            outcome = self._judged(trial, lease)
        except WorkbenchError as error:
            halted.append(error)
        if outcome is None:
            self._between.put_back()
            raise _NotEnded
        if outcome.state == "pruned" or outcome.diverged:
            raise TrialPruned
        if outcome.value is None:
            raise _Failed
        return outcome.value

    def _judged(self, trial: optuna.Trial, lease: Lease) -> Outcome | None:
        """How ``trial`` has ended, kept in the study; None where it waits, or is another worker's."""
        position = self.study.position(trial.number)
        if self.study.is_surplus(trial, position):
            raise _Failed
        run = TrialRun(self.study, trial, position, lease)
        try:
            outcome = self._outcome(run, lease)
        except SpecError as error:
            outcome = Outcome("failed", words=str(error.problems[0]))
        if lease.is_lost or not self.study.is_mine(trial):
            self._say_taken()
            return None
        if outcome is not None:
            self.study.ended(trial, outcome)
            self.ended(run, outcome)
        return outcome

    def _outcome(self, run: TrialRun, lease: Lease) -> Outcome | None:
        """The end of ``run``; None if the worker is stopped meanwhile or has lost the trial."""
        before = run.ended_before()
        if before is not None:
            return before
        run.begin(self.parent)
        self.began(run)
        steps = StepStore()
        stop = lambda event: Stop() if self.asked.is_asked else None  # noqa: E731
        ended = drive(run.run(self.data, steps), stop, self.sink_of(steps))
        if ended.reason == "stopped" and (self.asked.is_asked or lease.is_lost) and not run.pruned:
            return None
        return run.outcome(ended)

    def _say_taken(self) -> None:
        self._between.unreported = None
        self.say("The trial was taken over by another worker, because this one gave no sign of life for too long.")

    def _wait(self, error: DatabaseAway) -> None:
        """Wait for the database. Raises ``error`` where it has not answered for ``PATIENCE`` seconds."""
        if self._between.not_answered(error):
            self.say(f"{error.message} It is tried again for {rough_duration(PATIENCE)}; nothing is lost.")
        self._sleep(_AGAIN)

    def _sleep(self, seconds: float) -> None:
        """Wait that long, or until asked to end."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.asked.is_asked:
            time.sleep(min(0.1, seconds))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error`` and those during which it was raised."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
