"""Keeps what a run must not lose: in the background now and then, and wholly at its end."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from workbench.engine.core.events import Notice
from workbench.engine.run_store.run_copy import RunCopy
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.unsaved_run import UnsavedRun
from workbench.engine.training.checkpoint_writer import PATIENCE, CheckpointWriter, Written, written
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.saved_part import SavedPart

#: A run is saved at the first evaluation this long after the last time (seconds), …
SAVE_EVERY = 5.0
#: … and without one after this time: with the time that a write takes, less than a minute is ever lost.
SAVE_WITHIN = 30.0
#: Where writing is slow it takes at most this share of the time, as far as ``SAVE_WITHIN`` allows it.
_SHARE: Final = 0.05


class Checkpointer:
    """Saves ``part``; without a folder it does nothing. Members of an ensemble are saved by that, and at their end."""

    def __init__(self, part: SavedPart) -> None:
        self._part, self._writer = part, CheckpointWriter()
        folder = part.folder
        self._is_on = folder is not None and not folder.is_member
        self._saved_at, self._saved_step, self._pause = -math.inf, -1, 0.0
        self._trouble, self._needed = "", 0
        self._memory: dict[str, Any] | None = None  # of the last copy, for the next one
        self._best: dict[str, Any] | None = None  # not written yet
        self._writing_best: dict[str, Any] | None = None
        self._best_memory: dict[str, Any] | None = None
        self._best_step = part.best_step

    @property
    def is_due(self) -> bool:
        """Whether ``save_if_due`` has something to do between two steps."""
        return self._is_on and (self._writer.has_news or self._is_late(SAVE_WITHIN))

    def after_evaluation(self) -> EventStream:
        """Keep a new best state, and save if the last time is long enough ago."""
        if not self._is_on:
            return
        if self._part.best_step != self._best_step and self._part.best_step == self._part.step:
            self._keep_best()
        yield from self._tell()
        if self._is_late(SAVE_EVERY):
            self._begin(is_good=self._part.is_sane)

    def save_if_due(self) -> EventStream:
        """Save between two steps, if it is high time."""
        yield from self._tell()
        if self._is_late(SAVE_WITHIN):
            self._begin()

    def between_chunks(self) -> EventStream:
        """As ``save_if_due``, within a step that takes long."""
        if self.is_due:
            yield from self.save_if_due()

    def save(self) -> EventStream:
        """Save what was not saved yet, and wait for it. A failure becomes a Notice, and training goes on."""
        if self._is_on:
            yield from self._tell(wait=True)
            if self._part.step != self._saved_step:
                self._begin()
                yield from self._tell(wait=True)

    def was_read(self) -> None:
        """The state of now was read from the folder, so it need not be written."""
        self._saved_at, self._saved_step = time.perf_counter(), self._part.step
        self._best_step = self._part.best_step

    def before_going_back(self) -> EventStream:
        """What is being written is of steps that have never been soon: wait for its end."""
        yield from self._told(self._writer.wait())

    def went_back(self, best: dict[str, Any] | None) -> None:
        """The run stands at an earlier step: save it soon. If another evaluation is the best now, at once.

        ``best`` is the state there; None if it is not known. A best state from behind the step counts no more.
        """
        self._saved_at, self._saved_step = -math.inf, -1
        self._writing_best = None
        if self._is_on and self._best_step != self._part.best_step:
            self._best, self._best_step = best, self._part.best_step
            self._begin()

    def save_at_end(self, members: Sequence[RunFolder] = ()) -> EventStream:
        """Save and read back what was written; ``unsaved`` of the folder is then the run, if it is not all there.

        ``members`` are the folders of an ensemble's members, which have done so before.
        """
        folder = self._part.folder
        if folder is None:
            return
        yield from self._told(self._writer.wait())
        whole = replace(run_copy(self._part), members=(), best=self._best, best_step=self._best_step, is_last=True)
        is_kept = self._part.step == self._saved_step and self._best is None
        wanted = replace(whole, state=None) if is_kept else whole
        folder.write_log()
        yield from self._told(written(lambda: folder.save(wanted)))
        self._find_unsaved(folder, whole, members)

    def _find_unsaved(self, folder: RunFolder, whole: RunCopy, members: Sequence[RunFolder]) -> None:
        lost = [(each.path, each.unsaved) for each in members if each.unsaved is not None]
        missing = (*folder.missing(), *(path for path, _ in lost))
        if missing:
            why = next((unsaved.trouble for _, unsaved in lost), self._trouble)
            needed = self._needed + sum(unsaved.needed for _, unsaved in lost)
            folder.unsaved = UnsavedRun(folder, lambda made: made.save(whole), missing, why, needed, members)

    def close(self) -> None:
        """Wait for what is being written; nothing is told of it."""
        self._writer.wait(PATIENCE)

    def _is_late(self, after: float) -> bool:
        if self._writer.is_busy:
            return False
        return time.perf_counter() - self._saved_at >= min(max(after, self._pause), max(after, SAVE_WITHIN))

    def _keep_best(self) -> None:
        """Copy the state of now; the memory of one that is being written is left alone."""
        into = None if self._writer.is_busy else self._best_memory
        self._best = self._best_memory = self._part.state(into)
        self._best_step = self._part.step

    def _begin(self, is_good: bool = False) -> None:
        """Copy everything and have it written."""
        folder = self._part.folder
        assert folder is not None
        folder.write_log()
        self._memory = self._part.state(self._memory)
        copy = self._part.copy(self._memory)
        if not copy.step:  # an untrained network is no result
            copy = replace(copy, weights={}, members=())
        self._writing_best, self._best = self._best, None
        copy = replace(copy, is_good=is_good, best=self._writing_best, best_step=self._best_step)
        self._saved_at, self._saved_step = time.perf_counter(), self._part.step
        self._writer.start(lambda: folder.save(copy))

    def _tell(self, wait: bool = False) -> EventStream:
        """Say what has become of the last write, if it has ended."""
        if wait or self._writer.has_news:
            before = self._trouble
            yield from self._told(self._writer.wait())
            yield from self._notices(before)

    def _told(self, ended: Written | None) -> EventStream:
        if ended is None:
            return
        self._trouble, self._needed, self._pause = ended.trouble, ended.needed, ended.seconds / _SHARE
        if ended.trouble:
            self._saved_step, self._best = -1, self._best or self._writing_best
        yield from self._part.channel.offer(*ended.saved)

    def _notices(self, before: str) -> EventStream:
        folder, step = self._part.folder, self._part.step
        if self._trouble and self._trouble != before:
            kept = " The last checkpoint is kept." if folder is not None and folder.has_checkpoint else ""
            words = f"{self._trouble}{kept} Training goes on; saving is tried again."
            yield from self._part.channel.offer(Notice(step, "save_failed", words))
        elif before and not self._trouble:
            yield from self._part.channel.offer(Notice(step, "saved_again", "The run is saved again.", "info"))


def run_copy(part: SavedPart) -> RunCopy:
    """Everything that ``part`` writes, copied."""
    return part.copy(part.state())
