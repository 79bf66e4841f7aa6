"""Showing a folder in the system's file manager."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_folder(folder: Path, what: str = "") -> str:
    """Open ``folder`` in the file manager; returns a sentence if none answers, else an empty text.

    ``what`` is what the sentence names, such as ``"The file is /here/it.json"``; without it, the folder.
    """
    if QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        return ""
    return f"No file manager answered. {what or f'The folder is {folder}'}"


def make_and_open_folder(folder: Path) -> str:
    """``open_folder`` for a folder of the program, which is made if it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"Cannot make {folder}: {error.strerror or error}."
    return open_folder(folder)
