"""A scene that is played in the background: what there is to see as it goes, then its conclusion."""

from __future__ import annotations

import time
from typing import Any, Final

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.process.crash import LOG
from workbench.bridge.threads.background import Cancelled, Task, TaskFailure, Tasks, Work
from workbench.bridge.threads.event_batcher import EventBatcher
from workbench.engine.core.progress import IsCancelled, Progress, finished
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.play import Conclusion, play

#: Seconds that the player leaves to the window to show a frame. Each Qt call releases the GIL and must reacquire it:
#: without the wait one frame took up to 0.8 s during training.
_SHOWING: Final = 0.06
#: Minimum interval between two frames without a picture, in seconds.
_SELDOM: Final = 0.2


class ScenePlayer(QObject):
    """Plays one scene at a time, on the thread of ``tasks``. Lives in the GUI thread.

    ``frame`` says how far it is, ``picture`` is the newest one, ``trouble`` a sentence if it could not be played.
    """

    changed = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None
        self._number = 0
        self._put_at = self._shows_until = 0.0
        self._frames = EventBatcher(_replaces)
        self._frames.delivered.connect(self._on_frames)
        self.frame: Frame | None = None
        self.picture: Picture | None = None
        self.conclusion: Conclusion | None = None
        self.trouble = ""

    @property
    def is_playing(self) -> bool:
        """Whether a measurement is running."""
        return self._task is not None

    def play(self, lesson: Lesson, seed: int, counter: bool = False, keep: bool = False) -> None:
        """Play a lesson, or its counter-example; one that is being played is cancelled.

        With ``keep`` picture and conclusion of before stay until there are new ones.
        """
        if keep:
            self._drop()
        else:
            self._renew()
        number = self._number
        work = _work(lesson, seed, counter, lambda frame: self._put(number, frame))
        task = self._task = self._tasks.submit(f"Playing scene {lesson.number}", work)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)
        self.changed.emit()

    def _put(self, number: int, frame: Frame) -> None:
        """Called in the playing thread: deliver a frame, and wait while the window shows one. Frames with progress
        alone are delivered at most every ``_SELDOM`` seconds.
        """
        now = time.monotonic()
        if frame.picture is not None or now - self._put_at > _SELDOM:
            self._put_at = now
            self._frames.put((number, frame))
        time.sleep(max(0.0, self._shows_until - now))

    def cancel(self) -> None:
        """Give up what is being played; what was seen of it stays."""
        if self._drop():
            self.changed.emit()

    def refuse(self, why: str) -> None:
        """Say why nothing is played, as a sentence."""
        self._renew()
        self.trouble = why
        self.changed.emit()

    def clear(self) -> None:
        """Give up what is being played, and forget what was seen."""
        self._renew()
        self.changed.emit()

    def _drop(self) -> bool:
        """Cancel the measurement, whose frames are not shown any more; False if none is running."""
        task, self._task = self._task, None
        self._number += 1
        self._frames.flush()
        if task is not None:
            task.cancel()
        return task is not None

    def _renew(self) -> None:
        self._drop()
        self.frame = self.picture = self.conclusion = None
        self.trouble = ""

    @Slot(object)
    def _on_frames(self, items: list[Any]) -> None:
        for number, frame in items:
            if number == self._number and self.is_playing:
                self.frame, self.picture = frame, frame.picture or self.picture
                self._shows_until = time.monotonic() + _SHOWING
                self.changed.emit()

    @Slot(object)
    def _on_done(self, conclusion: Conclusion) -> None:
        if self.sender() is self._task:
            self._frames.flush()
            self._task = None
            self.conclusion, self.picture = conclusion, conclusion.picture or self.picture
            self.changed.emit()

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        if self.sender() is self._task:
            LOG.error("%s\n%s", failure.message, failure.details)
            self._frames.flush()
            self._task, self.trouble = None, failure.message
            self.changed.emit()

    @Slot()
    def _on_cancelled(self) -> None:
        """The program closes; after an own cancel the task is no longer known here."""
        if self.sender() is self._task:
            self._task = None


def _replaces(older: Any, newer: Any) -> bool:
    """A frame without a picture must not take away one that was not shown yet."""
    return newer[1].picture is not None or older[1].picture is None


def _work(lesson: Lesson, seed: int, counter: bool, show: Any) -> Work:
    def work(_progress: Progress, is_cancelled: IsCancelled) -> Conclusion:
        def watch(frame: Frame) -> None:
            if is_cancelled():
                raise Cancelled
            show(frame)

        return finished(play(lesson, seed, counter), watch)

    return work
