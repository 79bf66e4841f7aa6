"""A table of picture files and their classes (CSV): what its columns are is found by their names and values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.datasets.class_order import ClassOrder
from workbench.engine.catalog.datasets.folders.choices import IN_NAMES, NameRule
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.tables.columns import Choice, Unlabelled
from workbench.engine.catalog.datasets.tables.groups_beside import groups_doubt
from workbench.engine.catalog.datasets.tables.lists_beside import by_lists
from workbench.engine.catalog.datasets.tables.names_beside import names_fact
from workbench.engine.catalog.datasets.tables.other_suffixes import Suffixes
from workbench.engine.catalog.datasets.tables.other_tables import copy_doubt, others_fact
from workbench.engine.catalog.datasets.tables.part_tables import (
    SETTINGS,
    joined,
    same_columns,
    splits_doubt,
    tables_of_parts,
    unread,
    with_one_class,
)
from workbench.engine.catalog.datasets.tables.parts import OtherRows
from workbench.engine.catalog.datasets.tables.parts_of_files import by_files, by_names
from workbench.engine.catalog.datasets.tables.reading import TableReading, read_table
from workbench.engine.catalog.datasets.tables.repeats import Rule
from workbench.engine.catalog.datasets.tables.spellings import with_spelling
from workbench.engine.catalog.datasets.tables.unknown_classes import without_unknown
from workbench.engine.catalog.datasets.tables.unlabelled_part import unlabelled_part
from workbench.engine.catalog.datasets.tables.unnamed import unnamed
from workbench.engine.catalog.datasets.understanding import Doubt, Understanding
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import file_problems, folder_problems, resolved, usable_file
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.left_beside import left_beside, left_by_unpacking

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

_COLUMN = "Its name in the header, or its number from 1."


class PictureTable(PictureFiles):
    """Each row is a picture: its path, relative to the table or absolute, its class, its part and group if there are.

    What "auto" cannot decide is a doubt of ``understood``; ``found`` then follows its first reading.
    """

    kind: ClassVar[str] = "csv"
    title: ClassVar[str] = "Table of pictures (CSV)"
    summary: ClassVar[str] = "A CSV file with the path and the class of each picture."
    order: ClassVar[int] = 32

    file: Annotated[
        str,
        Knob(
            "Table",
            "A CSV file with a path and a class in each row, separated by commas, semicolons, tabs or |, with or "
            "without a header; or JSON, one object a line or a list of objects. "
            "Paths are relative to the table, ~ means your home folder. A column with train, "
            "validation and test in it splits the pictures into these parts. Several classes per picture are not "
            "supported. Table and pictures are never changed.",
            role="file",
        ),
    ] = ""
    path_column: Annotated[
        str, Knob("Path column", f"The column with the paths of the pictures; auto finds it. {_COLUMN}")
    ] = "auto"
    class_column: Annotated[
        str,
        Knob(
            "Class column",
            f"The column with the class of each picture; auto finds it or asks. {_COLUMN} Columns that mark one class "
            "each with a 1: their names with commas between.",
        ),
    ] = "auto"
    part_column: Annotated[
        str,
        Knob(
            "Part column",
            "The column with the part of each picture: training, validation or test; auto finds it or asks, with none "
            f"the settings split the pictures, with {IN_NAMES} the names of the pictures say it. {_COLUMN}",
        ),
    ] = "auto"
    validation_value: Annotated[
        str,
        Knob(
            "Validation value",
            "The value in the part column that means validation, e.g. 4 in a column of folds; "
            "auto knows train, validation and test, and 0 and 1 of is_valid.",
        ),
    ] = "auto"
    test_value: Annotated[
        str,
        Knob("Test value", "The value in the part column that means test; auto knows the usual words."),
    ] = "auto"
    other_rows: Annotated[
        OtherRows,
        Knob(
            "Other rows",
            "What becomes of rows whose value in the part column is none of those for training, validation and test.",
            options={
                "auto": "ask; if a value is chosen for validation or test, they train",
                "train": "train on them",
                "leave_out": "leave them out",
            },
        ),
    ] = "auto"
    without_class: Annotated[
        Unlabelled,
        Knob(
            "Rows without a class",
            "What becomes of rows whose class is empty, or a word such as NaN, None or ? that may mean so, or that "
            "have no 1 where each class is a column. Empty ones of the test part are always left out.",
            options={
                "auto": "ask",
                "leave_out": "leave them out",
                "class": "such a word is a class, and no 1 in any column is one; leave empty ones out",
            },
            titles={"class": "are a class"},
        ),
    ] = "auto"
    left_out: Annotated[
        str,
        Knob(
            "Left out",
            "Rows that are not used: a column and its values, several separated by |, e.g. exclude: 1, or "
            "quality: bad | poor; keep: 0. auto asks where a column seems to mark such rows, and leaves out those "
            "of Open Images that say what a picture is not (Confidence 0); none leaves none out.",
        ),
    ] = "auto"
    group_column: Annotated[
        str,
        Knob(
            "Group column",
            "The column with the patient, film or source of each picture, which the split keeps together; "
            f"auto finds it by its name, with none there are no groups. {_COLUMN}",
        ),
    ] = "auto"
    validation_table: Annotated[
        str,
        Knob(
            "Validation table",
            "Another table, whose pictures are for validation; auto finds val.csv beside train.csv, or a table of the "
            "same name in a folder valid beside train; none reads no other.",
        ),
    ] = "auto"
    test_table: Annotated[
        str,
        Knob(
            "Test table",
            "Another table, whose pictures are for the last test; auto finds test.csv beside train.csv, or a table of "
            "the same name in a folder test beside train; none reads no other.",
        ),
    ] = "auto"
    class_names: Annotated[
        NameRule,
        Knob(
            "Names of classes",
            "Whether names that differ only in upper and lower case, in what stands between their words or at their "
            "ends, and numbers such as 01 and 1, are one class.",
            options={
                "auto": "ask where names differ only in how they are written",
                "exact": "different names are different classes",
                "ignore_case": "red_fox and Red fox are one class, and so are 01, 1 and 1.0",
            },
            titles={"ignore_case": "any spelling"},
        ),
    ] = "auto"
    repeated: Annotated[
        Rule,
        Knob(
            "Pictures named twice",
            "What becomes of a picture that is in several rows with different classes or parts, or in the tables of "
            "several parts.",
            options={
                "auto": "ask",
                "leave_out": "leave it out",
                "first": "use the first of its rows, that of training before others",
            },
        ),
    ] = "auto"
    suffixes: Annotated[
        Suffixes,
        Knob(
            "Suffixes of pictures",
            "Whether 1.jpg in the table means a file 1.png. auto asks where the files in the table's folder have "
            "other suffixes.",
            options={"auto": "as the table has them, or ask", "any": "a file of the name with any suffix"},
        ),
    ] = "auto"
    class_order: ClassOrder = "auto"
    picture_folder: Annotated[
        str,
        Knob(
            "Folder of the pictures",
            "The folder to which the paths in the table are relative; empty: the folder of the table.",
            role="folder",
        ),
    ] = ""

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        yield from file_problems(self.file, f"{path}.file")
        if self.picture_folder.strip():
            yield from folder_problems(self.picture_folder, f"{path}.picture_folder")

    def place(self) -> Path:
        return usable_file(self.file)

    def found(self, test: bool, scans: FolderScans) -> ClassFolders:
        reading = self._reading(scans)
        return reading.tested() if test else reading.trained()

    def reading(self, scans: FolderScans) -> Understanding:
        """See PictureFiles."""
        found = self._reading(scans)
        tables = self._tables_of_parts(found.table, scans).values()
        named = (*found.files, *found.passed)
        unused = left_beside(found.place, (found.table, *tables, *found.lists, *named), scans)
        known = {name for name, _ in found.left_out}
        left_out = (*found.left_out, *unnamed(found.table, named, scans))
        left_out = (*left_out, *(each for each in unused if each[0] not in known), *left_by_unpacking(found.place))
        facts = (
            *found.facts,
            *names_fact(found.table, found.labels, scans),
            *others_fact(found, (*tables, *found.lists), scans),
        )
        doubts = copy_doubt(found, scans) if self.class_column == self.path_column == "auto" else ()
        is_chosen = self.validation_table != "auto" or self.picture_folder.strip()  # then other folders are not meant
        part = None if is_chosen else unlabelled_part(found, scans)
        grouped = groups_doubt(found, (*tables, *found.lists), scans) if self.group_column == "auto" else ()
        doubts = (*found.doubts, *doubts, *filter(None, [part]), *grouped)
        return Understanding(left_out=left_out, facts=facts, doubts=doubts)

    def _reading(self, scans: FolderScans) -> TableReading:
        found, others = self._joined(scans)
        return with_one_class(without_unknown(with_spelling(found, self.class_names)), others)

    def _joined(self, scans: FolderScans) -> tuple[TableReading, Collection[str]]:
        """The table with those of its other parts, and which parts these give."""
        table = self.place()
        choice = Choice(
            self.path_column,
            self.class_column,
            self.part_column,
            self.group_column,
            self.validation_value,
            self.test_value,
            self.repeated,
            self.other_rows,
            self.without_class,
            self.left_out,
            self.suffixes,
        )
        training = read_table(table, self._base(table), choice, scans)
        if any(training.parts):
            return training, ()
        asked = splits_doubt(table, scans) if (self.validation_table, self.test_table) == ("auto", "auto") else None
        same = same_columns(training, choice)
        others: dict[str, TableReading] = {}
        left_out: list[tuple[str, str]] = []
        doubts: list[Doubt] = [] if asked is None else [asked]
        for part, other in self._tables_of_parts(table, scans).items():
            try:
                others[part] = read_table(other, self._base(other), same, scans)
            except WorkbenchError as error:
                if getattr(self, SETTINGS[part]) != "auto":
                    raise
                why = error.message.removeprefix(str(other)).strip()
                left_out.append((other.name, f"not read for {part}: {why}"))
                doubts += filter(None, [unread(part, other, why, bool(self.picture_folder.strip()))])
        if not others and self.part_column == "auto" and not any(doubt.subject == "parts" for doubt in training.doubts):
            training = by_lists(training, scans)
            training = training if any(training.parts) else by_files(training)
        if not others and self.part_column == IN_NAMES:
            training = by_names(training)
        return joined(
            replace(training, left_out=(*training.left_out, *left_out), doubts=(*training.doubts, *doubts)),
            others,
            self.repeated,
        ), others

    def _base(self, table: Path) -> Path:
        return resolved(self.picture_folder) if self.picture_folder.strip() else table.parent

    def _tables_of_parts(self, table: Path, scans: FolderScans) -> dict[str, Path]:
        found = tables_of_parts(table, scans)
        for part, name in SETTINGS.items():
            given = getattr(self, name).strip()
            if given.lower() in ("none", ""):
                found.pop(part, None)
            elif given != "auto":
                found[part] = usable_file(str(table.parent / Path(given).expanduser()))
        return found

    def brief(self) -> str:
        name = Path(self.file).name
        return f"{name}, {self.size} px" if name else ""
