"""Trials as the database holds them: made plain data, and all of a study read at once.

Optuna reads each row as an object, which takes four seconds for 10,000 trials; four plain queries take a tenth of that.
The tables are those of Optuna's schema 3.0 to 5.0; a test compares both ways.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.search.field import Field
from workbench.engine.search.trial import Running, Trial, TrialState, worker_words

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial
    from sqlalchemy.engine import Engine

#: Names of attributes in the database; files on users' disks depend on them.
BEGAN: Final = "began"
ENDED: Final = "ended"
BY_HAND: Final = "by_hand"
#: The attribute ``ended`` of a trial that a worker began beyond the budget, because others began the last ones first.
SURPLUS: Final = {"surplus": True}
_FIXED: Final = "fixed_params"
_STATES: Final[Mapping[str, TrialState]] = {
    "WAITING": "waiting",
    "RUNNING": "running",
    "COMPLETE": "complete",
    "PRUNED": "pruned",
    "FAIL": "failed",
}


@dataclass
class Stored:
    """One trial: ``parameters`` and the two kinds of attributes are as Optuna gives them."""

    number: int
    state: str
    value: float | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, frozen: FrozenTrial) -> Stored:
        """A trial that Optuna has read."""
        value = frozen.value if frozen.state.name == "COMPLETE" else None
        fixed = frozen.system_attrs.get(_FIXED, {})
        return cls(frozen.number, frozen.state.name, value, dict(frozen.params), dict(frozen.user_attrs), fixed)

    @property
    def is_surplus(self) -> bool:
        """Whether it was begun beyond the budget."""
        return bool((self.user.get(ENDED) or {}).get("surplus"))

    def trial(self, fields: Sequence[Field]) -> Trial:
        """The same for everybody else."""
        from workbench.engine.search.optuna_parts import value_of

        began, ended = self.user.get(BEGAN) or {}, self.user.get(ENDED) or {}
        parameters = self.parameters or self.fixed
        known = [each for each in fields if each.path in parameters]
        values = {each.path: value_of(each, parameters[each.path]) for each in known}
        worker: Mapping[str, Any] = began.get("worker") or {}
        state = self._state(ended)
        return Trial(
            number=self.number,
            state=state,
            value=self.value if state == "complete" else None,
            settings={each.path: each.shown(values[each.path]) for each in known},
            values=values,
            folder=Path(began["folder"]) if began.get("folder") else None,
            worker=worker_words(worker),
            reached=ended.get("reached"),
            seconds=ended.get("seconds", 0.0),
            words=ended.get("words", ""),
            by_hand=bool(self.user.get(BY_HAND)),
        )

    def _state(self, ended: Mapping[str, Any]) -> TrialState:
        """Optuna's state; one that diverged is pruned there, so that the sampler learns of it."""
        if self.state == "PRUNED" and ended.get("state") == "failed":
            return "failed"
        return _STATES[self.state]


def read_all(engine: Engine, study: str, fields: Sequence[Field]) -> tuple[Trial, ...]:
    """Every trial of the study with this name in the order of its number. Raises SQLAlchemyError."""
    from sqlalchemy import text

    from workbench.engine.search.optuna_parts import distribution_of

    below = "trial_id IN (SELECT trial_id FROM trials JOIN studies USING (study_id) WHERE study_name = :name)"
    distributions = {each.path: distribution_of(each) for each in fields}
    with engine.connect() as connection:

        def rows(what: str, table: str) -> Any:
            return connection.execute(text(f"SELECT trial_id, {what} FROM {table} WHERE {below}"), {"name": study})

        found = {row[0]: Stored(row[1], row[2]) for row in rows("number, state", "trials")}
        for trial, path, value in rows("param_name, param_value", "trial_params"):
            if path in distributions:
                found[trial].parameters[path] = distributions[path].to_external_repr(value)
        for trial, value in rows("value", "trial_values"):
            found[trial].value = value
        for trial, key, value in rows("key, value_json", "trial_user_attributes"):
            found[trial].user[key] = json.loads(value)
        for trial, key, value in rows("key, value_json", "trial_system_attributes"):
            if key == _FIXED:
                found[trial].fixed = json.loads(value)
    stored = sorted(found.values(), key=lambda each: each.number)
    return tuple(each.trial(fields) for each in stored if not each.is_surplus)


