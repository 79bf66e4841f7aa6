"""Keeps what the previews show in step with the spec: computed in the background, the newest request wins."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task, simply
from workbench.engine.data.store import DataStore
from workbench.engine.diagnostics.forward_pass import Inside, look_inside
from workbench.engine.report.augmentation_sheet import VARIANTS, Sheet, contact_sheet, sheet_depends_on
from workbench.engine.report.data_summary import DataSummary, summarizing
from workbench.engine.report.model_summary import ModelTable, model_table
from workbench.engine.spec.experiment import ExperimentSpec

#: Edits are gathered this long, so that a drag of a slider asks five times a second and not a hundred times.
GATHER_MS: Final = 200
#: Work that takes longer is announced; quicker work would only flicker.
SLOW_MS: Final = 300
_STOPPED: Final = "The reading was stopped, so there is no data. Read it again to go on."
#: Examples on the contact sheet.
ROWS: Final = 3


class Previews(QObject):
    """Watches a SpecStore. Lives in the GUI thread; computes nothing there, and nothing at all before ``start``.

    A section is recomputed only if something it depends on has changed. The model and the contact sheet need the
    data, so they come after it, and when the data fails they fail with its words.
    """

    #: DataSummary.
    data_ready = Signal(object)
    #: Sheet.
    sheet_ready = Signal(object)
    #: ModelTable.
    model_ready = Signal(object)
    #: Inside.
    inside_ready = Signal(object)
    #: "data", "augmentations", "model" or "regularization", and a sentence for the user.
    failed = Signal(str, str)
    #: The section whose work takes long: what is shown of it is outdated.
    waiting = Signal(str)
    #: How far the reading of the data is: a fraction from 0 to 1 (0 where it is not known) and words.
    reading = Signal(object, object)

    def __init__(self, store: SpecStore, tasks: Tasks, loaded: DataStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._loaded = store, loaded
        self._lease = contextlib.ExitStack()  # closed while nothing is computed
        self._spec = store.spec
        self._roll = 0
        self._inside_watched = False
        self._inside_roll = self._example = 0
        self._weights: tuple[str, int] = ("", 0)
        self._is_started = False
        self._data = _Section("data", "Reading the data", tasks, self)
        self._sheet = _Section("augmentations", "Augmenting examples", tasks, self)
        self._model = _Section("model", "Measuring the model", tasks, self)
        self._inside = _Section("regularization", "Looking inside one pass", tasks, self)
        self._sections = (self._data, self._sheet, self._model, self._inside)
        self._gather = _timer(self, GATHER_MS)
        self._gather.timeout.connect(self._update)
        self._slow = _timer(self, SLOW_MS)
        self._slow.timeout.connect(self._announce_slow)
        self._connect()

    def _connect(self) -> None:
        self._store.changed.connect(self._on_spec)
        self._data.ready.connect(self._on_data)
        self._data.refused.connect(self._on_data_failed)
        self._data.progressed.connect(self.reading)
        self._sheet.ready.connect(self.sheet_ready)
        self._model.ready.connect(self.model_ready)
        self._inside.ready.connect(self.inside_ready)
        for section in self._sections:
            section.section_failed.connect(self.failed)
            section.settled.connect(self._on_settled)

    # --- Reading ------------------------------------------------------------------------------------------------

    @property
    def data(self) -> DataSummary | None:
        """The data that the form shows; None while it is not known."""
        found: DataSummary | None = self._data.value
        return found

    @property
    def sheet(self) -> Sheet | None:
        """The last contact sheet; None if there is none."""
        found: Sheet | None = self._sheet.value
        return found

    @property
    def model(self) -> ModelTable | None:
        """The layers of the model that the form shows; None while they are not known."""
        found: ModelTable | None = self._model.value
        return found

    @property
    def inside(self) -> Inside | None:
        """The last look inside one pass; None if there is none."""
        found: Inside | None = self._inside.value
        return found

    @property
    def is_reading(self) -> bool:
        """Whether the data is being read."""
        return self._data.is_pending

    @property
    def data_trouble(self) -> str:
        """Why exactly the data that is chosen now cannot be read; empty if it can, or is not known."""
        known = self._is_started and self._data.is_about(self._store.spec.data) and not self._data.is_pending
        return self._data.trouble if known and self._data.trouble != _STOPPED else ""

    # --- Asking -------------------------------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Compute from now on. Call it when the window is there: the first time loads torch, in the background."""
        self._is_started = True
        self._update()

    @Slot()
    def reroll(self) -> None:
        """Show the next epochs' random choices of the same examples."""
        self._roll += VARIANTS
        if self._is_started:
            self._update()

    @Slot(bool)
    def watch_inside(self, watched: bool) -> None:
        """Whether the look inside one pass is on the screen: only then it is computed."""
        self._inside_watched = watched
        if watched and self._is_started:
            if self._data.trouble:
                self._fail_inside()
            self._update()

    @Slot()
    def reroll_inside(self) -> None:
        """Let the example's pass draw anew."""
        self._inside_roll += 1
        if self._is_started:
            self._update()

    @Slot(int)
    def show_example(self, steps: int) -> None:
        """Show the pass of the example ``steps`` further on."""
        self._example += steps
        if self._is_started:
            self._update()

    def use_weights(self, path: str, step: int) -> None:
        """A run has saved weights: where they fit the model in the form, the pass is one of these."""
        self._weights = (path, step)
        if self._inside_watched and self._is_started and not self._gather.isActive():
            self._gather.start()

    @Slot()
    def refresh(self) -> None:
        """Read the data again, all folders scanned anew: its files may have changed, or the last try failed."""
        self._loaded.forget()
        self._compute_again()

    @Slot()
    def data_changed(self) -> None:
        """Files were written here, corrections or a download: read what has changed."""
        self._loaded.outdate()
        self._compute_again()

    def _compute_again(self) -> None:
        for section in self._sections:
            section.forget()
        if self._is_started:
            self._update()

    @Slot()
    def stop_reading(self) -> None:
        """Give up the reading that goes on; what was read so far is kept on disk for the next time."""
        if self._data.is_pending:
            self._data.fail(_STOPPED)

    @Slot(object)
    def _on_spec(self, _spec: ExperimentSpec) -> None:
        if self._is_started and not self._gather.isActive():
            self._gather.start()

    @Slot()
    def _update(self) -> None:
        self._gather.stop()
        self._spec = self._store.spec
        self._data.want(self._spec.data, as_task(partial(summarizing, self._spec, self._loaded)))
        if not self._data.is_pending:
            self._ask_dependents()
        self._watch_the_clock()

    def _ask_dependents(self, again: bool = False) -> None:
        spec, data = self._spec, self.data
        if data is None:
            return
        loaded = self._loaded
        self._sheet.want(
            (sheet_depends_on(spec), self._roll),
            simply(partial(contact_sheet, spec, ROWS, self._roll, loaded)),
            again,
        )
        self._model.want(
            (data.shape, len(data.classes), spec.model, spec.regularization, spec.loop.batch_size),
            simply(partial(model_table, spec, loaded)),
            again,
        )
        if self._inside_watched:
            asked = (spec.data, spec.preprocessing, spec.model, spec.regularization, spec.loop.seed)
            work = partial(look_inside, spec, self._example, self._inside_roll, self._weights[0], loaded)
            self._inside.want((asked, self._example, self._inside_roll, self._weights), simply(work), again)

    @Slot(object)
    def _on_data(self, summary: DataSummary) -> None:
        self.data_ready.emit(summary)
        self._ask_dependents(again=True)
        self._watch_the_clock()

    @Slot(str)
    def _on_data_failed(self, message: str) -> None:
        for section in (self._sheet, self._model):
            section.refuse(message)
        self._fail_inside()

    def _fail_inside(self) -> None:
        """Nothing is announced while no view looks; the next look is a new request."""
        if self._inside_watched:
            self._inside.refuse(self._data.trouble)
        else:
            self._inside.forget()

    def finish(self) -> None:
        """The window closes: nothing is computed or announced any more."""
        self._gather.stop()
        self._slow.stop()
        self._lease.close()

    # --- Slow work ----------------------------------------------------------------------------------------------

    def _watch_the_clock(self) -> None:
        if not any(section.is_pending for section in self._sections):
            return
        self._lease.close()
        self._lease.enter_context(self._loaded.reader())
        if not self._slow.isActive():
            self._slow.start()

    @Slot()
    def _on_settled(self) -> None:
        if not any(section.is_pending for section in self._sections):
            self._slow.stop()
            self._lease.close()

    @Slot()
    def _announce_slow(self) -> None:
        for section in self._sections:
            if section is self._inside and not self._inside_watched:
                continue
            if section.is_pending or self._data.is_pending:
                self.waiting.emit(section.name)


class _Section(LatestRequest):
    """One preview. A request that failed is not made again before ``forget``."""

    keeps_value = True  # a view shows the last picture until the next one is there

    ready = Signal(object)
    refused = Signal(str)
    section_failed = Signal(str, str)  #: the section and why
    settled = Signal()

    def __init__(self, name: str, title: str, tasks: Tasks, parent: QObject) -> None:
        super().__init__(tasks, title, parent)
        self.name = name
        self.answered.connect(self._announce)
        self.failed.connect(self._announce)

    def want(self, request: object, work: Work, again: bool = False) -> None:
        """Compute if ``request`` is a new one. ``again``: emit the known outcome once more if it is not."""
        if not self.is_about(request):
            self.ask(request, work)
        elif again and not self.is_pending:
            self._announce()

    def refuse(self, trouble: str) -> None:
        """Another section's trouble leaves nothing to compute here."""
        self.forget()
        self.fail(trouble)

    @Slot(object)
    @Slot(str)
    def _announce(self, _outcome: object = None) -> None:
        if self.trouble:
            self.section_failed.emit(self.name, self.trouble)
            self.refused.emit(self.trouble)
        elif self.value is not None:
            self.ready.emit(self.value)
        self.settled.emit()


def _timer(parent: QObject, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
