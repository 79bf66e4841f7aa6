"""Folders of runs of training: named as what they are, whatever pictures a run has put there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workbench.engine.core.text import counted
from workbench.engine.data.detect_layouts import visible
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import read_tree
from workbench.engine.pictures.training_logs import THIS, Program, program_of

#: Runs are looked for so deep: ``mlruns/0/RUN``, ``runs/classify/train``.
_DEPTH: Final = 2
#: Of more folders only the first are looked into.
_LOOKED_INTO: Final = 30


def logs_words(folder: Path, scans: FolderScans) -> str:
    """That ``folder`` is a run, or holds nothing but runs, as the rest of a sentence with the way out; else empty.

    A run of this program that can be opened is none here.
    """
    runs = _runs(folder, scans, _DEPTH)
    if not runs:
        return ""
    program = runs[0][1]
    if not program.is_sure and read_tree(folder, scans, lambda *_: False).total:
        return ""
    is_run = runs[0][0] == folder
    what = f"is a run of {program.name}" if is_run else f"holds {counted(len(runs), 'run')} of {program.name}"
    if program.name == THIS:
        return _own_words(what, is_run, folder)
    return f"{what}: logs and results of training, no data to learn from. Open the data that was trained on"


def _own_words(what: str, is_run: bool, folder: Path) -> str:
    if is_run:
        missing = not (folder / "spec.toml").is_file()
        return f"{what} without its settings (spec.toml), so that it cannot be opened" if missing else ""
    return f"{what}, no data. Open the folder of one of them to get its settings"


def _runs(folder: Path, scans: FolderScans, depth: int) -> list[tuple[Path, Program]]:
    """The runs that ``folder`` consists of, itself if it is one; none if it has a folder that is something else."""
    items = visible(folder, scans)
    folders = [item.name for item in items if item.is_folder]
    program = program_of([item.name for item in items if item.is_file], folders)
    if program is not None:
        return [(folder, program)]
    if not depth or len(folders) > _LOOKED_INTO:
        folders = folders[:_LOOKED_INTO] if depth else []
    found = [_runs(folder / name, scans, depth - 1) for name in folders]
    return [run for runs in found for run in runs] if found and all(found) else []
