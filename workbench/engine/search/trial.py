"""One trial of a study as plain data."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

TrialState = Literal["waiting", "running", "complete", "pruned", "failed"]
STATES: Final[tuple[TrialState, ...]] = get_args(TrialState)


@dataclass(frozen=True, slots=True)
class Trial:
    """``value`` is the best validation accuracy (a share of 1) of a complete trial, else None; ``reached`` is that of
    any trial that was measured.

    ``settings`` are path and value, a member of a family by its kind; ``values`` are the same as a settings file has
    them. ``folder`` is its run, None before it begins. ``worker`` is the host and process that trains or has trained
    it. ``seconds`` of training, without pauses. ``words`` say why it failed or was ended early.
    """

    number: int
    state: TrialState
    value: float | None = None
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    folder: Path | None = None
    worker: str = ""
    reached: float | None = None
    seconds: float = 0.0
    words: str = ""
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """Progress of the running trial ``number``, as its process reports it: ``step`` steps, ``rate`` steps per second.

    ``age`` are the seconds since its last heartbeat, None before the first one. ``curve`` are epochs and
    the best validation accuracy (a share of 1) up to them.
    """

    number: int
    worker: str
    step: int = 0
    rate: float = 0.0
    age: float | None = None
    curve: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial has ended. ``diverged`` ones count for the sampler as worse than all others."""

    state: TrialState
    value: float | None = None
    reached: float | None = None
    seconds: float = 0.0
    words: str = ""
    diverged: bool = False


def trial_object(trial: Trial) -> dict[str, Any]:
    """A trial for other programs; the names are kept from version to version."""
    return {
        "number": trial.number,
        "state": trial.state,
        "value": trial.value,
        "settings": dict(trial.settings),
        "folder": None if trial.folder is None else str(trial.folder),
        "worker": trial.worker or None,
        "seconds": trial.seconds,
        "words": trial.words,
        "by_hand": trial.by_hand,
    }


def best_of(trials: tuple[Trial, ...], most: int = 1) -> tuple[Trial, ...]:
    """The ``most`` complete trials with the highest values, of equal ones the earlier."""
    complete = [trial for trial in trials if trial.value is not None]
    return tuple(sorted(complete, key=lambda trial: (-(trial.value or 0.0), trial.number))[:most])


def this_worker() -> dict[str, Any]:
    """What names this process in the database: host, process, and when it began, as a number may be given again."""
    import psutil

    return {"host": socket.gethostname(), "process": os.getpid(), "began": psutil.Process().create_time()}


def worker_words(worker: Mapping[str, Any] | None) -> str:
    """``HOST:PROCESS`` of what ``this_worker`` has given; empty of none."""
    return f"{worker['host']}:{worker['process']}" if worker else ""


def is_gone(worker: Mapping[str, Any]) -> bool:
    """Whether ``worker`` was a process of this computer that has ended."""
    import psutil

    if worker.get("host") != socket.gethostname():
        return False
    try:
        began: float = psutil.Process(int(worker["process"])).create_time()
        return abs(began - float(worker["began"])) > 1
    except (psutil.NoSuchProcess, KeyError, ValueError, TypeError):
        return True
    except psutil.AccessDenied:
        return False
