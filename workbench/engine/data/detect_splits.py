"""Tables and lists beside class folders that give the parts: opened with the folder, and asked about in settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.folders.layout import Layout
from workbench.engine.catalog.datasets.folders.version_names import say_versions
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.understanding import SOURCE, Doubt, Reading
from workbench.engine.data.detect_lists import lists_of_split, not_taken_words
from workbench.engine.data.detect_tables import not_named_words, table_of_split
from workbench.engine.data.own_data import OwnData
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import parts_of

_BESIDE: Final = "The tables beside the class folders give the parts of the split."
_LISTED: Final = "The lists beside the class folders give the parts of the split; the classes are the folders."
_UNUSED: Final = Reading("Do not use them: the settings hold a share back", (("parts", "none"),))


def split_beside(layout: Layout, scans: FolderScans) -> OwnData | None:
    """The class folders of ``layout`` with the parts that tables or lists beside them give; None without such, and
    where something about the folders is asked first."""
    is_asked = any(doubt.is_refused for doubt in layout.doubts)
    table = None if is_asked else table_of_split(layout, scans)
    if table is None:
        return None
    lists = lists_of_split(table, layout, scans)
    if not lists:
        return opened_table(table, f"{_BESIDE}{not_named_words(layout, table.place(), scans)}")
    folder = ("folder", str(layout.root))
    if note := not_taken_words(layout, lists, scans):
        return OwnData(layout.root.name, "folder", (folder,), note=note)
    return OwnData(layout.root.name, "folder", (folder, ("parts", lists)), note=_LISTED)


def may_be_of_table(layout: Layout) -> bool:
    """Whether a table beside the folders may say the classes: it is asked if one of two folders is a class or a part,
    or their names are those of versions of the pictures."""
    is_part = bool(layout.doubts) and len(layout.classes) == 2 and bool(parts_of(layout.classes))
    return is_part or say_versions(layout.classes)


def opened_table(table: PictureTable, note: str = "") -> OwnData:
    """``table`` with its pictures where they lie."""
    kept = ("file", "picture_folder") if table.picture_folder else ("file",)
    return OwnData(Path(table.file).name, "csv", tuple((name, getattr(table, name)) for name in kept), note=note)


def split_doubt(source: PictureFolder, scans: FolderScans) -> Doubt | None:
    """The question on a split beside the folder of ``source`` that would be used if that folder were opened; None where
    there is none, or the settings say the parts. Raises WorkbenchError where the folder cannot be read."""
    if source.parts.strip().lower() not in ("", "auto"):
        return None
    layout = source.layout(scans)
    found = None if layout.is_by_file_names or may_be_of_table(layout) else split_beside(layout, scans)
    if found is None or (reading := _used(found)) is None:
        return None
    text = f"{_LISTED if found.kind == 'folder' else _BESIDE} These settings do not say whether they are used."
    return Doubt("parts", text, (reading, _UNUSED))


def _used(found: OwnData) -> Reading | None:
    """The use of what was found; None where it is the folders alone."""
    settings = dict(found.settings)
    if found.kind == "csv":
        return Reading(f"Open {found.name}, with its parts", ((SOURCE, {"kind": "csv", **settings}),))
    lists = str(settings.get("parts", ""))
    return Reading(f"Use {lists}", (("parts", lists),)) if lists else None
