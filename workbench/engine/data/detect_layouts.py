"""Folders as they are looked at to tell what they are: what is visible in them, and how pictures in them are read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import Choices
from workbench.engine.catalog.datasets.folders.layout import Layout, read_layout
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.folder_scans import FolderScans, Item
from workbench.engine.pictures.part_names import parts_of

#: A folder that only holds another one (an unpacked archive) is opened through, so deep.
MAX_WRAPPERS: Final = 3


def holds_classes(folder: Path, scans: FolderScans) -> bool:
    """Whether most of the folders in it are classes with pictures; the empty ones are named when it is read."""
    layout = layout_of(folder, scans)
    return layout is not None and not layout.is_by_file_names


def layout_of(folder: Path, scans: FolderScans) -> Layout | None:
    """How ``folder`` is read as pictures with classes; None if it cannot be, or most of its folders are empty."""
    try:
        layout = read_layout(folder, Choices(), scans)
        return layout if layout.doubts or _is_mostly_filled(layout.trained()) else None
    except WorkbenchError:
        return None


def _is_mostly_filled(found: ClassFolders) -> bool:
    filled = len(found.classes) - len(found.untrained)
    return filled >= 2 and 2 * filled >= len(found.classes)


def unwrapped_folder(folder: Path, scans: FolderScans) -> Path:
    """The first folder in it that holds more than another one; a part of a split is not opened through."""
    for _ in range(MAX_WRAPPERS):
        inner = visible(folder, scans)
        if len(inner) != 1 or not inner[0].is_folder or parts_of([inner[0].name]):
            break
        folder = folder / inner[0].name
    return folder


def visible(folder: Path, scans: FolderScans) -> list[Item]:
    """What lies in ``folder`` and is not hidden."""
    return [item for item in scans.items(folder) if not item.is_hidden]
