"""The preflight of the data in the background: begun as soon as own data is chosen, or when it is asked for."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal, Slot

from workbench.bridge.data.data_request import DataRequest
from workbench.bridge.previews import Previews
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import as_task, simply
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.errors import SpecError
from workbench.engine.data.checks import preflight, skip
from workbench.engine.data.findings import Action, Report
from workbench.engine.data.store import DataStore

#: Edits are gathered this long: typing a share must not begin a check at each letter.
GATHER_MS: Final = 500


class Checking(DataRequest):
    """Follows the spec's data, and does what is offered for what it finds."""

    #: The Report of the data that is chosen now.
    reported = Signal(object)
    #: Files were left out: what was read of the data is outdated.
    rewritten = Signal()
    #: What an action did, in a sentence; and whether it failed.
    acted = Signal(str, bool)

    def __init__(self, store: SpecStore, previews: Previews, tasks: Tasks, loaded: DataStore) -> None:
        super().__init__(store, tasks, loaded, "Checking the data", GATHER_MS)
        self._previews, self._tasks = previews, tasks
        self._asked.answered.connect(self.reported)
        self._also: Action | None = None  # the setting that goes with the files that are being left out
        self.was_stopped = False

    def start(self) -> None:
        """Check own data when it is chosen from now on; that of the last session only if it is asked for."""
        self._data = self._store.spec.data
        self._store.changed.connect(self._on_spec)

    @property
    def report(self) -> Report | None:
        """What was found; None while it is not known."""
        found: Report | None = self._asked.value
        return found

    @property
    def why_not_train(self) -> str:
        """Why training could not start with exactly this data, as far as is known; empty if nothing speaks against it.

        Files may have been repaired meanwhile: only reading them again shows it.
        """
        report = self.report
        if self._previews.data_trouble or report is None:
            return self._previews.data_trouble
        wrong = next((finding for finding in report.findings if finding.severity == "error"), None)
        return self.shortened(wrong.sentence) if wrong is not None else ""

    @Slot()
    def look_again(self) -> None:
        """Read data that could not be read once more: its files may have been mended."""
        if not self.why_not_train or self.is_busy:
            return
        again = self.report is not None
        self._previews.refresh()
        if again:
            self.check()

    @property
    def progress(self) -> tuple[float, str]:
        """A share from 0 to 1 (0 where it is not known), and words."""
        return self._asked.fraction, self._asked.words

    # --- Checking --------------------------------------------------------------------------------------------------

    def _reset(self) -> None:
        self.was_stopped = False

    @Slot()
    def check(self) -> None:
        """Check the data that is chosen now, again if it was."""
        self._asked.forget()
        self._ask()

    @Slot()
    def data_changed(self) -> None:
        """Pictures were left out or renamed elsewhere: what was found may no longer be so."""
        if self.report is not None or self.is_busy:
            self._ask_again()

    @Slot()
    def _ask(self) -> None:
        self._gather.stop()
        self.was_stopped = False
        spec = self._store.spec
        self._asked.ask(spec.data, as_task(partial(preflight, spec, self._loaded)))

    @Slot()
    def cancel(self) -> None:
        """Stop the check; settings and data stay as they are."""
        self._gather.stop()
        self.was_stopped = True
        self._asked.cancel()
        self.changed.emit()

    # --- Actions ---------------------------------------------------------------------------------------------------

    def can(self, action: Action) -> bool:
        """Whether the action is possible with this data."""
        source = self._store.spec.data.source
        return action.kind != "skip" or (isinstance(source, PictureFiles) and source.has_files)

    def shortened(self, sentence: str) -> str:
        """Without the path of the folder that all of its files lie in."""
        source = self._store.spec.data.source
        file = getattr(source, "file", "")
        folder = str(Path(file).parent) if file else getattr(source, "folder", "")
        return sentence.replace(f"{folder.rstrip(os.sep)}{os.sep}", "") if folder else sentence

    def act(self, action: Action) -> None:
        """Do a ``skip`` or an ``edit``; a ``stop`` is the window's business."""
        if action.kind == "edit":
            self._edit(action)
        elif action.kind == "skip":
            task: Task = self._tasks.submit("Leaving files out", simply(partial(skip, self._store.spec, action.files)))
            self._also = action if action.path else None
            task.done.connect(self._on_skipped)
            task.failed.connect(self._on_failed)

    def _edit(self, action: Action) -> None:
        try:
            self._store.edit(action.path, action.value)
        except SpecError as error:
            self.acted.emit(self._store.words_of(error), True)
            return
        self.acted.emit(f"{action.label}: set.", False)

    @Slot(object)
    def _on_skipped(self, words: str) -> None:
        also, self._also = self._also, None
        if also is not None:
            self._edit(also)
        self.acted.emit(words, False)
        self._previews.data_changed()
        self.rewritten.emit()
        self.check()

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self.acted.emit(failure.message, True)
