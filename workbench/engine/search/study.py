"""A study: its plan and its trials in a database. Any number of processes may work on one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.search.plan import Plan
from workbench.engine.search.space import Settings
from workbench.engine.search.storage import default_url, is_shared, opened, refuse_missing
from workbench.engine.search.storage_errors import speaking
from workbench.engine.search.stored import (
    BEGAN,
    BY_HAND,
    ENDED,
    SURPLUS,
    RunningTrial,
    Stored,
    edition,
    put_back,
    read_all,
    read_running,
    running_trials,
    tally,
)
from workbench.engine.search.trial import Outcome, Running, Trial, is_gone, this_worker
from workbench.engine.search.watch import Watch
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from workbench.engine.search.heartbeat import Lease, LiveStorage

#: Name of an attribute in the database; files on users' disks depend on it.
_PLAN: Final = "workbench"
#: How long a study that another process is just making is waited for, in seconds, and the pause between two looks.
_MAKING: Final = 5.0
_PAUSE: Final = 0.1


class StudyExists(WorkbenchError):
    """There is a study of this name."""


class Study:
    """The study ``name`` in the database ``url``. Methods raise WorkbenchError where the database fails, DatabaseAway
    where it may be back later."""

    def __init__(self, study: optuna.Study, storage: LiveStorage, url: str, plan: Plan) -> None:
        self.optuna, self.storage, self.url, self.plan = study, storage, url, plan
        self.watch = Watch()
        #: Whether processes of other machines may work on it.
        self.is_shared = is_shared(url)
        #: Path and value of the settings that say where this machine has the data, if not where the study says.
        self.places: tuple[tuple[str, Any], ...] = ()

    @classmethod
    def create(cls, plan: Plan, name: str, url: str = "") -> Study:
        """A new study. Raises SpecError for a wrong plan, StudyExists where there is one of this name."""
        plan.refuse_problems()
        url = url or default_url()
        import optuna

        with _closed_on_error(opened(url)) as storage, speaking(url):
            try:
                made = optuna.create_study(storage=storage, study_name=name, direction="maximize")
            except optuna.exceptions.DuplicatedStudyError:
                words = f"There is a study {name} already; without --field it is gone on with."
                raise StudyExists(words) from None
            made.set_user_attr(_PLAN, plan.to_plain())
        return cls(made, storage, url, plan)

    @classmethod
    def open(cls, name: str, url: str = "") -> Study:
        """The study with this name. Raises WorkbenchError where there is none or it cannot be understood."""
        if url:
            refuse_missing(url)
        url = url or default_url()
        import optuna

        with _closed_on_error(opened(url)) as storage:
            with speaking(url):
                try:
                    found = optuna.load_study(study_name=name, storage=storage)
                except KeyError:
                    raise WorkbenchError(f"There is no study {name} in this database.") from None
                said, until = found.user_attrs.get(_PLAN), time.monotonic() + _MAKING
                while said is None and not found.user_attrs and not found.get_trials() and time.monotonic() < until:
                    time.sleep(_PAUSE)  # another process is making it
                    said = found.user_attrs.get(_PLAN)
            return cls(found, storage, url, Plan.of_plain(said, name))

    @property
    def name(self) -> str:
        """What it is called."""
        return self.optuna.study_name

    def close(self) -> None:
        """Give the connections back."""
        self.storage.close()

    def forget_connection(self) -> None:
        """The connection was lost: the next call makes another one."""
        with contextlib.suppress(Exception):  # the lost connection may raise anything
            self.storage.remove_session()

    def set_budget(self, trials: int | None, minutes: float | None) -> None:
        """Give it another budget. Raises SpecError or WorkbenchError for one that it cannot have."""
        plan = self.plan.with_budget(trials, minutes)
        plan.refuse_problems()
        if plan != self.plan:
            self.set_attribute(_PLAN, plan.to_plain())
            self.plan = plan

    def refresh(self) -> None:
        """Take over the budget that another process has given it."""
        said = self.attributes().get(_PLAN) or {}
        budget = said.get("trials"), said.get("minutes")
        if budget != (self.plan.trials, self.plan.minutes):
            self.plan = self.plan.with_budget(*budget)

    def spec(self, settings: Settings) -> ExperimentSpec:
        """The experiment with ``settings``, its data where this machine has them. Raises SpecError."""
        return self.elsewhere(self.plan.space.spec(settings), self.places)

    def elsewhere(self, spec: ExperimentSpec, places: Sequence[tuple[str, Any]] | None = None) -> ExperimentSpec:
        """``spec`` with its data in these places (None: where the study says); one with other data stays as it is."""
        if spec.data.source.kind != self.plan.base.data.source.kind:
            return spec
        named = [(path, self.plan.base.at(path)) for path, _ in self.places] if places is None else places
        for path, value in named:
            spec = spec.edited(path, value)
        return spec

    def attributes(self) -> Mapping[str, Any]:
        """All that ``set_attribute`` has kept."""
        with speaking(self.url):
            return dict(self.optuna.user_attrs)

    def set_attribute(self, name: str, value: Any) -> None:
        """Keep plain data with the study."""
        with speaking(self.url):
            self.optuna.set_user_attr(name, value)

    # --- trials

    def trials(self) -> tuple[Trial, ...]:
        """Every trial in the order of its number."""
        with speaking(self.url):
            return read_all(self.storage.engine, self.name, self.plan.fields)

    def trial(self, trial: optuna.Trial) -> Trial:
        """One trial as it is now."""
        with speaking(self.url):
            return Stored.of(self.storage.get_trial(trial._trial_id)).trial(self.plan.fields)

    def frozen(self) -> list[FrozenTrial]:
        """Optuna's trials; those that were begun beyond the budget are left out."""
        with speaking(self.url):
            found = self.optuna.get_trials(deepcopy=False)
        return [each for each in found if not _is_surplus(each)]

    def position(self, number: int) -> int:
        """Which of the plan's trials the trial ``number`` is: those added by hand and those beyond the budget do not
        count.

        A trial gets its number and the mark of being added by hand at once, so any process finds the same.
        """
        with speaking(self.url):
            before = tally(self.storage.engine, self.name, number)
        return number - before.by_hand - before.surplus

    def add(self, settings: Settings) -> None:
        """Add a trial by hand: it waits until a worker takes it, before any other. Raises SpecError for settings that
        are none of the experiment."""
        from workbench.engine.search.optuna_parts import parameter_of

        self.plan.space.spec(settings)
        fields = {field.path: field for field in self.plan.fields}
        wrong = [path for path, value in settings.items() if path not in fields or not fields[path].has(value)]
        if wrong:
            raise SpecError([Problem(path, "has a value that this study does not search") for path in wrong])
        parameters = {path: parameter_of(fields[path], value) for path, value in settings.items()}
        with speaking(self.url):
            self.optuna.enqueue_trial(parameters, user_attrs={BY_HAND: True})

    def began(self, trial: optuna.Trial, folder: Path | None) -> None:
        """This process trains ``trial``, in ``folder``."""
        worker = this_worker()
        said = {"folder": None if folder is None else str(folder), "host": worker["host"], "worker": worker}
        with speaking(self.url):
            trial.set_user_attr(BEGAN, said)

    def ended(self, trial: optuna.Trial, outcome: Outcome) -> None:
        """Keep how ``trial`` has ended, before Optuna records it."""
        said = {name: getattr(outcome, name) for name in ("state", "reached", "seconds", "words")}
        with speaking(self.url):
            trial.set_user_attr(ENDED, said)

    def is_surplus(self, trial: optuna.Trial, position: int) -> bool:
        """Whether ``trial`` lies beyond the budget: another worker was faster to begin the last one. It is marked."""
        planned = self.plan.planned
        if BY_HAND in trial.user_attrs or planned is None or position < planned:
            return False
        with speaking(self.url):
            trial.set_user_attr(ENDED, SURPLUS)
        return True

    def folder_of(self, trial: optuna.Trial) -> Path | None:
        """The run that was begun for ``trial`` before, None if there is none."""
        began = trial.user_attrs.get(BEGAN) or {}
        return Path(began["folder"]) if began.get("folder") else None

    def host_of(self, trial: optuna.Trial) -> str:
        """The computer that has the run which was begun for ``trial`` before; empty if there is none."""
        began = trial.user_attrs.get(BEGAN) or {}
        return str(began.get("host") or (began.get("worker") or {}).get("host") or "")

    def reported(self, trial: optuna.Trial) -> frozenset[int]:
        """The epochs whose accuracy was reported for pruning before."""
        if self.plan.pruning == "off":
            return frozenset()
        with speaking(self.url):
            return frozenset(self.storage.get_trial(trial._trial_id).intermediate_values)

    def should_prune(self, trial: optuna.Trial, epoch: int, reached: float, is_new: bool) -> bool:
        """Whether ``trial`` is hopeless at ``reached`` after ``epoch``; not while the database does not answer."""
        from optuna.exceptions import OptunaError
        from sqlalchemy.exc import SQLAlchemyError

        try:
            if is_new:
                trial.report(reached, epoch)
            return trial.should_prune()
        except (OptunaError, SQLAlchemyError):
            return False

    def lease(self, trial: optuna.Trial) -> Lease:
        """The lease on ``trial``, which this process was just given; its heartbeats are sent from now on."""
        with speaking(self.url):
            return self.storage.take_lease(trial._trial_id)

    def put_back(self, trial: optuna.Trial) -> None:
        """Let ``trial``, which this process trains, wait for any process; its run is resumed where possible."""
        lease = self.storage.lease
        since = lease.since if lease is not None and lease.trial_id == trial._trial_id else None
        with speaking(self.url):
            put_back(self.storage.engine, trial._trial_id, since, lambda worker: worker in (None, this_worker()))

    def is_mine(self, trial: optuna.Trial) -> bool:
        """Whether ``trial`` is still trained by this process, and was not taken over as stale."""
        lease = self.storage.lease
        with speaking(self.url):
            found = running_trials(self.storage.engine, self.name)
        now = next((each for each in found if each.trial_id == trial._trial_id), None)
        if now is None or (lease is not None and lease.trial_id == trial._trial_id and lease.since != now.since):
            return False
        return now.worker in (None, this_worker())

    def is_taken(self, lease: Lease) -> bool:
        """Whether the trial of ``lease`` waits again or was taken by another process, whatever became of it there."""
        with speaking(self.url):
            return self.storage.is_taken(lease)

    def put_back_lost(self) -> int:
        """Put back the stale trials; returns how many running trials are left."""
        left = 0
        with speaking(self.url):
            found = running_trials(self.storage.engine, self.name)
        for trial in found:
            if not self._is_lost(trial):
                left += 1
                continue
            with speaking(self.url):
                seen = trial.worker
                put_back(self.storage.engine, trial.trial_id, trial.since, lambda now, seen=seen: now == seen)  # type: ignore[misc]
        return left

    def _is_lost(self, trial: RunningTrial) -> bool:
        """Whether a running trial is stale: by its heartbeats and, on a single machine, by its process.

        There the clock may jump (a computer that slept), so the age of a heartbeat is the time since it was seen.
        """
        grace = self.storage.grace
        if self.is_shared and trial.age is not None:
            return trial.age > grace
        if not self.is_shared and trial.worker is not None:
            if is_gone(trial.worker):
                return True
            if trial.age is None:  # a process of an older version, which sends no heartbeats
                return False
        return self.watch.is_silent(trial.trial_id, (trial.since, trial.beat), grace)

    def edition(self) -> tuple[object, ...]:
        """Something that is another one when trials have begun or ended, or the study has another budget."""
        with speaking(self.url):
            return (*edition(self.storage.engine, self.name), self.plan.trials, self.plan.minutes)

    def names(self) -> tuple[str, ...]:
        """All studies in its database, the newest last."""
        import optuna

        with speaking(self.url):
            return tuple(optuna.get_all_study_names(self.storage))

    def running(self) -> tuple[Running, ...]:
        """Who trains which trial, and how far it is."""
        with speaking(self.url):
            return read_running(self.storage.engine, self.name)

    def is_over(self, seconds: float) -> bool:
        """Whether no more trial begins, ``seconds`` after it was begun or gone on with."""
        minutes, planned = self.plan.minutes, self.plan.planned
        if minutes is not None and seconds >= 60 * minutes:
            return True
        with speaking(self.url):
            now = tally(self.storage.engine, self.name)
        return not now.waiting and planned is not None and now.count - now.by_hand - now.surplus >= planned


def names(url: str = "") -> tuple[str, ...]:
    """The studies in a database, the newest last. Raises WorkbenchError."""
    import optuna

    if url:
        refuse_missing(url)
    url = url or default_url()
    with contextlib.closing(opened(url)) as storage, speaking(url):
        return tuple(optuna.get_all_study_names(storage))


@contextlib.contextmanager
def _closed_on_error(storage: LiveStorage) -> Iterator[LiveStorage]:
    try:
        yield storage
    except BaseException:
        storage.close()
        raise


def _is_surplus(frozen: FrozenTrial) -> bool:
    return bool(frozen.user_attrs.get(ENDED, {}).get("surplus"))
