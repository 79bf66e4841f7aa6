"""What the process holds: memory, threads, Qt objects that Python knows, widgets, timers."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from dataclasses import asdict, dataclass

import psutil
from PySide6.QtWidgets import QApplication
from shiboken6 import Shiboken


@dataclass(frozen=True)
class Gauges:
    """``memory`` in MB that are resident; ``wrappers`` are Python objects that stand for Qt ones."""

    memory: float
    threads: int
    wrappers: int
    widgets: int
    files: int

    def words(self) -> str:
        """All of them in a line."""
        return ", ".join(
            f"{name} {value:.1f}" if name == "memory" else f"{name} {value}" for name, value in self.items()
        )

    def items(self) -> list[tuple[str, float]]:
        """Names and values."""
        return list(asdict(self).items())


def read() -> Gauges:
    """Garbage is collected first, and the allocator gives back what it can."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    process = psutil.Process()
    wrappers = len(Shiboken.getAllValidWrappers())
    files = process.num_fds() if hasattr(process, "num_fds") else 0
    return Gauges(
        process.memory_info().rss / 1e6,
        process.num_threads() if sys.platform == "linux" else threading.active_count(),
        wrappers,
        len(QApplication.allWidgets()),
        files,
    )
