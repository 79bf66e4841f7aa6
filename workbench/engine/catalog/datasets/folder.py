"""A folder of pictures with one folder for each class, optionally below train, validation and test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.datasets.class_order import ClassOrder
from workbench.engine.catalog.datasets.folders.choices import Choices, FolderNames, Level, names_text
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES
from workbench.engine.catalog.datasets.folders.layout import Layout, read_layout
from workbench.engine.catalog.datasets.folders.outcomes import with_outcomes
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.understanding import Reading, Understanding
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import folder_problems, usable_folder
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder, read_tree
from workbench.engine.pictures.left_beside import left_by_unpacking

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: More folders than these are not offered to be left out by name.
_MOST_LEFT_OUT = 20


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
            "a test folder is the test part. A leading ~ means your home folder. Your pictures are never changed.",
            role="folder",
        ),
    ] = ""
    classes: Annotated[
        Level,
        Knob(
            "Classes",
            "Where the names of the classes are. Levels are counted from the folder, or from the folders of its "
            "parts. If folders contain folders, more than one level is possible; auto then asks.",
            options={
                "auto": "found, or asked if more than one level is possible",
                "folders": "the names of the folders directly in the folder",
                "second_level": "the names of the folders one level below",
                "third_level": "the names of the folders two levels below",
                "both_levels": "the names of the upper folders and of those in them together: Tomato/healthy",
                "innermost": "the names of the folders that contain the pictures",
                "paths": "the names of the folders that contain the pictures and of all above them: a/airport/indoor",
                "file_names": "the text before the number in the file name: cat in cat.12.jpg",
                "name_ends": "the text behind the number in the file name: cat in 0012_cat.jpg",
                "name_numbers": "the last number in the file name: 3 in 0012_3.jpg or 0012_label3.jpg",
                "name_words": "the word behind the first number in the file name: cat in 0012_cat_left.jpg",
            },
            titles={
                "second_level": "folders one level below",
                "third_level": "folders two levels below",
                "both_levels": "both levels together",
                "innermost": "folders with pictures",
                "paths": "all levels together",
                "name_ends": "ends of file names",
                "name_numbers": "numbers at the ends of file names",
                "name_words": "words in file names",
            },
        ),
    ] = "auto"
    parts: Annotated[
        str,
        Knob(
            "Parts",
            "Which folders are for training, validation and test. auto finds them by their names; with none no folder "
            "is a part. Or name them, several separated by |: train: photos | more; validation: val; test: late. "
            "Folders that are not named are then left out. Where each class has folders of its own for the parts, * is "
            "the class: train: */train; test: */test for cat/train. Text files that list pictures can be named in the "
            "same way, e.g. train: lists/trainval.txt; test: lists/test.txt. With file_names the names of the pictures "
            "say the part: train in cat_train_01.jpg.",
        ),
    ] = "auto"
    left_out: Annotated[
        str,
        Knob(
            "Left out",
            "Folders and files that are not read, separated by |: a name, a path below the folder, or a pattern such "
            "as *_small.jpg. auto leaves out only masks and thumbnails of other pictures, such as cat_mask.png next to "
            "cat.png; with none, nothing is left out but what is named.",
        ),
    ] = "auto"
    class_names: Annotated[
        FolderNames,
        Knob(
            "Names of classes",
            "Whether folders named Cat and cat are one class, and cat and cat (1). auto asks where it matters.",
            options={
                "auto": "asked if names in training differ only in how they are written, or as copies of each other",
                "exact": "Cat, cat and cat (1) are different classes, and so are big_cat and big cat",
                "ignore_case": "Cat, cat and cat (1) are one class, and so are big_cat and big cat",
                "from_file": "folders are numbered, and a file beside them (classes.txt) has the names",
            },
            titles={"ignore_case": "any spelling", "from_file": "from a file"},
        ),
    ] = "auto"

    class_order: ClassOrder = "auto"

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        yield from folder_problems(self.folder, f"{path}.folder")
        try:
            if self._choices.has_parts:
                self._choices.part_folders()
        except WorkbenchError as error:
            yield Problem(f"{path}.parts", error.message)

    def leaving_out(self, files: Sequence[Path]) -> Reading | None:
        """See PictureFiles; None where the classes are in the names of files, or the folders are too many to name."""
        root = self.place()
        folders = sorted({file.parent.relative_to(root).as_posix() for file in files})
        if self.classes in BY_NAMES or "." in folders or len(folders) > _MOST_LEFT_OUT:
            return None
        setting = names_text((*self._choices.left_out_names, *folders))
        return Reading(f"Leave out {paths_text(folders, 3)}", (("left_out", setting),))

    @property
    def _choices(self) -> Choices:
        return Choices(self.classes, self.parts, self.left_out, self.class_names)

    def place(self) -> Path:
        return usable_folder(self.folder)

    def tree(self, scans: FolderScans) -> Folder:
        """All that lies in the folder. Raises WorkbenchError."""
        return read_tree(self.place(), scans, self._choices.is_left_out)

    def layout(self, scans: FolderScans) -> Layout:
        """How the folder is read. Raises WorkbenchError."""
        return read_layout(self.place(), self._choices, scans)

    def found(self, test: bool, scans: FolderScans) -> ClassFolders:
        layout = self.layout(scans)
        return layout.tested() if test else layout.trained()

    def reading(self, scans: FolderScans) -> Understanding:
        found = self.layout(scans).understood()
        left_out = (*found.left_out, *left_by_unpacking(self.place()))
        return replace(found, left_out=left_out, doubts=with_outcomes(self.place(), found.doubts, self._choices, scans))

    def brief(self) -> str:
        name = Path(self.folder).name
        return f"{name}, {self.size} px" if name else ""
