"""Signs of life of trials that are trained: sent, looked for, and the check that a trial is still one's own.

A process owns a trial from the time at which it took it (``datetime_start``, with microseconds). If no sign of life
comes for longer than the grace period, any other process lets the trial wait again, keeping its number and settings;
whoever takes it then has another time, so the first process, if it was only held up, sees that the trial is no longer
its own. Times are compared by the clock of the database, or by one's own where a trial has none; never two clocks.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final

from optuna.exceptions import OptunaError, UpdateFinishedTrialError
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from workbench.engine.search.watch import GRACE

#: Seconds between two signs of life; less where the grace period is short.
_INTERVAL: Final = 2.0
#: Name of the attribute of a trial that says how far it is; files on users' disks depend on it.
PROGRESS: Final = "progress"
_OF_TRIAL: Final = "FROM trials WHERE trial_id = :trial"


@dataclass
class Hold:
    """A trial that this process trains, ``since`` the time at which it was taken. ``progress`` gives plain data for
    those who look on. ``is_lost``: another process has taken it."""

    trial_id: int
    since: Any
    progress: Callable[[], Mapping[str, Any]] = dict
    is_lost: bool = False
    _points: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def report(self, epoch: int, value: float) -> None:
        """Send ``value`` of the live curve with the next sign of life."""
        with self._lock:
            self._points[epoch] = value

    def taken_points(self) -> dict[int, float]:
        """The points that were not sent yet, which are then no longer there."""
        with self._lock:
            points, self._points = self._points, {}
        return points

    def put_back_points(self, points: Mapping[int, float]) -> None:
        """Keep points that could not be sent."""
        with self._lock:
            self._points = {**points, **self._points}


class LiveStorage(RDBStorage):
    """Optuna's storage with signs of life that say how far a trial is, and that end when it is another process's.

    ``is_beating``: Optuna sends them inside ``optimize``. A trial without one is not failed, as by Optuna, but put
    back by ``search.study``, which keeps its number.
    """

    def __init__(self, url: str, engine_kwargs: dict[str, Any]) -> None:
        try:
            super().__init__(url, engine_kwargs=engine_kwargs)
        except BaseException:
            self.close()
            raise
        self.is_beating, self.grace = False, GRACE
        self.hold: Hold | None = None

    @property
    def interval(self) -> float:
        """Seconds between two signs of life."""
        return min(_INTERVAL, self.grace / 5)

    def close(self) -> None:
        """Give all connections back."""
        if hasattr(self, "scoped_session"):
            self.remove_session()
        if hasattr(self, "engine"):
            self.engine.dispose()

    def get_heartbeat_interval(self) -> Any:
        return self.interval if self.is_beating else None

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        return []

    def take_hold(self, trial_id: int) -> Hold:
        """This process trains the trial, which it has just been given. Raises SQLAlchemyError."""
        with self.engine.connect() as connection:
            since = connection.execute(text(f"SELECT datetime_start {_OF_TRIAL}"), {"trial": trial_id}).scalar()
        self.hold = Hold(trial_id, since)
        return self.hold

    def record_heartbeat(self, trial_id: int) -> None:
        """Send a sign of life; the next one may get through where this one does not."""
        hold = self.hold
        known = hold if hold is not None and hold.trial_id == trial_id else Hold(trial_id, None)
        with contextlib.suppress(SQLAlchemyError, OptunaError, OSError):
            self.send(known)

    def send(self, hold: Hold) -> None:
        """Send a sign of life, with progress and points; ``hold`` is lost where the trial is another process's.

        Raises SQLAlchemyError.
        """
        points = hold.taken_points()
        try:
            with self.engine.begin() as connection:
                if hold.is_lost or not _is_held(connection, hold):
                    hold.is_lost = True
                    return
                _send(connection, hold.trial_id, hold.progress(), points)
        except SQLAlchemyError:
            hold.put_back_points(points)
            raise

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Raises UpdateFinishedTrialError where a trial that this process has trained is another's by now."""
        hold = self.hold
        if hold is not None and hold.trial_id == trial_id and state.is_finished():
            self._check_held(hold)
        return super().set_trial_state_values(trial_id, state, values)

    def _check_held(self, hold: Hold) -> None:
        """In the transaction in which Optuna changes the state afterwards, so that nobody can take it in between."""
        session = self.scoped_session()
        try:
            session.execute(text("UPDATE trials SET state = state WHERE trial_id = :trial"), {"trial": hold.trial_id})
            is_held = _is_held(session.connection(), hold)
        except SQLAlchemyError:
            session.rollback()
            raise
        if not is_held:
            session.rollback()
            hold.is_lost = True
            raise UpdateFinishedTrialError(f"Trial {hold.trial_id} was taken by another process.")


class Beats:
    """A thread that calls ``beat`` at once and then every ``interval`` seconds, inside a ``with`` block."""

    def __init__(self, interval: float, beat: Callable[[], object]) -> None:
        self._interval, self._beat = interval, beat
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signs of life", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        self._beat()
        while not self._ended.wait(self._interval):
            self._beat()


def age_of_beat(connection: Connection) -> str:
    """SQL for the seconds since the sign of life in a row of ``trial_heartbeats``."""
    if connection.dialect.name == "sqlite":
        return "(julianday('now') - julianday(heartbeat)) * 86400.0"
    return "EXTRACT(EPOCH FROM (clock_timestamp() AT TIME ZONE 'UTC') - heartbeat)"


def _is_held(connection: Connection, hold: Hold) -> bool:
    found = connection.execute(text(f"SELECT state, datetime_start {_OF_TRIAL}"), {"trial": hold.trial_id}).one()
    return found[0] == "RUNNING" and (hold.since is None or found[1] == hold.since)


def _send(connection: Connection, trial_id: int, progress: Mapping[str, Any], points: Mapping[int, float]) -> None:
    """Both databases know this form of INSERT (SQLite from 3.24 on)."""
    this = {"trial": trial_id}
    if connection.dialect.name == "sqlite":
        utc = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"  # as SQLAlchemy writes it
    else:
        utc = "clock_timestamp() AT TIME ZONE 'UTC'"
    beat = (
        f"INSERT INTO trial_heartbeats (trial_id, heartbeat) VALUES (:trial, {utc}) "
        "ON CONFLICT (trial_id) DO UPDATE SET heartbeat = excluded.heartbeat"
    )
    connection.execute(text(beat), this)
    if progress:
        attribute = (
            "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (:trial, :key, :said) "
            "ON CONFLICT (trial_id, key) DO UPDATE SET value_json = excluded.value_json"
        )
        connection.execute(text(attribute), {**this, "key": PROGRESS, "said": json.dumps(dict(progress))})
    if points:
        curve = (
            "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) "
            "VALUES (:trial, :step, :value, 'FINITE') "
            "ON CONFLICT (trial_id, step) DO UPDATE SET intermediate_value = excluded.intermediate_value"
        )
        connection.execute(text(curve), [{**this, "step": step, "value": value} for step, value in points.items()])
