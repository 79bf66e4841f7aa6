"""Writes in the background, one thing at a time, so that training waits for the copy alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import WeightsSaved
from workbench.engine.run_store.partly_saved import PartlySaved

#: The emergency exit waits so long (seconds) for a drive that does not answer.
PATIENCE: Final = 20.0

Write = Callable[[], tuple[WeightsSaved, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """How a write ended, after ``seconds``: what it ``saved``, or its ``trouble``.

    ``needed`` are the bytes that a full disk lacked.
    """

    saved: tuple[WeightsSaved, ...]
    seconds: float
    trouble: str = ""
    needed: int = 0


class CheckpointWriter:
    """One write at a time, each in a daemon thread of its own. All methods are called in the training thread."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._written: Written | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a write has not ended, or its end was not asked for."""
        return self._thread is not None

    @property
    def has_news(self) -> bool:
        """Whether a write has ended and nobody has asked how."""
        return self._written is not None

    def start(self, write: Write) -> None:
        """Begin to write; must not be called while busy."""
        assert self._thread is None
        self._thread = threading.Thread(target=self._run, args=(write,), name="checkpoint", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> Written | None:
        """How the write that is under way ends; None if there is none, or if it takes longer than ``seconds``."""
        if self._thread is None:
            return None
        self._thread.join(seconds)
        if self._thread.is_alive():
            return None
        written, self._thread, self._written = self._written, None, None
        return written

    def _run(self, write: Write) -> None:
        self._written = written(write)


def written(write: Write) -> Written:
    """What becomes of ``write``, done here and now."""
    began = time.perf_counter()
    try:
        saved, trouble, needed = write(), "", 0
    except PartlySaved as error:
        saved, trouble, needed = error.saved, error.message, error.needed
    except WorkbenchError as error:
        saved, trouble, needed = (), error.message, 0
    except Exception as error:  # no memory left
        saved, trouble, needed = (), f"The run could not be saved: {str(error) or type(error).__name__}.", 0
    return Written(saved, time.perf_counter() - began, trouble, needed)
