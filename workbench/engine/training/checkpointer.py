"""Writes a run's weights and state into its folder, now and then and at its end."""

from __future__ import annotations

import time
from collections.abc import Callable

from workbench.engine.core.events import Notice, WeightsSaved
from workbench.engine.run_store.partly_saved import PartlySaved
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.unsaved_run import UnsavedRun
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
        self._trouble, self._needed = "", 0

    def save_if_due(self) -> EventStream:
        """Save if the last time is SAVE_EVERY seconds ago."""
        if time.perf_counter() - self._saved_at >= SAVE_EVERY:
            yield from self.save()

    def save(self) -> EventStream:
        """Save what was not saved yet. A failure becomes a Notice, and training goes on."""
        run = self._run
        if run.folder is None:
            return
        before = self._trouble
        yield from self._save(run.folder)
        step = run.state.progress.step
        if self._trouble and self._trouble != before:
            kept = " The last checkpoint is kept." if run.folder.has_checkpoint else ""
            yield from run.channel.offer(save_failed(step, f"{self._trouble}{kept}"))
        elif before and not self._trouble:
            yield from run.channel.offer(Notice(step, "saved_again", "The run is saved again.", "info"))

    def save_at_end(self) -> EventStream:
        """Save and read back what was written; ``unsaved`` of the folder is then the run, if it is not all there."""
        run, folder = self._run, self._run.folder
        if folder is None:
            return
        yield from self._save(folder)
        missing = folder.missing()
        if missing:
            folder.unsaved = UnsavedRun(folder, _writer(run), missing, self._trouble, self._needed)

    def _save(self, folder: RunFolder) -> EventStream:
        """Save unless no step was done since the last time that it worked."""
        self._saved_at, step = time.perf_counter(), self._run.state.progress.step
        if step == self._saved_step:
            return
        try:
            saved, self._trouble, self._saved_step = _writer(self._run)(folder), "", step
        except PartlySaved as error:
            saved, self._trouble, self._needed = error.saved, error.message, error.needed
        yield from self._run.channel.offer(*saved)


def save_failed(step: int, trouble: str) -> Notice:
    """That the run could not be saved at ``step`` for the reason ``trouble``, and goes on."""
    return Notice(step, "save_failed", f"{trouble} Training goes on; saving is tried again.")


def _writer(run: RunContext) -> Callable[[RunFolder], tuple[WeightsSaved, ...]]:
    """Writes what is to be kept of ``run`` into a folder. It refers to the network, not to the data."""
    state, standardizer, steps = run.state, run.data.examples.standardizer, run.steps
    more = {f"average-{each.kind}": each.module.state_dict() for each in run.averages if each.begun}
    more |= {f"snapshot-{number}": each for number, each in enumerate(run.snapshots.weights, 1)}
    return lambda folder: folder.save(state, standardizer, steps, more)
