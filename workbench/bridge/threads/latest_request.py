"""One question at a time, answered in the background: what a page needs that takes time to find out."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import Failure, Task, Tasks, Work


class LatestRequest(QObject):
    """Lives in the GUI thread. A new question replaces the old one, whose answer then never arrives."""

    changed = Signal()  #: the answer, the trouble, or how far it is
    answered = Signal(object)  #: the answer to the question that was asked last

    def __init__(self, tasks: Tasks, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._name = tasks, name
        self._task: Task | None = None
        self._question: object = None
        self.value: Any = None
        self.trouble = ""
        self.fraction = 0.0
        self.words = ""

    @property
    def is_pending(self) -> bool:
        """Whether an answer is on its way."""
        return self._task is not None

    def ask(self, question: object, work: Work) -> None:
        """Answer ``question`` by ``work``; nothing happens if it was asked last and is answered or on its way."""
        if question == self._question and (self.is_pending or self.value is not None):
            return
        self._drop()
        self._question, self.value, self.trouble = question, None, ""
        self.fraction, self.words = 0.0, ""
        task = self._task = self._tasks.submit(self._name, work)
        task.progressed.connect(self._on_progressed)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """No answer is wanted any more; the question can be asked again."""
        if self.is_pending:
            self._drop()
            self._question = None
            self.changed.emit()

    def forget(self) -> None:
        """The next question is a new one, whatever it is."""
        self._drop()
        self._question, self.value, self.trouble = None, None, ""

    def _drop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    @Slot(object, object)
    def _on_progressed(self, fraction: float, words: str) -> None:
        if self.sender() is self._task:
            self.fraction, self.words = fraction, words
            self.changed.emit()

    @Slot(object)
    def _on_done(self, value: Any) -> None:
        if self.sender() is self._task:
            self._task, self.value = None, value
            self.changed.emit()
            self.answered.emit(value)

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        if self.sender() is self._task:
            self._task, self.trouble = None, failure.message
            self.changed.emit()

    @Slot()
    def _on_cancelled(self) -> None:
        """By the program's end; an own cancel has let the task go before."""
        if self.sender() is self._task:
            self._task, self._question = None, None
            self.changed.emit()
