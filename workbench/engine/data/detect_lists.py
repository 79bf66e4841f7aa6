"""Lists beside class folders that number their classes (``glass1.jpg 1``): these give the names, they the parts."""

from __future__ import annotations

from contextlib import suppress

from workbench.engine.catalog.datasets.folders.choices import LISTS, Choices, parts_text
from workbench.engine.catalog.datasets.folders.layout import Layout, read_layout
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.part_tables import tables_of_parts
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.folder_scans import FolderScans


def lists_of_split(table: PictureTable, layout: Layout, scans: FolderScans) -> str:
    """The setting ``parts`` by which the lists of ``table`` divide the folders of ``layout``; empty where it says more
    than the folders do: classes that are no numbers, or folders that are."""
    file = table.place()
    lists = {"train": file, **tables_of_parts(file, scans)}
    if not all(each.name.lower().endswith(LISTS) and each.is_relative_to(layout.root) for each in lists.values()):
        return ""
    if all(map(str.isdecimal, layout.classes)):
        return ""
    setting = parts_text([(part, [each.relative_to(layout.root).as_posix()]) for part, each in lists.items()])
    with suppress(WorkbenchError):
        said, found = table.found(False, scans), read_layout(layout.root, Choices(parts=setting), scans)
        is_whole = sum(len(group.files) for group in found.groups if group.part != "test") == len(said.files)
        is_asked = any(doubt.subject == "classes" for doubt in found.doubts)  # they leave out a whole class
        if is_whole and (is_asked or (all(map(str.isdecimal, said.classes)) and not found.doubts)):
            return setting
    return ""


def not_taken_words(layout: Layout, lists: str, scans: FolderScans) -> str:
    """Why the ``lists`` of the parts beside ``layout`` are not used unasked: a class is in none of them; else empty."""
    asked = [each for each in read_layout(layout.root, Choices(parts=lists), scans).doubts if each.subject == "classes"]
    way = f'They are not used. To use them, set data.source.parts = "{lists}".'
    return f"{asked[0].sentence} {way}" if asked else ""
