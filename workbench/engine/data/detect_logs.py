"""Folders of runs of training: named as what they are, whatever pictures a run has put there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from workbench.engine.core.text import counted
from workbench.engine.data.detect_layouts import holds_classes, visible
from workbench.engine.data.own_data import NotData
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import read_tree
from workbench.engine.pictures.training_logs import THIS, WANDB, Program, program_of

#: Runs are looked for so deep: ``mlruns/0/RUN``, ``multirun/DATE/TIME/0``.
_DEPTH: Final = 3
_NO_DATA: Final = ", no data to learn from. Open the data that was trained on"
#: Of more runs only the first are offered.
_OFFERED: Final = 4
#: Of more folders only the first are looked into.
_LOOKED_INTO: Final = 30


def refuse_logs(folder: Path, scans: FolderScans) -> None:
    """Raise NotData where ``folder`` is a run, or holds nothing but runs; own ones are offered to be opened.

    A run of this program that can be opened is none here.
    """
    if said := _words(folder, scans):
        found = _runs(folder, scans, _DEPTH)
        own = [run for run, program in found if program.name == THIS and (run / "spec.toml").is_file()]
        raise NotData(f"{folder} {said}.", None, own[:_OFFERED])


def _words(folder: Path, scans: FolderScans) -> str:
    """That ``folder`` is a run, or holds nothing but runs, as the rest of a sentence with the way out; else empty."""
    if (run := _run_of_media(folder, scans)) is not None:
        return f"is in {run.name}, a run of {WANDB.name}: pictures that it has logged{_NO_DATA}"
    runs = _runs(folder, scans, _DEPTH)
    if not runs:
        return ""
    program = runs[0][1]
    if not program.is_sure and read_tree(folder, scans, lambda *_: False).total:
        return ""
    is_run = runs[0][0] == folder
    if is_run and program.may_make_data and holds_classes(folder, scans):
        return ""
    what = f"is a run of {program.name}" if is_run else f"holds {counted(len(runs), 'run')} of {program.name}"
    if program.name == THIS:
        return _own_words(what, is_run, folder)
    made = ", or one of the runs that has made data" if program.may_make_data and not is_run else ""
    return f"{what}: logs and results of training{_NO_DATA}{made}"


def _run_of_media(folder: Path, scans: FolderScans) -> Path | None:
    """The run of Weights & Biases in whose ``files/media`` the ``folder`` is; None for any other."""
    for media in (folder, *folder.parents[:_DEPTH]):
        if media.name == "media" and media.parent.name == "files":
            run = media.parent.parent
            places = [visible(place, scans) for place in (run, media.parent)]
            names = [item.name for items in places for item in items if item.is_file]
            folders = [item.name for item in places[0] if item.is_folder]
            return run if WANDB.is_run(names, folders) else None
    return None


def _own_words(what: str, is_run: bool, folder: Path) -> str:
    if is_run:
        missing = not (folder / "spec.toml").is_file()
        return f"{what} without its settings (spec.toml), so that it cannot be opened" if missing else ""
    return f"{what}, no data. Open the folder of one of them to get its settings"


def _runs(folder: Path, scans: FolderScans, depth: int) -> list[tuple[Path, Program]]:
    """The runs that ``folder`` consists of, itself if it is one; none if it has a folder that is something else."""
    items = scans.items(folder)
    program = program_of([item.name for item in items if item.is_file], [item.name for item in items if item.is_folder])
    if program is not None:
        return [(folder, program)]
    folders = [item.name for item in items if item.is_folder and not item.is_hidden]
    found: list[tuple[Path, Program]] = []
    for name in folders[:_LOOKED_INTO] if depth else ():
        inner = _runs(folder / name, scans, depth - 1)
        if not inner:
            return []
        found += inner
    return found
