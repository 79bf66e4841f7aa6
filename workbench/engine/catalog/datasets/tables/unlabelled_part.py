"""A folder called as the validation part, of whose pictures no table gives a class: asked, as none would validate."""

from __future__ import annotations

from pathlib import Path

from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.left_beside import pictures_below
from workbench.engine.pictures.part_names import part_word, parts_of


def unlabelled_part(found: TableReading, scans: FolderScans) -> Doubt | None:
    """A doubt on the pictures in such a folder beside those of ``found``; None where a row of it validates."""
    named = {*found.files, *found.passed}
    if "validation" in found.parts or any(doubt.subject == "parts" for doubt in found.doubts):
        return None
    for folder in _held_back(found.place, scans):
        count = 0 if any(file.is_relative_to(folder) for file in named) else pictures_below(folder, scans)
        if count:
            text = (
                f"{folder.name} is called as the validation part, and no table gives its {counted(count, 'picture')} "
                f"classes: write a table like {found.table.name} for it and choose that as the “Validation table”, or "
                "leave it out."
            )
            label = f"Leave out {folder.name}: the settings hold a share back"
            return Doubt("parts", text, (Reading(label, (("validation_table", "none"),)),))
    return None


def _held_back(place: Path, scans: FolderScans) -> list[Path]:
    """The folders that are called as the validation part: in ``place``, or beside it or the folder above where that
    is for training."""
    found = {place: _parts(place, scans)}
    for folder in (place, place.parent):
        beside = _parts(folder.parent, scans) if part_word(folder.name) else {}
        found |= {folder.parent: beside} if beside.get(folder.name) == "train" else {}
    return [root / name for root, parts in found.items() for name, part in parts.items() if part == "validation"]


def _parts(folder: Path, scans: FolderScans) -> dict[str, str]:
    """The parts that the folders in ``folder`` mean by their names."""
    try:
        return parts_of([item.name for item in scans.items(folder) if item.is_folder and not item.is_hidden])
    except OSError:
        return {}
