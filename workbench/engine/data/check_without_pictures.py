"""Folders beside those of classes that hold other files alone: perhaps classes whose pictures are missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.folders.aside_names import is_aside
from workbench.engine.catalog.datasets.folders.layout import Layout
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import paths_text
from workbench.engine.data.findings import FIX_FILES, Action, Finding
from workbench.engine.pictures.folder_tree import OF_PROGRAMS, Folder

if TYPE_CHECKING:
    from workbench.engine.data.store import DataStore
    from workbench.engine.spec.experiment import ExperimentSpec

_NAMED: Final = 3


def without_pictures(spec: ExperimentSpec, data: DataStore) -> Job[tuple[Finding, ...]]:
    """A finding on folders beside the class folders in which there are files and no picture; none for other data."""
    source = spec.data.source
    if not isinstance(source, PictureFolder):
        return ()

    def look() -> list[tuple[str, str]]:
        return list(_found(source.tree(data.scans), source.layout(data.scans)))

    try:
        found = yield from in_daemon_thread(look, source.folder, "Looking for folders without a picture")
    except WorkbenchError:
        return ()
    if not found:
        return ()
    said = paths_text([f"{folder} ({files})" for folder, files in found], _NAMED)
    one = len(found) == 1
    text = f"Beside the class folders, without a picture: {said}. {'It is no class' if one else 'They are no classes'}."
    names = tuple(folder for folder, _ in found)
    return (Finding("without_pictures", "warning", text, names, actions=(Action("stop", FIX_FILES, names),)),)


def _found(tree: Folder, layout: Layout) -> Iterator[tuple[str, str]]:
    """Such folders in ``tree``, and what is in them."""
    if layout.is_by_file_names:
        return
    places = {group.folder.path.parent for group in layout.groups}
    for place in (each for each in tree.walk() if each.path in places):
        for folder in place.folders:
            files = [name for each in folder.walk() for name in each.others]
            is_meant = folder.name.lower() not in OF_PROGRAMS and not is_aside(folder.name)
            if files and is_meant and not folder.total and not folder.may_be_class:
                yield folder.relative, paths_text(files, _NAMED)
