"""What a dropped file or folder is: by its content a data source or a settings file, or refused in words.

Looks at the disk and may take time on a slow drive; decodes no pictures and imports no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import IsCancelled
from workbench.engine.data.detect_files import KNOWN, file_data
from workbench.engine.data.detect_folders import folder_data
from workbench.engine.data.detect_heads import idx_folder, is_idx, unpacked_head
from workbench.engine.data.detect_layouts import set_above
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.pictures.folder_scans import FolderScans


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
        return folder_data(path, is_cancelled, scans)
    if not path.is_file():  # opening a pipe would wait for ever
        raise NotData(f"{path.name} is a pipe or a device and not a file.")
    return file_data(path, scans)


def _several(paths: Sequence[Path], scans: FolderScans) -> OwnData:
    """Several things are one set only if they are the files of one IDX pair."""
    parents = {path.parent for path in paths}
    if len(parents) == 1 and all(path.is_file() and is_idx(unpacked_head(path)) for path in paths):
        return idx_folder(parents.pop())
    what = f"{len(paths)} things were dropped at once"
    if len(parents) == 1 and all(path.is_dir() for path in paths):
        parent = parents.pop()
        text = f"{what}. If they are the classes of one set, drop the folder that holds them, {parent.name!r}."
        raise NotData(text, parent if all(set_above(path, scans) for path in paths) else None)
    raise NotData(f"{what}. Drop one folder or one file: {KNOWN}.")
