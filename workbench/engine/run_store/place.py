"""Whether runs can be kept in a folder, asked before anything is trained."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from workbench.engine.core.text import size_text

#: With less space than this (bytes) not even the smallest run can be kept.
LEAST_FREE: Final = 1_000_000


def why_not_kept(parent: Path) -> str:
    """Why no run can be kept in ``parent``, as a sentence; empty if it can, as far as asking without writing tells."""
    place = next((each for each in (parent, *parent.parents) if each.exists()), parent)
    if not place.is_dir():
        return f"Runs cannot be kept in {parent}: {place} is a file. Move it away, or set WORKBENCH_HOME."
    if not os.access(place, os.W_OK | os.X_OK):
        return f"Runs cannot be kept in {parent}: {place} cannot be written. Allow it, or set WORKBENCH_HOME."
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return f"Runs cannot be kept in {parent}: {error.strerror or error}."
    if free < LEAST_FREE:
        return f"Runs cannot be kept in {parent}: the disk is full, {size_text(free)} are free. Make room on it."
    return ""
