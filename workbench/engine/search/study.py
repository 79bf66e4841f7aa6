"""A study: its plan and its trials in a database. Any number of processes may work on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.errors import Problem, SpecError, WorkbenchError
from workbench.engine.search.plan import Plan
from workbench.engine.search.space import Settings
from workbench.engine.search.storage import default_url, opened, speaking
from workbench.engine.search.stored import BEGAN, BY_HAND, ENDED, Stored, put_back, read_all
from workbench.engine.search.trial import Outcome, Trial, is_gone, this_worker

if TYPE_CHECKING:
    import optuna
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial

#: Name of an attribute in the database; files on users' disks depend on it.
_PLAN: Final = "workbench"
#: Seconds after which a trial without a worker is put back: the process that took it has ended.
_SILENCE: Final = timedelta(seconds=60)


class Study:
    """The study ``name`` in the database ``url``. Methods raise WorkbenchError where the database fails."""

    def __init__(self, study: optuna.Study, storage: RDBStorage, url: str, plan: Plan) -> None:
        self.optuna, self._storage, self.url, self.plan = study, storage, url, plan

    @classmethod
    def create(cls, plan: Plan, name: str, url: str = "") -> Study:
        """A new study. Raises SpecError for a wrong plan, WorkbenchError where there is one of this name."""
        plan.refuse_problems()
        url = url or default_url()
        storage = opened(url)
        import optuna

        with speaking(url):
            try:
                made = optuna.create_study(storage=storage, study_name=name, direction="maximize")
            except optuna.exceptions.DuplicatedStudyError:
                raise WorkbenchError(f"There is a study {name} already; without --field it is gone on with.") from None
            made.set_user_attr(_PLAN, plan.to_plain())
        return cls(made, storage, url, plan)

    @classmethod
    def open(cls, name: str, url: str = "") -> Study:
        """The study with this name. Raises WorkbenchError where there is none or it cannot be understood."""
        url = url or default_url()
        storage = opened(url)
        import optuna

        with speaking(url):
            try:
                found = optuna.load_study(study_name=name, storage=storage)
            except KeyError:
                raise WorkbenchError(f"There is no study {name} in this database.") from None
            plan = Plan.of_plain(found.user_attrs.get(_PLAN), name)
        return cls(found, storage, url, plan)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.optuna.study_name

    def close(self) -> None:
        """Give the connections back."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def set_budget(self, trials: int | None, minutes: float | None) -> None:
        """Give it another budget. Raises SpecError or WorkbenchError for one that it cannot have."""
        plan = self.plan.with_budget(trials, minutes)
        plan.refuse_problems()
        if plan != self.plan:
            self.set_attribute(_PLAN, plan.to_plain())
            self.plan = plan

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
            return read_all(self._storage.engine, self.name, self.plan.fields)

    def trial(self, trial: optuna.Trial) -> Trial:
        """One trial as it is now."""
        with speaking(self.url):
            return Stored.of(self._storage.get_trial(trial._trial_id)).trial(self.plan.fields)

    def frozen(self) -> list[FrozenTrial]:
        """Optuna's trials; those that were begun beyond the budget by a worker that came too late are left out."""
        with speaking(self.url):
            found = self.optuna.get_trials(deepcopy=False)
        return [each for each in found if not each.user_attrs.get(ENDED, {}).get("surplus")]

    def position(self, number: int) -> int:
        """Which of the plan's trials the trial ``number`` is: those added by hand do not count.

        A trial gets its number and the mark of being added by hand at once, so any process finds the same.
        """
        before = [each for each in self.frozen() if each.number < number]
        return number - sum(_is_by_hand(each) for each in before)

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
        said = {"folder": None if folder is None else str(folder), "worker": this_worker()}
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
            trial.set_user_attr(ENDED, {"surplus": True})
        return True

    def folder_of(self, trial: optuna.Trial) -> Path | None:
        """The run that was begun for ``trial`` before, None if there is none."""
        began = trial.user_attrs.get(BEGAN) or {}
        return Path(began["folder"]) if began.get("folder") else None

    def put_back(self, trial: optuna.Trial) -> None:
        """Let ``trial``, which this process trains, wait for any process; its run is resumed where possible."""
        with speaking(self.url):
            put_back(self._storage.engine, trial._trial_id, lambda worker: worker in (None, this_worker()))

    def is_mine(self, trial: optuna.Trial) -> bool:
        """Whether ``trial`` is still trained by this process: another may have taken it that thought this one dead."""
        with speaking(self.url):
            now = self._storage.get_trial(trial._trial_id)
        worker = (now.user_attrs.get(BEGAN) or {}).get("worker")
        return now.state.name == "RUNNING" and worker in (None, this_worker())

    def put_back_lost(self, trials: Sequence[FrozenTrial]) -> int:
        """Put back those of ``trials`` that run and whose process has ended on this computer; how many are still to be
        waited for, because nobody has said to train them yet."""
        silent = 0
        for frozen in trials:
            if frozen.state.name != "RUNNING":
                continue
            worker = (frozen.user_attrs.get(BEGAN) or {}).get("worker")
            if worker is not None:
                is_lost = is_gone(worker)
            else:
                is_lost = frozen.datetime_start is not None and datetime.now() - frozen.datetime_start > _SILENCE
                silent += not is_lost
            if is_lost:
                with speaking(self.url):
                    put_back(self._storage.engine, frozen._trial_id, lambda now, seen=worker: now == seen)  # type: ignore[misc]
        return silent

    def is_over(self, seconds: float, trials: Sequence[FrozenTrial]) -> bool:
        """Whether no more trial begins beside ``trials``, ``seconds`` after it was begun or gone on with."""
        minutes, planned = self.plan.minutes, self.plan.planned
        if minutes is not None and seconds >= 60 * minutes:
            return True
        if any(each.state.name == "WAITING" for each in trials):
            return False
        return planned is not None and sum(not _is_by_hand(each) for each in trials) >= planned


def names(url: str = "") -> tuple[str, ...]:
    """The studies in a database, the newest last. Raises WorkbenchError."""
    import optuna

    url = url or default_url()
    storage = opened(url)
    with speaking(url):
        found = optuna.get_all_study_names(storage)
    storage.remove_session()
    storage.engine.dispose()
    return tuple(found)


def _is_by_hand(frozen: FrozenTrial) -> bool:
    return bool(frozen.user_attrs.get(BY_HAND))
