"""A folder as a setting: the knob's type, the cheap check before a run, and the path that is really read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from workbench.engine.knobs import Knob
from workbench.engine.problems import Problem, WorkbenchError

Folder = Annotated[
    str,
    Knob(
        "Folder",
        "The folder on this computer that holds the data. "
        "A leading ~ means your home folder; nothing in the folder is ever changed.",
        role="folder",
    ),
]


def resolved(folder: str) -> Path:
    """The absolute path that ``folder`` means, ``~``, ``..`` and links resolved. Raises WorkbenchError."""
    try:
        return Path(folder.strip()).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise WorkbenchError(f"{folder!r} is no usable path: {error}.") from None


def folder_problems(folder: str, path: str) -> Iterator[Problem]:
    """What speaks against reading ``folder``, the setting at ``path``; one look at the disk."""
    if not folder.strip():
        yield Problem(path, "choose a folder")
        return
    try:
        place = resolved(folder)
        if not place.exists():
            yield Problem(path, f"there is no folder {place}")
        elif not place.is_dir():
            yield Problem(path, f"{place} is a file; choose the folder that holds it")
        elif not os.access(place, os.R_OK | os.X_OK):
            yield Problem(path, f"the folder {place} may not be read; change its permissions")
    except WorkbenchError as error:
        yield Problem(path, error.message)
    except (OSError, ValueError) as error:
        yield Problem(path, f"the folder cannot be read: {error}")


def usable_folder(folder: str) -> Path:
    """The resolved folder. Raises WorkbenchError with the first problem."""
    for problem in folder_problems(folder, "data.source.folder"):
        raise WorkbenchError(f"The data folder: {problem.message}.", problem.path)
    return resolved(folder)


def enough_memory(needed: int, what: str) -> None:
    """Raise WorkbenchError if ``needed`` bytes for ``what`` are more than the memory that is free."""
    import psutil

    free = int(psutil.virtual_memory().available)
    if needed > free:
        amounts = f"{needed / 1e9:,.1f} GB are needed, {free / 1e9:,.1f} GB are free"
        raise WorkbenchError(f"There is not enough memory for {what}: {amounts}.", "data.source")
