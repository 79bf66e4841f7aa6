"""Keeps what the previews show in step with the spec: computed in the background, the newest request wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Cancelled, Failure, IsCancelled, Progress, Task, Tasks
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, Watch
from workbench.engine.core.text import grouped
from workbench.engine.data.loaded_cache import forget_data
from workbench.engine.diagnostics.forward_pass import Inside, look_inside
from workbench.engine.report.augmentation_sheet import VARIANTS, Sheet, contact_sheet, sheet_depends_on
from workbench.engine.report.data_summary import DataSummary, data_summary
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

    def __init__(self, store: SpecStore, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
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
        self._slow.timeout.connect(self._tell_slow)
        self._connect()

    def _connect(self) -> None:
        self._store.changed.connect(self._on_spec)
        self._data.ready.connect(self._on_data)
        self._data.failed.connect(self._on_data_failed)
        self._data.progressed.connect(self.reading)
        self._sheet.ready.connect(self.sheet_ready)
        self._model.ready.connect(self.model_ready)
        self._inside.ready.connect(self.inside_ready)
        for section in self._sections:
            section.told.connect(self.failed)
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
        """Look at the pass of an example so many further on."""
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
        """Read the data again, because its files may have changed or the last try failed."""
        for section in self._sections:
            section.forget()
        forget_data()
        if self._is_started:
            self._update()

    @Slot()
    def stop_reading(self) -> None:
        """Give up the reading that goes on; what was read so far is kept on disk for the next time."""
        if self._data.is_pending:
            self._data.stop(_STOPPED)

    @Slot(object)
    def _on_spec(self, _spec: ExperimentSpec) -> None:
        if self._is_started and not self._gather.isActive():
            self._gather.start()

    @Slot()
    def _update(self) -> None:
        self._gather.stop()
        self._spec = self._store.spec
        self._data.ask(self._spec.data, _Watched(self._spec))
        if not self._data.is_pending:
            self._ask_dependents()
        self._watch_the_clock()

    def _ask_dependents(self, again: bool = False) -> None:
        spec, data = self._spec, self.data
        if data is None:
            return
        self._sheet.ask(
            (sheet_depends_on(spec), self._roll),
            partial(contact_sheet, spec, ROWS, self._roll),
            again,
        )
        self._model.ask(
            (data.shape, len(data.classes), spec.model, spec.regularization, spec.loop.batch_size),
            partial(model_table, spec),
            again,
        )
        if self._inside_watched:
            asked = (spec.data, spec.preprocessing, spec.model, spec.regularization, spec.loop.seed)
            self._inside.ask(
                (asked, self._example, self._inside_roll, self._weights),
                partial(look_inside, spec, self._example, self._inside_roll, self._weights[0]),
                again,
            )

    @Slot(object)
    def _on_data(self, summary: DataSummary) -> None:
        self.data_ready.emit(summary)
        self._ask_dependents(again=True)
        self._watch_the_clock()

    @Slot(str)
    def _on_data_failed(self, message: str) -> None:
        for section in (self._sheet, self._model):
            section.fail(message)
        self._fail_inside()

    def _fail_inside(self) -> None:
        """Where nobody looks, nobody is told; the next look is a new request."""
        if self._inside_watched:
            self._inside.fail(self._data.trouble)
        else:
            self._inside.forget()

    # --- Slow work ----------------------------------------------------------------------------------------------

    def _watch_the_clock(self) -> None:
        if any(section.is_pending for section in self._sections) and not self._slow.isActive():
            self._slow.start()

    @Slot()
    def _on_settled(self) -> None:
        if not any(section.is_pending for section in self._sections):
            self._slow.stop()

    @Slot()
    def _tell_slow(self) -> None:
        for section in self._sections:
            if section is self._inside and not self._inside_watched:
                continue
            if section.is_pending or self._data.is_pending:
                self.waiting.emit(section.name)


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What came of ``request``: a value, or a sentence about what is wrong."""

    request: object
    value: Any = None
    trouble: str = ""


class _Section(QObject):
    """One preview: what was asked last, and what came of it."""

    ready = Signal(object)
    failed = Signal(str)
    told = Signal(str, str)
    progressed = Signal(object, object)
    settled = Signal()

    def __init__(self, name: str, title: str, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self.is_pending = False
        self.value: Any = None
        self._title = title
        self._tasks = tasks
        self._request: object = None
        self._task: Task | None = None
        self.trouble = ""

    def is_about(self, request: object) -> bool:
        """Whether what is known, or computed, is of ``request``."""
        return request == self._request

    def ask(self, request: object, compute: Callable[..., Any], again: bool = False) -> None:
        """Compute if ``request`` is a new one. ``again`` tells the old outcome once more if it is not.

        What is computed for an older request is given up. ``compute`` is called with Watch if it takes one.
        """
        if request == self._request:
            if again and not self.is_pending:
                self._tell()
            return
        self._give_up()
        self._request, self.is_pending = request, True
        task = self._tasks.submit(self._title, partial(_work, request, compute), key=f"preview {self.name}")
        self._task = task
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.progressed.connect(self._on_progressed)

    def fail(self, message: str) -> None:
        """Another section's trouble leaves nothing to compute here."""
        self.forget()
        self.trouble = message
        self._tell()

    def stop(self, message: str) -> None:
        """Give up what is computed. The same request is not computed again before ``forget``."""
        self._give_up()
        self.is_pending, self.value, self.trouble = False, None, message
        self._tell()

    def forget(self) -> None:
        """The next request is a new one."""
        self._give_up()
        self._request, self.value, self.trouble, self.is_pending = None, None, "", False

    def _give_up(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    @Slot(object, object)
    def _on_progressed(self, fraction: float, words: str) -> None:
        if self.is_pending:
            self.progressed.emit(fraction, words)

    @Slot(object)
    def _on_done(self, answer: _Answer) -> None:
        """An answer to an older request is not shown: what is shown belongs to the settings beside it."""
        if answer.request == self._request:
            self.is_pending, self.value, self.trouble = False, answer.value, answer.trouble
            self._tell()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        if self.is_pending:
            self.is_pending, self.value, self.trouble = False, None, failure.message
            self._tell()

    def _tell(self) -> None:
        if self.trouble:
            self.told.emit(self.name, self.trouble)
            self.failed.emit(self.trouble)
        elif self.value is not None:
            self.ready.emit(self.value)
        self.settled.emit()


class _Watched:
    """The summary of a spec's data, computed with somebody watching."""

    def __init__(self, spec: ExperimentSpec) -> None:
        self._spec = spec

    def __call__(self, watch: Watch) -> DataSummary:
        return data_summary(self._spec, watch)


def _work(request: object, compute: Callable[..., Any], progress: Progress, is_cancelled: IsCancelled) -> _Answer:
    """Runs in the background thread. Expected failures are answers, so that outdated ones can be told apart."""

    def watch(told: Loading) -> None:
        if is_cancelled():
            raise Cancelled
        count = f": {grouped(told.done)} of {grouped(told.total)}" if told.total else ""
        progress(told.done / max(1, told.total), told.words + count)

    try:
        return _Answer(request, compute(watch) if isinstance(compute, _Watched) else compute())
    except WorkbenchError as error:
        return _Answer(request, trouble=error.message)


def _timer(parent: QObject, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    return timer
