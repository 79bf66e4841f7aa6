"""Pictures and labels in one NumPy archive (.npz), or in .npy files side by side: found by shape, type and name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.datasets.array_archive import ArrayArchive, files_of
from workbench.engine.catalog.datasets.array_columns import Chosen
from workbench.engine.catalog.datasets.array_fourth import FourthChannel
from workbench.engine.catalog.datasets.array_labels import Gaps
from workbench.engine.catalog.datasets.array_pairs import Names, OtherArrays
from workbench.engine.catalog.datasets.array_plan import ArrayPlan, Given, array_plan, named_errors
from workbench.engine.catalog.datasets.base import Dataset, DataSource, Loadings
from workbench.engine.catalog.datasets.class_order import order_fact
from workbench.engine.catalog.datasets.folders.choices import NameRule
from workbench.engine.catalog.datasets.tables.columns import Unlabelled
from workbench.engine.catalog.datasets.tables.names_beside import names_fact
from workbench.engine.catalog.datasets.tables.parts import OtherRows
from workbench.engine.catalog.datasets.understanding import Understanding
from workbench.engine.catalog.datasets.value_setting import ValueRange, range_problems
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import file_problems, usable_file
from workbench.engine.core.errors import Problem
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import Told, in_telling_thread
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.request import file_statuses

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class ArrayFile(DataSource):
    """One array of pictures and one of labels, or such a pair each for train, validation and test."""

    kind: ClassVar[str] = "npz"
    title: ClassVar[str] = "NumPy file (.npz)"
    summary: ClassVar[str] = "Pictures and labels in one .npz file, as many collections come."
    order: ClassVar[int] = 22

    file: Annotated[
        str,
        Knob(
            "File",
            "An .npz file with an array of pictures and an array of labels, or an .npy file with the others in the "
            "same folder; their names do not matter. "
            "Pictures are 8-bit, (number, height, width) or with 1, 3 or 4 channels in the last or second place; "
            "other numbers are scaled, see Value range. Arrays with train, val and test in their names are "
            "the parts. An array of texts names the classes; one with a value for each picture may give its part or "
            "group (split, fold, patient_id).",
            role="file",
        ),
    ] = ""
    picture_array: Annotated[
        str, Knob("Array of pictures", "The name of the array with the pictures; auto finds it or asks.")
    ] = "auto"
    label_array: Annotated[
        str,
        Knob("Array of labels", "The name of the array with the labels; auto finds it or asks."),
    ] = "auto"
    validation_array: Annotated[
        str,
        Knob(
            "Validation pictures",
            "The name of the array with the pictures for validation, where its name does not say so.",
        ),
    ] = "auto"
    test_array: Annotated[
        str,
        Knob("Test pictures", "The name of the array with the pictures for the test, where its name does not say so."),
    ] = "auto"
    other_arrays: Annotated[
        OtherArrays,
        Knob(
            "Other pictures",
            "What becomes of arrays of pictures with labels beside those to train on, whose names say no part.",
            options={"auto": "ask", "leave_out": "leave them out"},
        ),
    ] = "auto"
    part_column: Annotated[
        str,
        Knob(
            "Array of parts",
            "The name of the array with the part of each picture: training, validation or test; auto finds it or asks, "
            "with none the settings split the pictures. Arrays with the numbers of rows (train_idx, test_idx) are one.",
        ),
    ] = "auto"
    validation_value: Annotated[
        str,
        Knob(
            "Validation value",
            "The value in the array of parts that means validation, e.g. 4 in an array of folds; "
            "auto knows the usual words.",
        ),
    ] = "auto"
    test_value: Annotated[
        str,
        Knob("Test value", "The value in the array of parts that means test; auto knows the usual words."),
    ] = "auto"
    other_rows: Annotated[
        OtherRows,
        Knob(
            "Other parts",
            "What becomes of pictures whose part is none of training, validation and test.",
            options={
                "auto": "ask; if a value is chosen for validation or test, they train",
                "train": "train on them",
                "leave_out": "leave them out",
            },
        ),
    ] = "auto"
    group_column: Annotated[
        str,
        Knob(
            "Array of groups",
            "The name of the array with the patient, film or source of each picture, which the split keeps together; "
            "auto finds it by its name or asks, with none there are no groups.",
        ),
    ] = "auto"
    without_class: Annotated[
        Unlabelled,
        Knob(
            "Labels without a class",
            "What becomes of pictures whose label is below 0, where others have labels from 0 on, or empty, or a word "
            "for nothing.",
            options={
                "auto": "ask",
                "leave_out": "leave them out: their class is not known",
                "class": "they are classes like others",
            },
            titles={"class": "they are classes"},
        ),
    ] = "auto"
    class_names: Annotated[
        NameRule,
        Knob(
            "Names of classes",
            "Whether labels that are texts and differ only in upper and lower case, in what stands between their "
            "words or at their ends are one class.",
            options={
                "auto": "ask where names differ only in how they are written",
                "exact": "different names are different classes",
                "ignore_case": "red_fox and Red fox are one class, and so are 01, 1 and 1.0",
            },
            titles={"ignore_case": "any spelling"},
        ),
    ] = "auto"
    layout: Annotated[
        Literal["auto", "nhwc", "nchw"],
        Knob(
            "Channels",
            "Which dimension of the array is the channels of a picture.",
            options={
                "auto": "the one of length 1, 3 or 4",
                "nhwc": "the last: number, height, width, channels",
                "nchw": "the second: number, channels, height, width",
            },
            titles={"nhwc": "last dimension", "nchw": "second dimension"},
        ),
    ] = "auto"
    gaps: Annotated[
        Gaps,
        Knob(
            "Missing labels",
            "What to do about numbers below the highest label that no picture has.",
            options={
                "auto": "ask, unless the labels count from 1",
                "leave_out": "a class for each label that occurs, named by its number",
                "keep": "a class for each number from 0 to the highest label, with or without pictures",
            },
        ),
    ] = "auto"
    fourth_channel: Annotated[
        FourthChannel,
        Knob(
            "Fourth channel",
            "What the fourth channel of pictures is, where they have four.",
            options={
                "auto": "ask, unless it is 255 throughout",
                "transparency": "transparency: the picture is put over white",
                "leave_out": "something else, such as infrared or depth: left out",
            },
            titles={"leave_out": "left out"},
        ),
    ] = "auto"
    value_range: ValueRange = "auto"

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from file_problems(self.file, f"{path}.file")
        yield from range_problems(self.value_range, path)

    def brief(self) -> str:
        return Path(self.file).name

    def files(self) -> tuple[Path, ...]:
        return files_of(usable_file(self.file))

    def load(self) -> Dataset:
        return self._read(test=False)

    def loading(self) -> Loadings:
        return (yield from in_telling_thread(partial(self._read, False), self.file, "Reading the file"))

    def loading_test(self) -> Loadings:
        return (yield from in_telling_thread(partial(self._read, True), self.file, "Reading the file"))

    def understood(self, scans: FolderScans | None = None) -> Job[Understanding]:
        """See DataSource; of 8-bit pictures only the heads and the labels are read."""
        look = partial(self._understood, scans if scans is not None else FolderScans())
        return (yield from in_telling_thread(look, self.file, "Reading the file"))

    def _understood(self, scans: FolderScans, told: Told) -> Understanding:
        known = self._plan(told).understanding()
        names = [name for name, _ in known.classes]
        beside = names_fact(usable_file(self.file), names, scans, "put them into the file as an array class_names")
        return replace(known, facts=(*known.facts, *beside, order_fact(names, "")))

    def _plan(self, told: Told | None) -> ArrayPlan:
        file = usable_file(self.file)
        names = Names(self.picture_array, self.label_array, self.validation_array, self.test_array, self.other_arrays)
        columns = Chosen(self.part_column, self.group_column, self.validation_value, self.test_value, self.other_rows)
        given = Given(
            names,
            columns,
            self.without_class,
            self.layout,
            self.gaps,
            self.value_range,
            self.fourth_channel,
            self.class_names,
        )
        return array_plan(file, given, tuple(file_statuses(files_of(file))), told)

    def _read(self, test: bool, told: Told | None = None) -> Dataset:
        plan = self._plan(told)
        with named_errors(plan.file), ArrayArchive(plan.file, told) as archive:
            return plan.read(archive, test)
