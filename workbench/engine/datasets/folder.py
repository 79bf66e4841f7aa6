"""A folder of pictures with one folder for each class, optionally below train, validation and test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.datasets.base import Dataset, DataSource
from workbench.engine.datasets.class_folders import ClassFolders, find_class_folders
from workbench.engine.datasets.paths import enough_memory, folder_problems, usable_folder
from workbench.engine.datasets.pictures import Unreadable, is_gray, read_picture
from workbench.engine.knobs import Knob
from workbench.engine.problems import Problem, WorkbenchError

if TYPE_CHECKING:
    from workbench.engine.spec import ExperimentSpec

#: So many unreadable files are named; the rest is counted.
NAMED = 5


class PictureFolder(DataSource):
    """Every picture becomes uint8 (C, size, size) by the rule of ``pictures``; hidden files and folders are ignored."""

    kind: ClassVar[str] = "folder"
    title: ClassVar[str] = "Folder of pictures"
    summary: ClassVar[str] = "Your own pictures: one folder for each class, named as the class."
    order: ClassVar[int] = 30

    folder: Annotated[
        str,
        Knob(
            "Folder",
            "The folder that holds one folder of pictures for each class. "
            "If it holds train and validation instead, with the class folders below, that split is used; "
            "a test folder is left untouched. A leading ~ means your home folder. Nothing is ever changed there.",
            role="folder",
        ),
    ] = ""
    size: Annotated[
        int,
        Knob(
            "Picture size",
            "Every picture becomes a square of this many pixels a side. "
            "The shorter side is resized to it and the centre is cut out. Twice the size is four times the work.",
            unit="pixels",
            low=4,
            high=512,
            scale="log",
        ),
    ] = 32
    colour: Annotated[
        Literal["auto", "gray", "rgb"],
        Knob(
            "Colour",
            "Whether the model sees one gray channel or red, green and blue.",
            options={
                "auto": "gray if every file is stored so, else colour",
                "gray": "one channel",
                "rgb": "three channels",
            },
        ),
    ] = "auto"
    skip_unreadable: Annotated[
        bool,
        Knob(
            "Skip unreadable files",
            "Leave out files that cannot be read instead of stopping with their names. "
            "Unreadable are damaged files, files that are no pictures, and pictures of more than 89 million pixels.",
        ),
    ] = False

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from folder_problems(self.folder, f"{path}.folder")

    def load(self) -> Dataset:
        found = find_class_folders(usable_folder(self.folder))
        inputs, unreadable = _decoded(found, self.size, self._reads_gray(found))
        if unreadable and not self.skip_unreadable:
            hint = "Remove them, or switch on “Skip unreadable files”."
            raise WorkbenchError(f"{_named(unreadable, found)} {hint}", "data.source.skip_unreadable")
        kept = np.array([file not in unreadable for file in found.files], np.bool_)
        _refuse_emptied(found, kept)
        return Dataset(
            inputs,
            found.labels[kept],
            found.classes,
            None if found.validation is None else found.validation[kept],
            tuple(str(file) for file in found.files if file not in unreadable),
            (f"{_named(unreadable, found)} They are left out.",) if unreadable else (),
        )

    def _reads_gray(self, found: ClassFolders) -> bool:
        return _all_gray(found) if self.colour == "auto" else self.colour == "gray"

    def brief(self) -> str:
        name = Path(self.folder).name
        return f"{name}, {self.size} px" if name else ""


def _all_gray(found: ClassFolders) -> bool:
    """Whether every readable file is stored without colour; stops at the first that is not."""
    for file in found.files:
        try:
            if not is_gray(file):
                return False
        except Unreadable:
            continue
    return True


def _decoded(found: ClassFolders, size: int, gray: bool) -> tuple[npt.NDArray[np.uint8], dict[Path, str]]:
    """The readable pictures in order, (kept, C, size, size), and the reason for each file that is not among them."""
    shape = (len(found.files), 1 if gray else 3, size, size)
    enough_memory(int(np.prod(shape)), f"{shape[0]:,} pictures of {size} × {size} pixels")
    inputs = np.empty(shape, np.uint8)
    unreadable: dict[Path, str] = {}
    for index, file in enumerate(found.files):
        try:
            inputs[index - len(unreadable)] = read_picture(file, size, gray)
        except Unreadable as error:
            unreadable[file] = str(error)
    return inputs[: len(found.files) - len(unreadable)], unreadable


def _named(unreadable: dict[Path, str], found: ClassFolders) -> str:
    """One sentence with the count, the first files and why."""
    first = [f"{file.relative_to(found.root)} ({why})" for file, why in list(unreadable.items())[:NAMED]]
    more = f" and {len(unreadable) - NAMED:,} more" if len(unreadable) > NAMED else ""
    count = f"{len(unreadable):,} of {len(found.files):,} pictures in {found.root}"
    return f"{count} cannot be read: {', '.join(first)}{more}."


def _refuse_emptied(found: ClassFolders, kept: npt.NDArray[np.bool_]) -> None:
    trained = kept if found.validation is None else kept & ~found.validation
    for index, name in enumerate(found.classes):
        if not np.any(found.labels[trained] == index):
            text = f"No picture of the class {name!r} in {found.root} can be read; fill or remove its folder."
            raise WorkbenchError(text, "data.source.folder")
