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
from workbench.engine.search.trial import Trial, TrialState

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial
    from sqlalchemy.engine import Engine

#: Names of attributes in the database; files on users' disks depend on them.
BEGAN: Final = "began"
ENDED: Final = "ended"
BY_HAND: Final = "by_hand"
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
        """Whether it was begun beyond the budget by a worker that came too late."""
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
            worker=f"{worker['host']}:{worker['process']}" if worker else "",
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


def put_back(engine: Engine, trial_id: int, is_lost: Callable[[Mapping[str, Any] | None], bool]) -> None:
    """Let a running trial wait, if ``is_lost`` says so of who trains it (None: nobody has said so since it was asked
    for). Of several processes that see the same lost trial one puts it back, and none one that was taken again.

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
        if state != "RUNNING" or not is_lost(began.get("worker")):
            return
        # Whoever takes the trial gives it a new start, so it is changed only if it is still the one that was seen.
        same = text(
            "UPDATE trials SET state = 'WAITING' "
            "WHERE trial_id = :trial AND state = 'RUNNING' AND datetime_start = :start"
        )
        if connection.execute(same, {**this, "start": start}).rowcount == 1 and began:
            nobody = text(
                "UPDATE trial_user_attributes SET value_json = :said WHERE trial_id = :trial AND key = 'began'"
            )
            connection.execute(nobody, {**this, "said": json.dumps({**began, "worker": None})})
