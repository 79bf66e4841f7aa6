"""A folder of pictures with one folder for each class, optionally below train, validation and test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import folder_problems, usable_folder
from workbench.engine.core.errors import Problem
from workbench.engine.pictures.class_folders import ClassFolders, find_class_folders, find_test_folders
from workbench.engine.pictures.folder_scans import FolderScans

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class PictureFolder(PictureFiles):
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
            "a test folder is left untouched. A leading ~ means your home folder. Your pictures are never changed.",
            role="folder",
        ),
    ] = ""

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from folder_problems(self.folder, f"{path}.folder")

    def place(self) -> Path:
        return usable_folder(self.folder)

    def found(self, test: bool, scans: FolderScans) -> ClassFolders:
        folder = self.place()
        return find_test_folders(folder, scans) if test else find_class_folders(folder, scans)

    def brief(self) -> str:
        name = Path(self.folder).name
        return f"{name}, {self.size} px" if name else ""
