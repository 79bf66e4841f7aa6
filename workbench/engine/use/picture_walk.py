"""The pictures below files and folders, found one folder at a time while they are already read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.picture_kinds import NO_PICTURES, SUFFIXES, is_read, is_unread_picture, kind_of


class PictureWalk:
    """Iterates once over the pictures at ``paths``: files as they are given, folders with all below them.

    A folder's own files come first, in the order of their names, then its folders. Hidden files and folders, and files
    that are no pictures, are passed over; a folder that links lead to again is read once. Only the names of one folder
    are held. ``found`` is how many pictures are known, all of them once ``is_complete``; ``passed_over`` counts other
    files, ``troubles`` are sentences on folders that could not be read.

    Raises WorkbenchError at once for a path that is not there.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if not path.exists():
                raise WorkbenchError(f"Cannot read {path}: there is no such file or folder.")
        self._paths = tuple(paths)
        self._seen: set[tuple[int, int]] = set()
        self.found = self.passed_over = 0
        self.is_complete = False
        self.troubles: list[str] = []

    def __iter__(self) -> Iterator[Path]:
        files = [path for path in self._paths if not path.is_dir()]
        self.found = len(files)
        folders = [path for path in self._paths if path.is_dir()]
        self.is_complete = not folders
        yield from files
        waiting = folders[::-1]
        while waiting:
            folder = waiting.pop()
            names, below = self._listed(folder)
            waiting += [folder / name for name in reversed(below)]
            self.found += len(names)
            self.is_complete = not waiting
            yield from (folder / name for name in names)
        self.is_complete = True

    def _listed(self, folder: Path) -> tuple[list[str], list[str]]:
        """The names of the pictures and of the folders in ``folder``; none of one that was read before."""
        pictures: list[str] = []
        folders: list[str] = []
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in self._seen:
                return [], []
            self._seen.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir():
                        folders.append(entry.name)
                    elif _is_picture(entry):
                        pictures.append(entry.name)
                    else:
                        self.passed_over += 1
        except OSError as error:
            self.troubles.append(f"Cannot read {folder}: {error.strerror or error}.")
        return sorted(pictures), sorted(folders)


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """Whether a file is taken for a picture, by its suffix or else its first bytes; reading it may say otherwise."""
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix in SUFFIXES:
        return True
    kind = "" if suffix in NO_PICTURES else kind_of(Path(entry.path))
    return is_read(kind) or is_unread_picture(kind)
