"""Writes a run's weights and state into its folder, now and then and at its end."""

from __future__ import annotations

import time
from collections.abc import Sequence

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Notice
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.examples import Examples
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.command_channel import Dialogue, Part
from workbench.engine.training.snapshot_ensemble import SnapshotEnsemble
from workbench.engine.training.state import TrainState
from workbench.engine.training.weight_averaging import WeightAverage

#: Files are written at most this often during a run (seconds), and always at its end.
SAVE_EVERY = 5.0


class Keeping:
    """Saves what a run must not lose; without a folder it does nothing."""

    def __init__(
        self,
        state: TrainState,
        examples: Examples,
        averages: Sequence[WeightAverage],
        snapshots: SnapshotEnsemble,
        steps: StepStore,
        folder: RunFolder | None,
        dialogue: Dialogue,
    ) -> None:
        self._state, self._examples, self._averages, self._snapshots = state, examples, averages, snapshots
        self._steps, self._folder, self._dialogue = steps, folder, dialogue
        self._saved_at = time.perf_counter()
        self._saved_step = -1

    def save_if_due(self) -> Part:
        """Save if the last time is long enough ago."""
        if self._folder is not None and time.perf_counter() - self._saved_at >= SAVE_EVERY:
            yield from self.save()

    def save(self) -> Part:
        """Save unless nothing has changed; a failure is said, and training goes on."""
        folder, step = self._folder, self._state.progress.step
        if folder is None or step == self._saved_step:
            return
        self._saved_at, self._saved_step = time.perf_counter(), step
        more = {f"average-{each.kind}": each.module.state_dict() for each in self._averages if each.begun}
        more |= {f"snapshot-{number}": each for number, each in enumerate(self._snapshots.weights, 1)}
        try:
            saved = folder.save(self._state, self._examples.standardizer, self._steps, more)
        except WorkbenchError as error:
            yield from self._dialogue.offer(Notice(step, "save_failed", f"{error.message} Training goes on."))
            return
        for event in saved:
            yield from self._dialogue.offer(event)
