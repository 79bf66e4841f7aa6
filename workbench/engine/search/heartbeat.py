"""Heartbeats of running trials, and the lease of a process on the trial that it trains.

The lease is identified by the time at which the process took the trial (``datetime_start``, with microseconds). After
a grace period without a heartbeat the trial is stale: any other process puts it back into the queue, with its number
and settings. Taking it again sets another time, by which the first process, if it was only suspended, sees that its
lease is lost. Ages of heartbeats are measured by the clock of the database, or by that of the process that reads them
where a trial has none; times of two clocks are never compared.
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

from workbench.engine.search.watch import GRACE, INTERVAL

#: Name of the attribute of a trial with its progress; files on users' disks depend on it.
PROGRESS: Final = "progress"
_OF_TRIAL: Final = "FROM trials WHERE trial_id = :trial"


@dataclass
class Lease:
    """The right of this process to train a trial, which it took at the time ``since``. ``progress`` gives plain data
    to send with each heartbeat. ``is_lost``: another process has taken the trial over."""

    trial_id: int
    since: Any
    progress: Callable[[], Mapping[str, Any]] = dict
    is_lost: bool = False
    _points: dict[int, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def report(self, epoch: int, value: float) -> None:
        """Send ``value`` of the live curve with the next heartbeat."""
        with self._lock:
            self._points[epoch] = value

    def taken_points(self) -> dict[int, float]:
        """Remove and return the points that were not sent yet."""
        with self._lock:
            points, self._points = self._points, {}
        return points

    def put_back_points(self, points: Mapping[int, float]) -> None:
        """Keep points that could not be sent."""
        with self._lock:
            self._points = {**points, **self._points}


class LiveStorage(RDBStorage):
    """Optuna's storage, whose heartbeats carry the progress of the trial and check the lease.

    ``sends_heartbeats``: Optuna sends them inside ``optimize``. A stale trial is not failed, as by Optuna, but put back
    by ``search.study``, which keeps its number.
    """

    def __init__(self, url: str, engine_kwargs: dict[str, Any]) -> None:
        try:
            super().__init__(url, engine_kwargs=engine_kwargs)
        except BaseException:
            self.close()
            raise
        self.sends_heartbeats, self.grace = False, GRACE
        self.lease: Lease | None = None

    @property
    def interval(self) -> float:
        """Seconds between two heartbeats."""
        return min(INTERVAL, self.grace / 5)

    def close(self) -> None:
        """Give all connections back."""
        if hasattr(self, "scoped_session"):
            self.remove_session()
        if hasattr(self, "engine"):
            self.engine.dispose()

    def get_heartbeat_interval(self) -> Any:
        return self.interval if self.sends_heartbeats else None

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        return []

    def take_lease(self, trial_id: int) -> Lease:
        """The lease of the trial that this process has just been given. Raises SQLAlchemyError."""
        with self.engine.connect() as connection:
            since = connection.execute(text(f"SELECT datetime_start {_OF_TRIAL}"), {"trial": trial_id}).scalar()
        self.lease = Lease(trial_id, since)
        return self.lease

    def record_heartbeat(self, trial_id: int) -> None:
        """Send a heartbeat; one that fails is not repeated, because the next may get through."""
        lease = self.lease
        known = lease if lease is not None and lease.trial_id == trial_id else Lease(trial_id, None)
        with contextlib.suppress(SQLAlchemyError, OptunaError, OSError):
            self.send(known)

    def send(self, lease: Lease) -> None:
        """Send a heartbeat with progress and points; mark ``lease`` as lost where another process has the trial.

        Raises SQLAlchemyError.
        """
        points = lease.taken_points()
        try:
            with self.engine.begin() as connection:
                if lease.is_lost or not _is_valid(connection, lease):
                    lease.is_lost = True
                    return
                _send(connection, lease.trial_id, lease.progress(), points)
        except SQLAlchemyError:
            lease.put_back_points(points)
            raise

    def is_taken(self, lease: Lease) -> bool:
        """Whether the trial of ``lease`` waits again, or was taken once more. Raises SQLAlchemyError."""
        query = text(f"SELECT state, datetime_start {_OF_TRIAL}")
        with self.engine.connect() as connection:
            state, start = connection.execute(query, {"trial": lease.trial_id}).one()
        return bool(state == "WAITING" or start != lease.since)

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Raises UpdateFinishedTrialError where the lease of the trial is lost."""
        lease = self.lease
        if lease is not None and lease.trial_id == trial_id and state.is_finished():
            self._check_lease(lease)
        return super().set_trial_state_values(trial_id, state, values)

    def _check_lease(self, lease: Lease) -> None:
        """In the transaction in which Optuna then changes the state: the row is locked, so none can take it between."""
        session = self.scoped_session()
        try:
            session.execute(text("UPDATE trials SET state = state WHERE trial_id = :trial"), {"trial": lease.trial_id})
            is_valid = _is_valid(session.connection(), lease)
        except SQLAlchemyError:
            session.rollback()
            raise
        if not is_valid:
            session.rollback()
            lease.is_lost = True
            raise UpdateFinishedTrialError(f"Trial {lease.trial_id} was taken by another process.")


class Heartbeats:
    """A thread that calls ``beat`` at once and then every ``interval`` seconds, inside a ``with`` block."""

    def __init__(self, interval: float, beat: Callable[[], object]) -> None:
        self._interval, self._beat = interval, beat
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeats", daemon=True)

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
    """SQL for the seconds since the heartbeat in a row of ``trial_heartbeats``."""
    if connection.dialect.name == "sqlite":
        return "(julianday('now') - julianday(heartbeat)) * 86400.0"
    return "EXTRACT(EPOCH FROM (clock_timestamp() AT TIME ZONE 'UTC') - heartbeat)"


def _is_valid(connection: Connection, lease: Lease) -> bool:
    found = connection.execute(text(f"SELECT state, datetime_start {_OF_TRIAL}"), {"trial": lease.trial_id}).one()
    return found[0] == "RUNNING" and (lease.since is None or found[1] == lease.since)


def _send(connection: Connection, trial_id: int, progress: Mapping[str, Any], points: Mapping[int, float]) -> None:
    """PostgreSQL and SQLite (from 3.24) both have this form of INSERT."""
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