def put_back(
    engine: Engine,
    trial_id: int,
    since: Any = None,
    is_lost: Callable[[Mapping[str, Any] | None], bool] = lambda worker: True,
) -> None:
    """Let a running trial wait, if it was taken at ``since`` (None: at any time) and ``is_lost`` is true for its worker
    (None: not recorded yet). Of several processes that see the same stale trial one puts it back; a trial that was
    taken again stays.

    Raises SQLAlchemyError.
    """
    from sqlalchemy import text

    this = {"trial": trial_id}
    of_trial = "FROM trial_user_attributes WHERE trial_id = :trial AND key = 'began'"
    with engine.begin() as connection:
        state, start = connection.execute(
            text("SELECT state, datetime_start FROM trials WHERE trial_id = :trial"), this
        ).one()
        said = connection.execute(text(f"SELECT value_json {of_trial}"), this).scalar()
        began: dict[str, Any] = json.loads(said) if said else {}
        if state != "RUNNING" or since not in (None, start) or not is_lost(began.get("worker")):
            return
        # Taking the trial sets a new start, so the update names the start that was read.
        same = text(
            "UPDATE trials SET state = 'WAITING' "
            "WHERE trial_id = :trial AND state = 'RUNNING' AND datetime_start = :start"
        )
        if connection.execute(same, {**this, "start": start}).rowcount != 1:
            return
        connection.execute(text("DELETE FROM trial_heartbeats WHERE trial_id = :trial"), this)
        if began:
            nobody = text(
                "UPDATE trial_user_attributes SET value_json = :said WHERE trial_id = :trial AND key = 'began'"
            )
            connection.execute(nobody, {**this, "said": json.dumps({**began, "worker": None})})


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of trials: all, those that wait, those added by hand, and those begun beyond the budget."""

    count: int
    waiting: int
    by_hand: int
    surplus: int


def tally(engine: Engine, study: str, below: int | None = None) -> Tally:
    """Of the trials of a study, or of those with a number ``below`` this one. Raises SQLAlchemyError."""
    from sqlalchemy import text

    of_study = "FROM trials t JOIN studies s ON s.study_id = t.study_id"
    which = "WHERE s.study_name = :name" + (" AND t.number < :below" if below is not None else "")
    marked = (
        f"SELECT count(*) {of_study} JOIN trial_user_attributes a ON a.trial_id = t.trial_id {which} AND a.key = :key"
    )
    query = text(
        f"SELECT count(*), sum(CASE WHEN t.state = 'WAITING' THEN 1 ELSE 0 END), "
        f"({marked.replace(':key', ':by_hand')} AND a.value_json = 'true'), "
        f"({marked.replace(':key', ':ended')} AND a.value_json = :surplus) {of_study} {which}"
    )
    values = {"name": study, "by_hand": BY_HAND, "ended": ENDED, "surplus": json.dumps(SURPLUS)}
    with engine.connect() as connection:
        row = connection.execute(query, values | ({"below": below} if below is not None else {})).one()
    return Tally(*(int(each or 0) for each in row))


def edition(engine: Engine, study: str) -> tuple[object, ...]:
    """How many trials there are of each state and when the last one was taken; and how many repeats have changed.

    Raises SQLAlchemyError.
    """
    from sqlalchemy import text

    query = text(
        "SELECT t.state, count(*), max(t.datetime_start) FROM trials t JOIN studies s ON s.study_id = t.study_id "
        "WHERE s.study_name = :name GROUP BY t.state ORDER BY t.state"
    )
    ended = text(
        "SELECT count(*) FROM study_user_attributes a JOIN studies s ON s.study_id = a.study_id "
        "WHERE s.study_name = :name AND a.value_json LIKE '%\"ended\"%'"
    )
    with engine.connect() as connection:
        states = tuple((str(row[0]), row[1], str(row[2])) for row in connection.execute(query, {"name": study}))
        return (states, connection.execute(ended, {"name": study}).scalar())


@dataclass(frozen=True, slots=True)
class RunningTrial:
    """A running trial: ``since`` is when it was taken, ``worker`` the process that trains it (None: not recorded yet),
    ``beat`` its last heartbeat and ``age`` the seconds since then by the clock of the database (None: there was none).
    """

    trial_id: int
    number: int
    since: Any
    worker: Mapping[str, Any] | None
    beat: str
    age: float | None


def running_trials(engine: Engine, study: str) -> tuple[RunningTrial, ...]:
    """The running trials of a study. Raises SQLAlchemyError."""
    from sqlalchemy import text

    from workbench.engine.search.heartbeat import age_of_beat

    with engine.connect() as connection:
        query = text(
            f"SELECT t.trial_id, t.number, t.datetime_start, a.value_json, heartbeat, "
            f"{age_of_beat(connection)} FROM trials t "
            "JOIN studies s ON s.study_id = t.study_id LEFT JOIN trial_heartbeats h ON h.trial_id = t.trial_id "
            "LEFT JOIN trial_user_attributes a ON a.trial_id = t.trial_id AND a.key = 'began' "
            "WHERE s.study_name = :name AND t.state = 'RUNNING' ORDER BY t.number"
        )
        rows = connection.execute(query, {"name": study}).all()
    return tuple(_running_trial(*row) for row in rows)


def _running_trial(trial_id: int, number: int, since: Any, began: str | None, beat: Any, age: Any) -> RunningTrial:
    worker = (json.loads(began) if began else {}).get("worker")
    return RunningTrial(trial_id, number, since, worker, str(beat), None if age is None else float(age))


def read_running(engine: Engine, study: str) -> tuple[Running, ...]:
    """The progress of the running trials of the study, as their processes report it. Raises SQLAlchemyError."""
    from sqlalchemy import text

    from workbench.engine.search.heartbeat import PROGRESS

    found = running_trials(engine, study)
    of_running = (
        "FROM {table} x JOIN trials t ON t.trial_id = x.trial_id JOIN studies s ON s.study_id = t.study_id "
        "WHERE s.study_name = :name AND t.state = 'RUNNING'"
    )
    progress: dict[int, dict[str, Any]] = {}
    curves: dict[int, list[tuple[int, float]]] = {}
    with engine.connect() as connection:
        said = f"SELECT x.trial_id, x.value_json {of_running.format(table='trial_user_attributes')} AND x.key = :key"
        for trial, value in connection.execute(text(said), {"name": study, "key": PROGRESS}):
            progress[trial] = json.loads(value)
        points = (
            f"SELECT x.trial_id, x.step, x.intermediate_value {of_running.format(table='trial_intermediate_values')} "
            "AND x.intermediate_value IS NOT NULL ORDER BY x.step"
        )
        for trial, step, value in connection.execute(text(points), {"name": study}):
            curves.setdefault(trial, []).append((step, value))
    return tuple(
        Running(
            each.number,
            worker_words(each.worker),
            int(progress.get(each.trial_id, {}).get("step", 0)),
            float(progress.get(each.trial_id, {}).get("rate", 0.0)),
            each.age,
            tuple(curves.get(each.trial_id, ())),
        )
        for each in found
    )
