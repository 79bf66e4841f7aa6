"""What a folder holds: pictures with classes, tables, arrays, IDX files, a run; else why it is no data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets.array_archive import files_of
from workbench.engine.catalog.datasets.folders.choices import Choices
from workbench.engine.catalog.datasets.folders.layout import read_layout
from workbench.engine.catalog.datasets.folders.other_tasks import is_of_masks
from workbench.engine.catalog.datasets.idx import find_pair
from workbench.engine.catalog.datasets.tables.part_tables import tables_of_parts
from workbench.engine.catalog.datasets.tables.table_files import may_be_table
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import IsCancelled
from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.detect_archives import usable_archives
from workbench.engine.data.detect_heads import idx_folder, is_arrays
from workbench.engine.data.detect_known import known_set
from workbench.engine.data.detect_layouts import holds_classes, layout_of, set_above, unwrapped_folder, visible
from workbench.engine.data.detect_logs import refuse_logs
from workbench.engine.data.detect_remedies import unusable_tables
from workbench.engine.data.detect_splits import may_be_of_table, opened_table, split_beside
from workbench.engine.data.detect_tables import (
    not_named_words,
    other_tables_words,
    table_above,
    tables_below,
    tables_of_classes,
)
from workbench.engine.data.detect_torch import torch_data
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import parts_of
from workbench.engine.pictures.picture_kinds import SUFFIXES, advice, is_unread_picture, kind_of

_BESIDE_NUMBERED: Final = "The classes are those of the table: the names of the folders say no class."
#: Of more folders only the first are looked into for a table or a set.
_LOOKED_INTO: Final = 30


def folder_data(folder: Path, is_cancelled: IsCancelled, scans: FolderScans) -> OwnData:
    """What ``folder`` is. Raises NotData; OSError where it cannot be read."""
    if is_cancelled():
        raise NotData(f"{folder} was not looked at to the end.")
    refuse_logs(folder, scans)
    inner = unwrapped_folder(folder, scans)
    _refuse_attributes(inner, scans)
    found = _in_folder(inner, scans) or _in_only_folder(inner, scans) or known_set(inner)
    below = _set_below(inner, scans) if found is None or _is_beside_masks(found, inner, scans) else None
    if below is not None:
        masks = [repr(item.name) for item in visible(inner, scans) if item.is_folder and is_of_masks(item.name)]
        why = f": the folder {paths_text(masks, 2)} holds masks of its pictures" if masks else ""
        raise NotData(f"{folder} is not read as a whole{why}; open {below}, which is a set by itself.", below)
    if found is not None:
        return found
    if (folder / "spec.toml").is_file():
        return OwnData(folder.name, spec_file=folder / "spec.toml", note="It is a run: its settings were opened.")
    instead = _instead(folder, scans)
    archives = usable_archives(inner, scans) if instead is None else []
    if archives:
        names = paths_text([each.name for each in archives])
        what = "archives of arrays. Open one of them: " if len(archives) > 1 else "arrays. Open "
        raise NotData(f"{folder} holds no pictures with classes, but {what}{names}.", None, archives)
    if instead is None and (said := torch_data(inner, scans)):
        raise NotData(f"{folder} holds no pictures with classes. {said}")
    hint = f" Or open {instead}{_as_class(folder, instead)}." if instead is not None else ""
    if not hint:
        hint, instead = unusable_tables(unwrapped_folder(folder, scans), scans)
        if instead is not None:  # it says the classes
            raise NotData(f"{folder} holds no class folders.{hint}", instead)
    raise NotData(f"{_why_not(folder, scans)}{hint}", instead)


def _refuse_attributes(folder: Path, scans: FolderScans) -> None:
    """Raise NotData for CelebA, whose table has 40 attributes a picture, beside other tables of the same pictures."""
    folders = [folder / item.name for item in visible(folder, scans) if item.is_folder]
    places = [folder, *folders[:_LOOKED_INTO]]
    for place in places:
        for item in visible(place, scans):
            if item.is_file and item.name.lower().startswith("list_attr_"):
                table = place / item.name if may_be_table(place / item.name) else None
                text = f"{folder} has several labels a picture ({item.name}), and one class a picture is learned."
                way = "open that table and choose one of its columns"
                way = way if table else "write a table with two columns, the file and the class"
                raise NotData(f"{text} To learn one of them, {way}.", table)


def _in_only_folder(folder: Path, scans: FolderScans) -> OwnData | None:
    """What the only folder in ``folder`` holds, if the files beside it are no data: ``data`` beside ``README.md``."""
    items = visible(folder, scans)
    folders = [folder / item.name for item in items if item.is_folder]
    files = [folder / item.name for item in items if not item.is_folder]
    if len(folders) != 1 or any(may_be_table(file) or file.suffix.lower() in SUFFIXES for file in files):
        return None
    return None if parts_of([folders[0].name]) else _in_folder(unwrapped_folder(folders[0], scans), scans)


def _in_folder(folder: Path, scans: FolderScans) -> OwnData | None:
    """What ``folder`` itself holds, if it is a set; class folders win over single files beside them."""
    if _has_idx(folder, scans):
        return idx_folder(folder)
    layout = layout_of(folder, scans)
    if layout is not None and layout.other is not None and layout.other.is_sure:
        note = f"{_BESIDE_NUMBERED}{not_named_words(layout, layout.other.table, scans)}"
        return OwnData(*_named([layout.other.table], "csv"), note=note)
    if layout is not None and not layout.is_by_file_names and not may_be_of_table(layout):
        return split_beside(layout, scans) or OwnData(folder.name, "folder", (("folder", str(folder)),))
    files = [folder / item.name for item in visible(folder, scans) if item.is_file]
    arrays = [file for file in files if is_arrays(file)]
    single = [file for file in arrays if file.suffix.lower() == ".npy"]
    arrays = [file for file in arrays if file not in single[1:]]  # those beside the first are read with it
    tables = tables_of_classes(files, scans)
    tables = [table for table in tables if tables_of_parts(table, scans)][:1] or tables
    if len(arrays) + len(tables) == 1:
        return _archive(arrays[0], scans) if arrays else OwnData(*_named(tables, "csv"))
    if len(tables) > 1 and not arrays:  # what is understood of the first names the others
        return OwnData(*_named(tables, "csv"))
    below = tables_below(folder, scans)
    if below:  # they say more than the names of files do
        return opened_table(below[0], other_tables_words(below[0], scans))
    return None if layout is None else OwnData(folder.name, "folder", (("folder", str(folder)),))


def _archive(file: Path, scans: FolderScans) -> OwnData:
    """The only archive in a folder, with what lies beside it."""
    used = {each.name for each in files_of(file)}
    others = [item.name for item in visible(file.parent, scans) if item.name not in used]
    note = f"Not read beside {file.name}: {paths_text(others, 6)}." if others else ""
    return OwnData(*_named([file], "npz"), note=note)


def _named(files: Sequence[Path], kind: str) -> tuple[str, str, tuple[tuple[str, Any], ...]]:
    return files[0].name, kind, (("file", str(files[0])),)


def _has_idx(folder: Path, scans: FolderScans) -> bool:
    try:
        find_pair(folder, scans)
    except WorkbenchError as error:
        return "several sets" in error.message or "without a partner" in error.message
    return True


def _why_not(folder: Path, scans: FolderScans) -> str:
    try:
        found = read_layout(folder, Choices(), scans).trained()
    except WorkbenchError as error:
        return error.message
    without = [repr(name) for name in found.untrained]
    named = f"{', '.join(without[:5])}{' …' if len(without) > 5 else ''}"
    are = "is" if len(without) == 1 else "are"
    folders = counted(len(found.classes), "folder")
    text = f"{folder} holds {folders}, of which {len(without)} {are} without a picture: {named}."
    if unread := _unread(folder, found.untrained, scans):
        return f"{text} There are pictures that cannot be read: {unread}."
    return f"{text} Drop the folder that holds one folder of pictures for each class."


def _unread(folder: Path, names: Sequence[str], scans: FolderScans) -> str:
    """The first picture of a kind that is not read in the folders of these ``names``, and the way out; else empty."""
    places = [folder / name for name in names[:_LOOKED_INTO] if (folder / name).is_dir()]
    first = [next((place / item.name for item in visible(place, scans) if item.is_file), None) for place in places]
    kinds = ((file, kind_of(file)) for file in first if file is not None)
    found = ((file, kind) for file, kind in kinds if is_unread_picture(kind))
    return next((f"{file.relative_to(folder).as_posix()} is {advice(kind)}" for file, kind in found), "")


def _as_class(folder: Path, instead: Path) -> str:
    """What ``folder`` is in ``instead``, empty for a table in it."""
    if instead.is_file():
        return "" if instead.is_relative_to(folder) else ", which gives its pictures their classes"
    return f", of which {folder.name} is a {'part' if parts_of([folder.name]) else 'class'}"


def _instead(folder: Path, scans: FolderScans) -> Path | None:
    """What can be opened instead: the folder that holds ``folder`` as a class, or a table above it or in a folder of
    it."""
    pictured = any(item.suffix in SUFFIXES for item in visible(folder, scans))
    above = (set_above(folder, scans) if pictured else None) or table_above(unwrapped_folder(folder, scans), scans)
    if above is not None:
        return above
    parts = parts_of([item.name for item in visible(folder, scans) if item.is_folder])
    for name in sorted(parts, key=lambda name: parts[name] != "train"):
        files = [folder / name / item.name for item in visible(folder / name, scans) if item.is_file]
        if tables := tables_of_classes(files, scans):
            return tables[0]
        if any(map(may_be_table, files)):  # of one that cannot be used, that of another part is no better
            return None
    return None


def _is_beside_masks(found: OwnData, folder: Path, scans: FolderScans) -> bool:
    """Whether ``folder`` is taken for class folders only to ask about them, and one in it holds those of masks."""
    layout = layout_of(folder, scans) if found.settings == (("folder", str(folder)),) else None
    is_asked = layout is not None and any(doubt.is_refused for doubt in layout.doubts)
    masks = [folder / item.name for item in visible(folder, scans) if item.is_folder and is_of_masks(item.name)]
    return is_asked and any(holds_classes(each, scans) for each in masks)


def _set_below(folder: Path, scans: FolderScans) -> Path | None:
    """The only folder in ``folder`` that is a set of class folders by itself; one of masks is none."""
    names = [item.name for item in visible(folder, scans) if item.is_folder]
    places = [folder / name for name in names[:_LOOKED_INTO] if not is_of_masks(name)]
    found = [each for each in places if holds_classes(unwrapped_folder(each, scans), scans)]
    return found[0] if len(found) == 1 and not parts_of(names) else None
