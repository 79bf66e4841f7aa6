"""Writes what is left out or renamed beside the data, in the background, and undoes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import simply
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.text import counted
from workbench.engine.pictures.corrections import CorrectionsFile

_Act = Callable[[CorrectionsFile], object]


class CorrectionsDesk(QObject):
    """The single writer of corrections, shared by all views, so that undo always reverts the most recent change.

    One data set at a time. Lives in the GUI thread; the disk is only touched in the background.
    """

    written = Signal(str, bool)  #: a sentence, and whether the change can be undone
    refused = Signal(str)  #: a change was not written, and why

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._file: CorrectionsFile | None = None
        self._place: object = None

    def change(self, source: DataSource, act: _Act, words: str) -> None:
        """Do ``act`` on the corrections of ``source``; nothing for data that are no files."""
        if not isinstance(source, PictureFiles) or not source.has_files:
            return
        if self._place != (place := _place(source)):
            self._file, self._place = None, place
        task: Task = self._tasks.submit("Writing the change", simply(partial(_write, source, self._file, act, words)))
        task.done.connect(self._on_written)
        task.failed.connect(self._on_not_written)

    @Slot(object)
    def _on_written(self, answer: tuple[CorrectionsFile, str]) -> None:
        self._file, words = answer
        self.written.emit(words, self._file.can_undo)

    @Slot(object)
    def _on_not_written(self, failure: TaskFailure) -> None:
        self.refused.emit(failure.message)


def pictures_are(files: Sequence[str]) -> str:
    """The beginning of a sentence on what has become of ``files``."""
    return counted(len(files), "picture is", "pictures are")


def exclude(files: Sequence[str], left_out: bool, file: CorrectionsFile) -> object:
    """Leave ``files`` out, or use them again."""
    return file.exclude([Path(each) for each in files], left_out)


def give_class(files: Sequence[str], label: str, file: CorrectionsFile) -> object:
    """Give ``files`` another class; an empty ``label`` gives their own back."""
    return file.relabel([Path(each) for each in files], label)


def _place(source: PictureFiles) -> tuple[str, str]:
    return source.kind, getattr(source, "folder", "") or getattr(source, "file", "")


def _write(source: PictureFiles, file: CorrectionsFile | None, act: _Act, words: str) -> tuple[CorrectionsFile, str]:
    file = file if file is not None else source.corrections()
    act(file)
    return file, f"{words}. {file.note}".rstrip()
