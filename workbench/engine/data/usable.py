"""Whether what was recognised can be used at all, so that it may take the place of other data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets import DataSource
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_load import refused_files
from workbench.engine.catalog.datasets.understanding import SOURCE
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.data.own_data import NotData
from workbench.engine.data.store import DataStore
from workbench.engine.pictures.decode import head_trouble

#: Errors about these are of the files themselves; one of another setting is mended by that.
_OF_FILES: Final = frozenset({"", SOURCE, f"{SOURCE}.file", f"{SOURCE}.folder"})


def refuse_unusable(source: DataSource, data: DataStore) -> Job[None]:
    """Raise NotData for files that no setting of ``source`` makes usable: damaged, or of something else.

    Arrays are read to their end. Of pictures one that may be read is enough: the others can be left out.
    """
    try:
        if isinstance(source, PictureFiles) and source.has_files:
            yield from _refuse_all_unreadable(source, data)
        elif not any(doubt.is_refused for doubt in (yield from source.understood(data.scans)).doubts):
            yield from data.loading(source)
    except WorkbenchError as error:
        if error.path in _OF_FILES:
            raise NotData(error.message) from None
    except MemoryError:
        raise NotData("The data does not fit into the memory that is free.") from None


def _refuse_all_unreadable(source: PictureFiles, data: DataStore) -> Job[None]:
    """Raise WorkbenchError if not one of the pictures can be read, or they cannot be listed."""
    files = (yield from data.steps(source).listing()).files
    place = files.root
    unreadable: dict[Path, str] = yield from in_daemon_thread(
        lambda: _until_readable(files.files), place, "Looking at the files"
    )
    if len(unreadable) == len(files.files):
        raise NotData(refused_files(unreadable, files).message)


def _until_readable(files: Sequence[Path]) -> dict[Path, str]:
    """The files before the first that may be read, and why not."""
    return dict(takewhile(lambda each: each[1], ((file, head_trouble(file)) for file in files)))
