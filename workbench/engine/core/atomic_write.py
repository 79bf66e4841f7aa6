"""Writing a file completely or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to a temporary file beside ``path``, flush it to the disk, then replace ``path``.

    After a crash at any moment the old or the new file is there, whole. Raises WorkbenchError with the reason.
    """
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise WorkbenchError(
            f"Cannot write {path} ({grouped(len(data) / 1e6, 1)} MB): {error.strerror or error}."
        ) from None


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
