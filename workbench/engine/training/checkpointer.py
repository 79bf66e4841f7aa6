"""Writes a run's weights and state into its folder, now and then and at its end."""

from __future__ import annotations

import time

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Notice
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.run_context import RunContext

#: Files are written at most this often during a run (seconds), and always at its end.
SAVE_EVERY = 5.0


class Checkpointer:
    """Saves what a run must not lose; without a folder it does nothing."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        self._saved_at = time.perf_counter()
        self._saved_step = -1

    def save_if_due(self) -> EventStream:
        """Save if the last time is SAVE_EVERY seconds ago."""
        if self._run.folder is not None and time.perf_counter() - self._saved_at >= SAVE_EVERY:
            yield from self.save()

    def save(self) -> EventStream:
        """Save unless no step was done since. A failure becomes a Notice, and training goes on."""
        run, step = self._run, self._run.state.progress.step
        if run.folder is None or step == self._saved_step:
            return
        self._saved_at, self._saved_step = time.perf_counter(), step
        more = {f"average-{each.kind}": each.module.state_dict() for each in run.averages if each.begun}
        more |= {f"snapshot-{number}": each for number, each in enumerate(run.snapshots.weights, 1)}
        try:
            saved = run.folder.save(run.state, run.data.examples.standardizer, run.steps, more)
        except WorkbenchError as error:
            yield from run.channel.offer(Notice(step, "save_failed", f"{error.message} Training goes on."))
            return
        yield from run.channel.offer(*saved)
