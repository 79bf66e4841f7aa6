"""What a dropped file or folder is: by its content a data source or a settings file, or refused in words.

Looks at the disk and may take time on a slow drive; decodes no pictures and imports no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from workbench.engine.catalog.datasets.array_archive import files_of
from workbench.engine.catalog.datasets.folders.choices import LISTS, Choices
from workbench.engine.catalog.datasets.folders.layout import Layout, read_layout
from workbench.engine.catalog.datasets.folders.other_tasks import is_of_masks
from workbench.engine.catalog.datasets.folders.unread_labels import is_spreadsheet
from workbench.engine.catalog.datasets.idx import find_pair
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.part_tables import tables_of_parts
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import IsCancelled
from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.detect_heads import NPY, is_arrays, is_idx, packed_kind, unpacked, unpacked_head
from workbench.engine.data.detect_known import known_set
from workbench.engine.data.detect_remedies import unusable_tables
from workbench.engine.data.detect_tables import (
    head_of,
    is_json_of_pictures,
    may_be_table,
    not_named_words,
    other_tables_words,
    table_of_split,
    tables_below,
    tables_of_classes,
    text_of,
    training_table,
)
from workbench.engine.data.detect_texts import is_settings, is_table
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.decode import Unreadable, is_gray
from workbench.engine.pictures.folder_scans import FolderScans, Item
from workbench.engine.pictures.part_names import parts_of
from workbench.engine.pictures.picture_kinds import SUFFIXES

#: A folder that only holds another one (an unpacked archive) is opened through, so deep.
MAX_WRAPPERS = 3
_PICKLE = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
_WEIGHTS = "holds weights of a network, not data; it belongs to transfer learning"
_BESIDE_NUMBERED = "The classes are those of the table: the names of the folders say no class."
_BESIDE_SPLIT = "The tables beside the class folders give the parts of the split."
#: Of more folders only the first are looked into for such a table.
_LOOKED_INTO = 30
#: Number of lines that decide whether a text lists pictures.
_NAMED_FIRST = 10
_KNOWN = "a folder with one folder of pictures for each class, IDX files, an .npz, a .csv, or a settings file (.toml)"


def recognise(
    paths: Sequence[Path], is_cancelled: IsCancelled = lambda: False, scans: FolderScans | None = None
) -> OwnData:
    """What was dropped. Raises NotData, or WorkbenchError where the disk does not answer."""
    scans = scans if scans is not None else FolderScans()
    paths = [path for path in paths if path.name not in ("", ".", "..")] or list(paths)
    if not paths:
        raise NotData("Nothing was dropped that is on this computer. Copy the data here first.")
    try:
        return _one(paths[0], is_cancelled, scans) if len(paths) == 1 else _several(paths, scans)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {paths[0]}: {error.strerror or error}.") from None


def _one(path: Path, is_cancelled: IsCancelled, scans: FolderScans) -> OwnData:
    if not path.exists():
        raise NotData(f"There is no {path}.")
    if path.is_dir():
        return _folder(path, is_cancelled, scans)
    if not path.is_file():  # opening a pipe would wait for ever
        raise NotData(f"{path.name} is a pipe or a device and not a file.")
    return _file(path, scans)


def _several(paths: Sequence[Path], scans: FolderScans) -> OwnData:
    """Several things are one set only if they are the files of one IDX pair."""
    parents = {path.parent for path in paths}
    if len(parents) == 1 and all(path.is_file() and is_idx(unpacked_head(path)) for path in paths):
        return _idx_folder(parents.pop())
    what = f"{len(paths)} things were dropped at once"
    if len(parents) == 1 and all(path.is_dir() for path in paths):
        parent = parents.pop()
        text = f"{what}. If they are the classes of one set, drop the folder that holds them, {parent.name!r}."
        raise NotData(text, parent if _holds_classes(parent, scans) else None)
    raise NotData(f"{what}. Drop one folder or one file: {_KNOWN}.")


def _holds_classes(folder: Path, scans: FolderScans) -> bool:
    """Whether most of the folders in it are classes with pictures; the empty ones are named when it is read."""
    layout = _layout(folder, scans)
    return layout is not None and not layout.is_by_file_names


def _layout(folder: Path, scans: FolderScans) -> Layout | None:
    """How ``folder`` is read as pictures with classes; None if it cannot be, or most of its folders are empty."""
    try:
        layout = read_layout(folder, Choices(), scans)
        return layout if layout.doubts or _is_mostly_filled(layout.trained()) else None
    except WorkbenchError:
        return None


def _is_mostly_filled(found: ClassFolders) -> bool:
    filled = len(found.classes) - len(found.untrained)
    return filled >= 2 and 2 * filled >= len(found.classes)


# --- Folders -----------------------------------------------------------------------------------------------------


def _folder(folder: Path, is_cancelled: IsCancelled, scans: FolderScans) -> OwnData:
    if is_cancelled():
        raise NotData(f"{folder} was not looked at to the end.")
    inner = _unwrapped(folder, scans)
    _refuse_attributes(inner, scans)
    found = _in_folder(inner, scans) or _in_only_folder(inner, scans) or known_set(inner)
    below = _set_below(inner, scans) if found is None or _is_beside_masks(found, inner, scans) else None
    if below is not None:
        raise NotData(f"{folder} is not read as a whole; open {below}, which is a set by itself.", below)
    if found is not None:
        return found
    if (folder / "spec.toml").is_file():
        return OwnData(folder.name, spec_file=folder / "spec.toml", note="It is a run: its settings were opened.")
    instead = _instead(folder, scans)
    hint = f" Or open {instead}." if instead is not None and instead.is_file() else ""
    if not hint:
        hint, table = unusable_tables(_unwrapped(folder, scans), scans)
        instead = instead or table
    raise NotData(f"{_why_not(folder, scans)}{hint}", instead)


def _refuse_attributes(folder: Path, scans: FolderScans) -> None:
    """Raise NotData for CelebA, whose table has 40 attributes a picture, beside other tables of the same pictures."""
    folders = [folder / item.name for item in _visible(folder, scans) if item.is_folder]
    places = [folder, *folders[:_LOOKED_INTO]]
    for place in places:
        for item in _visible(place, scans):
            if item.is_file and item.name.lower().startswith("list_attr_"):
                table = place / item.name if may_be_table(place / item.name) else None
                text = f"{folder} has several labels a picture ({item.name}), and one class a picture is learned."
                way = "open that table and choose one of its columns"
                way = way if table else "write a table with two columns, the file and the class"
                raise NotData(f"{text} To learn one of them, {way}.", table)


def _unwrapped(folder: Path, scans: FolderScans) -> Path:
    """The first folder in it that holds more than another one; a part of a split is not opened through."""
    for _ in range(MAX_WRAPPERS):
        inner = _visible(folder, scans)
        if len(inner) != 1 or not inner[0].is_folder or parts_of([inner[0].name]):
            break
        folder = folder / inner[0].name
    return folder


def _in_only_folder(folder: Path, scans: FolderScans) -> OwnData | None:
    """What the only folder in ``folder`` holds, if the files beside it are no data: ``data`` beside ``README.md``."""
    visible = _visible(folder, scans)
    folders = [folder / item.name for item in visible if item.is_folder]
    files = [folder / item.name for item in visible if not item.is_folder]
    if len(folders) != 1 or any(may_be_table(file) or file.suffix.lower() in SUFFIXES for file in files):
        return None
    return None if parts_of([folders[0].name]) else _in_folder(_unwrapped(folders[0], scans), scans)


def _in_folder(folder: Path, scans: FolderScans) -> OwnData | None:
    """What ``folder`` itself holds, if it is a set; class folders win over single files beside them."""
    if _has_idx(folder, scans):
        return _idx_folder(folder)
    layout = _layout(folder, scans)
    if layout is not None and layout.other is not None and layout.other.is_sure:
        note = f"{_BESIDE_NUMBERED}{not_named_words(layout, layout.other.table, scans)}"
        return OwnData(*_named([layout.other.table], "csv"), note=note)
    if layout is not None and not layout.is_by_file_names and not _has_part_as_class(layout):
        is_asked = any(doubt.is_refused for doubt in layout.doubts)
        table = None if is_asked else table_of_split(layout, scans)
        if table is not None:
            return _opened_table(table, _BESIDE_SPLIT)
        return OwnData(folder.name, "folder", (("folder", str(folder)),))
    files = [folder / item.name for item in _visible(folder, scans) if item.is_file]
    arrays = [file for file in files if is_arrays(file)]
    single = [file for file in arrays if file.suffix.lower() == ".npy"]
    arrays = [file for file in arrays if file not in single[1:]]  # those beside the first are read with it
    tables = tables_of_classes(files, scans)
    tables = [table for table in tables if tables_of_parts(table, scans)][:1] or tables
    if len(arrays) + len(tables) == 1:
        return _archive(arrays[0], scans) if arrays else OwnData(*_named(tables, "csv"))
    if len(tables) > 1 and not arrays:
        others = paths_text([file.name for file in tables[1:]])
        return OwnData(*_named(tables, "csv"), note=f"Other tables lie beside it: {others}.")
    below = tables_below(folder, scans)
    if below:  # they say more than the names of files do
        return _opened_table(below[0], other_tables_words(below[0], scans))
    return None if layout is None else OwnData(folder.name, "folder", (("folder", str(folder)),))


def _archive(file: Path, scans: FolderScans) -> OwnData:
    """The only archive in a folder, with what lies beside it."""
    used = {each.name for each in files_of(file)}
    others = [item.name for item in _visible(file.parent, scans) if item.name not in used]
    note = f"Not read beside {file.name}: {paths_text(others, 6)}." if others else ""
    return OwnData(*_named([file], "npz"), note=note)


def _has_part_as_class(layout: Layout) -> bool:
    """Whether it is asked if one of two folders is a class or a part: a table beside them may say the classes."""
    return bool(layout.doubts) and len(layout.classes) == 2 and bool(parts_of(layout.classes))


def _opened_table(table: PictureTable, note: str = "") -> OwnData:
    kept = ("file", "picture_folder") if table.picture_folder else ("file",)
    return OwnData(Path(table.file).name, "csv", tuple((name, getattr(table, name)) for name in kept), note=note)


def _named(files: Sequence[Path], kind: str) -> tuple[str, str, tuple[tuple[str, Any], ...]]:
    return files[0].name, kind, (("file", str(files[0])),)


def _has_idx(folder: Path, scans: FolderScans) -> bool:
    try:
        find_pair(folder, scans)
    except WorkbenchError as error:
        return "several sets" in error.message or "without a partner" in error.message
    return True


def _idx_folder(folder: Path) -> OwnData:
    return OwnData(folder.name, "idx", (("folder", str(folder)),))


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
    return f"{text} Drop the folder that holds one folder of pictures for each class."


def _instead(folder: Path, scans: FolderScans) -> Path | None:
    """What can be opened instead: the folder that holds ``folder`` as a class, or a table in a folder of it."""
    above = _above(folder, scans)
    if above is not None:
        return above
    parts = parts_of([item.name for item in _visible(folder, scans) if item.is_folder])
    for name in sorted(parts, key=lambda name: parts[name] != "train"):
        files = [folder / name / item.name for item in _visible(folder / name, scans) if item.is_file]
        if tables := tables_of_classes(files, scans):
            return tables[0]
    return None


def _above(folder: Path, scans: FolderScans) -> Path | None:
    """The folder that holds ``folder`` as a class, if it is one."""
    pictured = any(item.suffix in SUFFIXES for item in _visible(folder, scans))
    return folder.parent if pictured and _holds_classes(folder.parent, scans) else None


def _is_beside_masks(found: OwnData, folder: Path, scans: FolderScans) -> bool:
    """Whether ``folder`` is taken for class folders only to ask about them, and one in it holds those of masks."""
    layout = _layout(folder, scans) if found.settings == (("folder", str(folder)),) else None
    is_asked = layout is not None and any(doubt.is_refused for doubt in layout.doubts)
    masks = [folder / item.name for item in _visible(folder, scans) if item.is_folder and is_of_masks(item.name)]
    return is_asked and any(_holds_classes(each, scans) for each in masks)


def _set_below(folder: Path, scans: FolderScans) -> Path | None:
    """The only folder in ``folder`` that is a set of class folders by itself; one of masks is none."""
    names = [item.name for item in _visible(folder, scans) if item.is_folder]
    places = [folder / name for name in names[:_LOOKED_INTO] if not is_of_masks(name)]
    found = [each for each in places if _holds_classes(_unwrapped(each, scans), scans)]
    return found[0] if len(found) == 1 and not parts_of(names) else None


def _visible(folder: Path, scans: FolderScans) -> list[Item]:
    return [item for item in scans.items(folder) if not item.is_hidden]


# --- Files -------------------------------------------------------------------------------------------------------


def _file(file: Path, scans: FolderScans) -> OwnData:
    head = head_of(file)
    if not head:
        raise NotData(f"{file} is empty.")
    for look in (_as_packed, _as_idx, partial(_as_picture, scans), _as_other):
        found = look(file, head)
        if found is not None:
            return found
    return _as_text(file, head, scans)


def _as_packed(file: Path, head: bytes) -> OwnData | None:
    if head.startswith(NPY):
        return OwnData(file.name, "npz", (("file", str(file)),))
    if not head.startswith(b"PK\x03\x04"):
        return None
    kind = packed_kind(file)
    if kind == "arrays":
        return OwnData(file.name, "npz", (("file", str(file)),))
    if kind == "weights":
        raise NotData(f"{file.name} {_WEIGHTS}.")
    if is_spreadsheet(file.name):
        raise NotData(f"{file.name} is a spreadsheet, which is not read: save it as CSV there and open that.")
    raise NotData(f"{file.name} is a packed archive. Unpack it and drop the folder.")


def _as_idx(file: Path, head: bytes) -> OwnData | None:
    return _idx_folder(file.parent) if is_idx(unpacked(head)) else None


def _as_picture(scans: FolderScans, file: Path, head: bytes) -> OwnData | None:
    try:
        is_gray(file)
    except Unreadable:
        return None
    above = file.parent.parent
    text = f"{file.name} is a single picture. Drop the folder that holds one folder of pictures for each class."
    raise NotData(text, above if above != file.parent and _holds_classes(above, scans) else None)


def _as_other(file: Path, head: bytes) -> OwnData | None:
    """Things that are known and no data."""
    is_safetensors = head[8:9] == b"{" and int.from_bytes(head[:8], "little") < file.stat().st_size
    if is_safetensors or head.startswith(_PICKLE):
        raise NotData(f"{file.name} {_WEIGHTS}.")
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")) or head[257:262] == b"ustar":
        raise NotData(f"{file.name} is a packed archive. Unpack it and drop the folder.")
    return None


def _table(file: Path, scans: FolderScans) -> OwnData:
    """The table ``file``. Raises NotData for one that no setting makes one of pictures, as a table of pixels."""
    training = training_table(file, scans)
    if training is not None:
        note = f"{file.parent.name}/{file.name} is for another part than training: it is read with {training.name}"
        return OwnData(training.name, "csv", (("file", str(training)),), note=f"{note} of {training.parent.name}.")
    try:
        PictureTable(file=str(file)).found(False, scans)
    except WorkbenchError as error:
        if error.path == "data.source.file":
            raise NotData(error.message) from None
    return OwnData(file.name, "csv", (("file", str(file)),))


def _as_text(file: Path, head: bytes, scans: FolderScans) -> OwnData:
    text = text_of(head)
    if file.suffix.lower() == ".toml" or (text is not None and is_settings(text)):  # opening it says what is wrong
        return OwnData(file.name, spec_file=file)
    if may_be_table(file) or is_table(text) or is_json_of_pictures(file):
        return _table(file, scans)
    if file.suffix.lower() in SUFFIXES:
        raise NotData(f"{file.name} is named like a picture but cannot be read as one.")
    if file.suffix.lower() in LISTS and (folder := _listed_in(file, text or "", scans)) is not None:
        text = f"{file.name} may list pictures of {folder}. Open that folder: lists of its parts are found in it."
        raise NotData(text, folder)
    raise NotData(f"{file.name} holds no data that the program knows. It reads {_KNOWN}.")


def _listed_in(file: Path, text: str, scans: FolderScans) -> Path | None:
    """The folder that ``file`` lies in or beside, if the first lines of its ``text`` name pictures in it."""
    named = {Path(line.split()[0]).stem for line in text.splitlines()[:_NAMED_FIRST] if line.strip()}
    for folder in (file.parent, file.parent.parent):
        layout = _layout(folder, scans) if folder not in (Path.home(), Path(file.anchor)) else None
        if layout is not None and not named.isdisjoint(each.stem for group in layout.groups for each in group.files):
            return folder
    return None
