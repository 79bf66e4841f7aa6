"""Memory that is no longer used is given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
import gc


def give_back() -> None:
    """Collect what refers to itself, and give the C library's free blocks back where it would keep them.

    glibc keeps what was freed between blocks that are still in use: after a few steps of a large network a gigabyte.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # no glibc
        ctypes.CDLL("libc.so.6").malloc_trim(0)
