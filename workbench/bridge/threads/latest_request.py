"""One request at a time in the background: a newer one cancels the older, whose result then never arrives."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import Task, TaskFailure, Tasks, Work


class LatestRequest(QObject):
    """Lives in the GUI thread and keeps the result of the newest request.

    ``request`` is any value with ``==`` that holds all that the result depends on.
    """

    #: Whether the last result is kept until the next one is there.
    keeps_value: ClassVar[bool] = False

    changed = Signal()  #: value, trouble, progress or whether one is pending
    progressed = Signal(object, object)  #: a share from 0 to 1 (0 if unknown), and words
    answered = Signal(object)  #: the result of the newest request
    failed = Signal(str)  #: why there is none

    def __init__(self, tasks: Tasks, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._name = tasks, name
        self._task: Task | None = None
        self._request: object = None
        self.value: Any = None
        self.trouble = ""
        self.fraction = 0.0
        self.words = ""

    @property
    def is_pending(self) -> bool:
        """Whether a result is pending."""
        return self._task is not None

    def is_about(self, request: object) -> bool:
        """Whether value, trouble or the pending work belong to ``request``."""
        return bool(request == self._request)

    def ask(self, request: object, work: Work) -> None:
        """Get the result of ``work``; nothing happens if that of an equal ``request`` is known or pending."""
        if self.is_about(request) and (self.is_pending or self.value is not None):
            return
        kept = self.value if self.keeps_value else None
        self._renew(request)
        self.value = kept
        task = self._task = self._tasks.submit(self._name, work)
        task.progressed.connect(self._on_progressed)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Cancel the pending work; the same request can be made again."""
        if self.is_pending:
            self._drop()
            self._request = None
            self.changed.emit()

    def forget(self) -> None:
        """Drop the result; the next request is computed, whatever it is."""
        self._renew(None)

    def fail(self, trouble: str) -> None:
        """Instead of a result there is ``trouble``, a sentence for the user, as if the work had raised it."""
        self._drop()
        self._end_in(trouble)

    def _renew(self, request: object) -> None:
        self._drop()
        self._request, self.value, self.trouble = request, None, ""
        self.fraction, self.words = 0.0, ""

    def _drop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _end_in(self, trouble: str) -> None:
        self._task, self.value, self.trouble = None, None, trouble
        self.changed.emit()
        self.failed.emit(trouble)

    @Slot(object, object)
    def _on_progressed(self, fraction: float, words: str) -> None:
        if self.sender() is self._task:
            self.fraction, self.words = fraction, words
            self.changed.emit()
            self.progressed.emit(fraction, words)

    @Slot(object)
    def _on_done(self, value: Any) -> None:
        if self.sender() is self._task:
            self._task, self.value = None, value
            self.changed.emit()
            self.answered.emit(value)

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        if self.sender() is self._task:
            self._end_in(failure.message)

    @Slot()
    def _on_cancelled(self) -> None:
        """The program closes; after an own cancel the task is no longer known here."""
        if self.sender() is self._task:
            self._task, self._request = None, None
            self.changed.emit()
