"""The stacks of all threads, written when a dump that was due has not been put off in time.

Only a thread that holds the GIL may read the stacks of others. `faulthandler.dump_traceback_later` reads them without
it, while they change: where torch trained meanwhile, one dump in about 230 ended the process (Python 3.11, torch 2.15).
"""

from __future__ import annotations

import faulthandler
import threading
import time
from collections.abc import Callable
from typing import Final, TextIO

#: Seconds after a dump was due. If no thread of Python could make it by then, something of C holds the GIL, so that
#: the stacks stand still, and faulthandler reads them.
GIL_IS_HELD: Final = 8.0


class HangDump:
    """One dump that is due at most. ``due_in`` and ``close`` may be called from any thread."""

    def __init__(self, write: Callable[[], None]) -> None:
        """``write`` writes the stacks; it is called in a thread of its own."""
        self._write = write
        self._due: float | None = None
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="hang dump", daemon=True)
        self._thread.start()

    def due_in(self, seconds: float | None, file: TextIO | None = None) -> None:
        """Dump in ``seconds``, in place of a dump that was due; None: no dump is due any more.

        ``file`` is where faulthandler writes if the GIL is held; it has to stay open as long as a dump is due.
        """
        with self._changed:
            self._due = None if seconds is None else time.monotonic() + seconds
            self._changed.notify()
        if seconds is None or file is None:
            faulthandler.cancel_dump_traceback_later()
        else:
            faulthandler.dump_traceback_later(seconds + GIL_IS_HELD, file=file)

    def close(self) -> None:
        """No dump comes any more, and the thread ends."""
        self.due_in(None)
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _work(self) -> None:
        while self._is_due():
            self._write()

    def _is_due(self) -> bool:
        """Wait until a dump is due; False at the end."""
        with self._changed:
            while not self._is_closed:
                late = None if self._due is None else time.monotonic() - self._due
                if late is None or late < 0:
                    self._changed.wait(None if late is None else -late)
                    continue
                self._due = None
                if late < GIL_IS_HELD:  # else faulthandler has dumped
                    faulthandler.cancel_dump_traceback_later()
                    return True
        return False
