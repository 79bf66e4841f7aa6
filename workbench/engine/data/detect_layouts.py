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
#: Folders of systems in which anything lies, in English, German, French, Spanish and Italian.
_OF_ANYTHING: Final = frozenset(
    {"desktop", "downloads", "documents", "my documents", "onedrive", "dropbox", "google drive", "my drive", "tmp"}
    | {"schreibtisch", "dokumente", "bureau", "téléchargements", "escritorio", "descargas", "documentos", "scrivania"}
)


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


def set_above(folder: Path, scans: FolderScans) -> Path | None:
    """The folder that holds ``folder``, if that is a set of which ``folder`` is a class or a part, and nothing is open
    about it. A folder that merely lies beside class folders is none of them.
    """
    above = folder.parent
    if above == folder or is_of_anything(above):
        return None
    layout = layout_of(above, scans)
    if layout is None or layout.is_by_file_names or any(doubt.is_refused for doubt in layout.doubts):
        return None
    is_part = folder.name in parts_of([item.name for item in visible(above, scans) if item.is_folder])
    is_class = any(group.folder.path == folder and group.files for group in layout.groups)
    return above if is_class or is_part else None


def is_of_anything(folder: Path) -> bool:
    """Whether people keep anything in ``folder``, so that what lies there is no set: the home folder, a desktop."""
    return folder in (Path.home(), Path(folder.anchor)) or folder.name.casefold() in _OF_ANYTHING
