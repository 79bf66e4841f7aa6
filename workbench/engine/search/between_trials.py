"""What a worker and a search in the window do between two trials.

Their loops are two because Optuna sends heartbeats only inside ``study.optimize``, in which a worker trains each trial;
a search in the window is a generator, which cannot yield its events from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.search.storage_errors import PATIENCE, DatabaseAway
from workbench.engine.search.study import Study

if TYPE_CHECKING:
    import optuna


@dataclass
class BetweenTrials:
    """The state of the loop of one process over the trials of ``study``; ``clock`` gives seconds."""

    study: Study
    clock: Callable[[], float] = time.monotonic
    #: The trial that this process trains, or whose end could not be recorded because the database did not answer.
    unreported: optuna.Trial | None = None
    #: By ``clock``, when the database first did not answer; None while it does.
    _away_since: float | None = None

    def others(self) -> int:
        """Put back the unreported trial and those whose process is lost, and read the budget again. Returns how many
        trials other processes train. Raises WorkbenchError."""
        if self.unreported is not None:
            self.study.put_back(self.unreported)
            self.unreported = None
        self.study.refresh()
        return self.study.put_back_lost()

    def put_back(self) -> bool:
        """Let the unreported trial wait; returns whether that was recorded. Else ``others`` does it later."""
        with suppress(WorkbenchError):
            if self.unreported is not None:
                self.study.put_back(self.unreported)
                self.unreported = None
        return self.unreported is None

    def answered(self) -> None:
        """The database answers."""
        self._away_since = None

    def not_answered(self, error: DatabaseAway) -> bool:
        """Whether the database has answered until now. Raises ``error`` after ``PATIENCE`` seconds without an answer;
        before that the next call makes another connection."""
        now = self.clock()
        is_first = self._away_since is None
        self._away_since = now if self._away_since is None else self._away_since
        if now - self._away_since > PATIENCE:
            raise error
        self.study.forget_connection()
        return is_first
