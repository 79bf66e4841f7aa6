"""Folders and files as settings: the annotated type, the cheap check before a run, and the resolved path."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path, PureWindowsPath
from typing import Annotated, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from workbench.engine.catalog.knob import Knob
from workbench.engine.core import reading_threads
from workbench.engine.core.errors import Problem, WorkbenchError

Folder = Annotated[
    str,
    Knob(
        "Folder",
        "The folder on this computer that holds the data. "
        "A leading ~ means your home folder; nothing in the folder is ever changed.",
        role="folder",
    ),
]

#: The longest time (seconds) that one look at a drive may block the window.
PATIENCE: Final = 0.2
_QUOTES: Final = "\"'“”„‘’`"
_hanging: set[tuple[str, str]] = set()


def resolved(folder: str) -> Path:
    """The absolute path that ``folder`` means, ``~``, ``..`` and links resolved. Raises WorkbenchError."""
    try:
        return meant_path(folder).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise WorkbenchError(f"{folder!r} is not a usable path: {error}.") from None


def meant_path(text: str) -> Path:
    """The path in a text that was typed or pasted; blanks at its ends are of a name where there is such a file or
    folder: ``OCT2017 /``. May raise OSError, RuntimeError or ValueError.
    """
    typed = Path(typed_path(text))
    if text != text.strip() and text.strip():
        written = Path(text)
        if written.expanduser().exists():
            return written
    return typed


def typed_path(text: str) -> str:
    """The path in a text that was typed or pasted: without quotes around it, ``file://`` and spaces at the ends."""
    text = text.strip()
    while len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        text = text[1:-1].strip()
    if not text.lower().startswith("file:"):
        return text
    address = urlsplit(text)
    return url2pathname(address.path) if address.netloc in ("", "localhost") else text


def folder_problems(folder: str, path: str) -> Iterator[Problem]:
    """The problems of reading ``folder``, the setting at ``path``, from one look at a disk that may not answer."""
    if not folder.strip():
        yield Problem(path, "choose a folder")
    elif trouble := _answer_in_time(_folder_trouble, folder):
        yield Problem(path, trouble)


def _folder_trouble(folder: str) -> str:
    try:
        place = resolved(folder)
        if not place.exists():
            return f"there is no folder {_shown(place, folder)}"
        if not place.is_dir():
            return f"{place} is a file; choose the folder that holds it"
        readable = os.access(place, os.R_OK | os.X_OK)
        return "" if readable else f"the folder {place} may not be read; change its permissions"
    except WorkbenchError as error:
        return error.message
    except (OSError, ValueError) as error:
        return f"the folder cannot be read: {error}"


def _shown(place: Path, text: str) -> str:
    """The path ``place`` that ``text`` means, for a message; a tab or line break in it is most likely a backslash that
    began an escape.
    """
    if str(place).isprintable():
        typed = typed_path(text)
        is_foreign = bool(PureWindowsPath(typed).drive) and not Path(typed).drive
        return f"{typed} here: it is a path of Windows" if is_foreign else str(place)
    hint = "in a settings file write a path with backslashes in single quotes, or with /"
    return f"{str(place)!r}; {hint}"


def _answer_in_time(look: Callable[[str], str], place: str) -> str:
    """The problem that ``look`` finds at ``place``; empty if none, or if the drive does not answer within PATIENCE.

    The window asks this at every edit, so it must not wait for a drive that is slow or gone: reading the data
    waits, and says so. A look that hangs is abandoned; there is no second one at the same place before it
    has ended.
    """
    key, answer, answered = (look.__name__, place), [""], threading.Event()
    if key in _hanging:
        return ""

    def ask() -> None:
        answer[0] = look(place)
        _hanging.discard(key)  # first, because the caller may ask again as soon as it has the answer
        answered.set()

    _hanging.add(key)
    reading_threads.give(ask)
    answered.wait(PATIENCE)
    return answer[0]


def usable_folder(folder: str) -> Path:
    """The resolved folder. Raises WorkbenchError with the first problem."""
    for problem in folder_problems(folder, "data.source.folder"):
        raise WorkbenchError(f"The data folder: {problem.message}.", problem.path)
    return resolved(folder)


def file_problems(file: str, path: str) -> Iterator[Problem]:
    """The problems of reading ``file``, the setting at ``path``, from one look at a disk that may not answer."""
    if not file.strip():
        yield Problem(path, "choose a file")
    elif trouble := _answer_in_time(_file_trouble, file):
        yield Problem(path, trouble)


def _file_trouble(file: str) -> str:
    try:
        place = resolved(file)
        if not place.exists():
            return f"there is no file {_shown(place, file)}"
        if not place.is_file():
            return f"{place} is a folder; choose a file in it"
        return "" if os.access(place, os.R_OK) else f"the file {place} may not be read; change its permissions"
    except WorkbenchError as error:
        return error.message
    except (OSError, ValueError) as error:
        return f"the file cannot be read: {error}"


def usable_file(file: str) -> Path:
    """The resolved file. Raises WorkbenchError with the first problem."""
    for problem in file_problems(file, "data.source.file"):
        raise WorkbenchError(f"The data file: {problem.message}.", problem.path)
    return resolved(file)
