"""Pictures that are trained on while the others are still being decoded: the first epoch of a new folder.

Which pictures there are, and the order of a run, are known before any is decoded; so a run may begin with those that
it needs first. What it computes does not depend on when a picture arrives.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading
from workbench.engine.core.responsive_io import LOOK_UP, SILENCE, Quiet, processor_clock, silence_words, usual_workers

Rows = npt.NDArray[np.int64]
#: The end of a run waits so long (seconds) for what is being written; a disk that takes longer has its work lost.
WRITING = 60.0
#: Decodes one row into the array and says why it cannot be read, empty if it was.
Decode = Callable[[int], str]
#: Is given which rows are done; returns what the user should know of it, mostly nothing.
Finish = Callable[[npt.NDArray[np.bool_]], str]
#: Makes the error of all unreadable files and the reasons.
Refused = Callable[[dict[Path, str]], "UnreadableFiles"]


class UnreadableFiles(WorkbenchError):
    """Files that cannot be read and are not to be skipped, found when training had begun."""


class Arriving:
    """Rows that are decoded by threads of their own, those that are waited for first.

    ``decode`` must write the row before it returns and must not raise for a file. ``finish`` is called once, by one of
    the threads after the last row or by ``close`` before it, with the rows that are done. An unreadable file is raised
    (``refused``) when all have been looked at, so that every one of them can be named at once.
    """

    def __init__(
        self,
        files: Sequence[Path],
        done: npt.NDArray[np.bool_],
        decode: Decode,
        finish: Finish,
        refused: Refused,
    ) -> None:
        self._files, self._decode, self._finish, self._refused = files, decode, finish, refused
        self._changed = threading.Condition()
        self._ready, self._taken = done.copy(), done.copy()
        self._left = int((~done).sum())
        self._wanted: deque[int] = deque()
        self._next = 0
        self._unreadable: dict[Path, str] = {}
        self._bad = np.zeros(len(done), np.bool_)
        self._error: BaseException | None = None
        self._started = self._ended = self._finishing = False
        self._finished = threading.Event()
        self._note = ""
        self._quiet, self._clocks = Quiet(), list[Callable[[], float]]()
        #: True once nothing is missing; asked before anything else, so it costs a run nothing afterwards.
        self.is_complete = not self._left
        self._threads = [
            threading.Thread(target=self._run, name="decoding", daemon=True) for _ in range(usual_workers())
        ]

    def prefer(self, rows: Rows) -> None:
        """Decode ``rows`` next, in this order. Decoding begins with the first ``lacks``."""
        with self._changed:
            wanted = rows[~self._taken[rows]].tolist()
            self._wanted = deque(dict.fromkeys([*wanted, *self._wanted]))

    def lacks(self, rows: Rows, alone: bool = False) -> bool:
        """Whether some of ``rows`` are missing; waits a moment (``LOOK_UP``) for them.

        True for any rows from the first unreadable file on, until all have been looked at; then raises UnreadableFiles.
        ``alone``: only ``rows`` count, for callers that cannot yield progress.
        """
        if self.is_complete:
            return False
        self._start()
        with self._changed:
            if not self._has(rows, alone):
                missing = rows[~self._taken[rows]].tolist()
                if missing and list(islice(self._wanted, len(missing))) != missing:
                    self._wanted = deque(dict.fromkeys([*missing, *self._wanted]))
                self._changed.wait_for(lambda: self._has(rows, alone), LOOK_UP)
            if self._error is not None:
                raise self._error
            if self._unreadable and (not self._left or (alone and self._bad[rows].any())):
                raise self._refused(dict(self._unreadable))
            return not self._has(rows, alone)

    def progress(self) -> Loading:
        """How far it is; or which file is waited for, if nothing has come for some seconds."""
        with self._changed:
            total = len(self._files)
            done, silence = total - self._left, self._quiet.seconds(sum(used() for used in self._clocks))
            # Which file it is, is looked for only when it is said: this is asked for often.
            words = silence_words(self._waited_for(), silence) if self._left and silence >= SILENCE else ""
        return Loading(0, 0, words) if words else Loading(done, total, "Reading pictures")

    def late_notes(self) -> tuple[str, ...]:
        """What is to be said of how they were kept for the next time, once that is known; given once."""
        note, self._note = self._note, ""
        return (note,) if note else ()

    def close(self) -> None:
        """No more is decoded; what is done is kept for the next time. Waits for the file that is being decoded."""
        with self._changed:
            self._ended = True
        for thread in self._threads:
            if thread.is_alive() and not self._finishing:
                thread.join(LOOK_UP)
        self._finish_once()
        self._finished.wait(WRITING)  # another thread may be writing what is to be kept

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._quiet.reset()
            for thread in self._threads:
                thread.start()

    # --- The threads --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._clocks.append(processor_clock())
        while (row := self._take()) is not None:
            try:
                reason = self._decode(row)
            except BaseException as error:
                self._fail(error)
                return
            self._arrived(row, reason)
        if not self._left:
            self._finish_once()

    def _take(self) -> int | None:
        with self._changed:
            if self._ended or self._error is not None:
                return None
            while self._wanted:
                row = self._wanted.popleft()
                if not self._taken[row]:
                    self._taken[row] = True
                    return row
            while self._next < len(self._taken):
                row, self._next = self._next, self._next + 1
                if not self._taken[row]:
                    self._taken[row] = True
                    return row
            return None

    def _arrived(self, row: int, reason: str) -> None:
        with self._changed:
            self._quiet.reset()
            self._left -= 1
            self._ready[row] = True
            if reason:
                self._unreadable[self._files[row]] = reason
                self._bad[row] = True
            self.is_complete = not self._left and not self._unreadable
            self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def _finish_once(self) -> None:
        with self._changed:
            if self._finishing:
                return
            self._finishing = True
            done = self._ready.copy()
        try:
            with contextlib.suppress(OSError, ValueError, WorkbenchError):
                self._note = self._finish(done)
        finally:
            self._decode, self._finish = _forgotten, _nothing  # and with them the pictures
            self._finished.set()

    def _has(self, rows: Rows, alone: bool) -> bool:
        """With the lock: whether ``rows`` can be used, or there is something else to be said."""
        if self._error is not None:
            return True
        if self._unreadable and not alone:
            return not self._left
        return bool(self._ready[rows].all())

    def _waited_for(self) -> str:
        """With the lock: the file that was begun first and has not come."""
        begun = np.flatnonzero(self._taken & ~self._ready)
        return os.fspath(self._files[int(begun[0])]) if len(begun) else ""


def _forgotten(row: int) -> str:
    raise AssertionError("nothing is decoded behind the end")


def _nothing(done: npt.NDArray[np.bool_]) -> str:
    return ""
