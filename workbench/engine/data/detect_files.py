"""What a single file is by its content: arrays, IDX, a table, settings; else why it is no data."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS
from workbench.engine.catalog.datasets.folders.unread_formats import is_spreadsheet, unread_format
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.part_tables import tables_of_parts
from workbench.engine.catalog.datasets.tables.table_files import head_of, is_table, may_be_table, text_of
from workbench.engine.catalog.datasets.understanding import Doubt, Fact
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.tensors_of_data import said_of
from workbench.engine.data.detect_heads import NPY, idx_folder, is_idx, packed_kind, unpacked
from workbench.engine.data.detect_known import known_set
from workbench.engine.data.detect_layouts import layout_of, set_above
from workbench.engine.data.detect_tables import (
    is_json_of_pictures,
    table_above,
    table_of_split,
    training_table,
)
from workbench.engine.data.detect_texts import is_settings
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.pictures.decode import Unreadable, is_gray
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_kinds import SUFFIXES, advice, is_unread_picture, kind_of_head
from workbench.engine.pictures.stand_ins import stand_in_words
from workbench.engine.pictures.training_logs import is_log_of_training

_PICKLE: Final = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
_WEIGHTS: Final = "holds weights of a network, not data; it belongs to transfer learning"
#: Number of lines that decide whether a text lists pictures.
_NAMED_FIRST: Final = 10
_GIVES_SPLIT: Final = "Open that folder: the list gives its split."
#: What can be opened.
KNOWN: Final = (
    "a folder with one folder of pictures for each class, IDX files, an .npz, a .csv, or a settings file (.toml)"
)


def file_data(file: Path, scans: FolderScans) -> OwnData:
    """What ``file`` is. Raises NotData; OSError where it cannot be read."""
    head = head_of(file)
    if stands_for := stand_in_words(file.name, head):
        raise NotData(f"{file.name} {stands_for}.")
    if is_log_of_training(file.name):
        raise NotData(f"{file.name} is a log of training and no data: open what was trained on.")
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
        if said := said_of(file):
            raise NotData(f"{file.name} {said}.")
        raise NotData(f"{file.name} {_WEIGHTS}.")
    if is_spreadsheet(file.name):
        raise NotData(f"{file.name} is a spreadsheet, which is not read: save it as CSV there and open that.")
    raise NotData(f"{file.name} is a packed archive. Unpack it and drop the folder.")


def _as_idx(file: Path, head: bytes) -> OwnData | None:
    return idx_folder(file.parent) if is_idx(unpacked(head)) else None


def _as_picture(scans: FolderScans, file: Path, head: bytes) -> OwnData | None:
    try:
        is_gray(file)
    except Unreadable:
        return None
    above = set_above(file.parent, scans)
    if above is None and (table := table_above(file.parent, scans)) is not None:
        text = f"{file.name} is a single picture. Open {table}, which gives it and those beside it their classes."
        raise NotData(text, table)
    text = f"{file.name} is a single picture. Drop the folder that holds one folder of pictures for each class"
    raise NotData(f"{text}{f', {above}' if above is not None else ''}.", above)


def _as_other(file: Path, head: bytes) -> OwnData | None:
    """Things that are known and no data."""
    is_safetensors = head[8:9] == b"{" and int.from_bytes(head[:8], "little") < file.stat().st_size
    is_pickle, unread = head.startswith(_PICKLE), unread_format(file.name, head)
    if (is_pickle or unread) and (known := known_set(file.parent)) is not None:
        return known
    if is_pickle and (said := said_of(file)):
        raise NotData(f"{file.name} {said}.")
    if is_safetensors or is_pickle:
        raise NotData(f"{file.name} {_WEIGHTS}.")
    if unread:
        raise NotData(f"{file.name} is {unread}.")
    if is_unread_picture(kind := kind_of_head(head)):
        raise NotData(f"{file.name} is {advice(kind)}.")
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
    if file.suffix.lower() in (".toml", ".plan") or (
        text is not None and is_settings(text)
    ):  # opening it says what is wrong
        return OwnData(file.name, spec_file=file)
    if may_be_table(file) or is_table(text) or is_json_of_pictures(file):
        return _table(file, scans)
    if file.suffix.lower() in SUFFIXES:
        raise NotData(f"{file.name} is named like a picture but cannot be read as one.")
    if file.suffix.lower() in LISTS and (folder := _listed_in(file, text or "", scans)) is not None:
        raise NotData(f"{file.name} may list pictures of {folder}. {_what_of_list(file, folder, scans)}", folder)
    raise NotData(f"{file.name} holds no data that the program knows. It reads {KNOWN}.")


def _what_of_list(file: Path, folder: Path, scans: FolderScans) -> str:
    """What becomes of the list ``file`` where ``folder`` is opened, in sentences."""
    layout, name = layout_of(folder, scans), file.relative_to(folder).as_posix()
    table = table_of_split(layout, scans) if layout is not None else None
    if table is not None and file in (Path(table.file), *tables_of_parts(Path(table.file), scans).values()):
        return _GIVES_SPLIT
    said: list[Fact | Doubt] = [*layout.facts, *layout.doubts] if layout is not None else []
    about = [each for each in said if each.subject == "parts"]
    named = [(each.sentence, [value for reading in each.readings for _, value in reading.settings]) for each in about]
    if any(name in str(value) for _, values in named for value in values):
        return "Open that folder: it is asked there what the list is for."
    is_used = layout is not None and any(group.part for group in layout.groups)
    if is_used and any(name in sentence and values for sentence, values in named):
        return _GIVES_SPLIT
    why = next((f" {sentence}" for sentence, values in named if name in sentence), "")
    return f"That folder can be opened, but the list is not used there.{why}"


def _listed_in(file: Path, text: str, scans: FolderScans) -> Path | None:
    """The folder that ``file`` lies in or beside, if the first lines of its ``text`` name pictures in it."""
    lines = [line.split()[0] for line in text.splitlines()[:_NAMED_FIRST] if line.strip()]
    named = {Path(line).stem for line in lines}
    if len(set(lines)) < len(lines):  # a list names each picture once
        return None
    for folder in (file.parent, file.parent.parent):
        layout = layout_of(folder, scans) if folder not in (Path.home(), Path(file.anchor)) else None
        if layout is not None and not named.isdisjoint(each.stem for group in layout.groups for each in group.files):
            return folder
    return None
