"""Archives of arrays side by side in a folder: which of them can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.arrays import ArrayFile
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.detect_heads import is_arrays
from workbench.engine.data.detect_layouts import visible
from workbench.engine.pictures.folder_scans import FolderScans

#: Of more archives only the first are tried.
_TRIED: Final = 4


def usable_archives(folder: Path, scans: FolderScans) -> list[Path]:
    """The first archives in ``folder`` that hold pictures and labels."""
    return [file for file in islice(_archives(folder, scans), _TRIED) if _opens(file, scans)]


def _archives(folder: Path, scans: FolderScans) -> Iterator[Path]:
    files = (folder / item.name for item in visible(folder, scans) if item.is_file)
    return (file for file in files if file.suffix.lower() == ".npz" and is_arrays(file))


def _opens(file: Path, scans: FolderScans) -> bool:
    """Whether ``file`` can be opened, if only with a question."""
    try:
        finished(ArrayFile(file=str(file)).understood(scans))
    except WorkbenchError:
        return False
    return True
