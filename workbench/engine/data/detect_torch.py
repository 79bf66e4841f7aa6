"""Files of torch that hold examples instead of weights: refused by name, with the way to convert them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workbench.engine.core.tensors_of_data import said_of
from workbench.engine.data.detect_layouts import visible
from workbench.engine.pictures.folder_scans import FolderScans

_ENDS: Final = (".pt", ".pth")
#: Maximum number of files and folders that are checked.
_TRIED: Final = 4
_TEST: Final = " Where there is a test part, put it into the same .npz (train_images, train_labels, test_images, …)."


def torch_data(folder: Path, scans: FolderScans) -> str:
    """A sentence on the first file of torch with examples in ``folder`` or a folder in it; empty without one."""
    items = visible(folder, scans)
    places = [folder, *(folder / item.name for item in items if item.is_folder)][: _TRIED + 1]
    for place in places:
        files = [place / item.name for item in visible(place, scans) if item.is_file and item.suffix in _ENDS]
        said = [(file, words) for file in files[:_TRIED] if (words := said_of(file)) and "of data" in words]
        if said:
            file, words = said[0]
            return f"{file.relative_to(folder).as_posix()} {words}.{_TEST if len(said) > 1 else ''}"
    return ""
