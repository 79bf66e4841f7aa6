"""Settings that all sources of picture files share; how they are loaded is in ``picture_load``."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.datasets.base import Dataset, DataSource, Loadings
from workbench.engine.catalog.datasets.picture_load import PictureLoad
from workbench.engine.catalog.datasets.understanding import Reading, Understanding
from workbench.engine.catalog.datasets.value_setting import ValueRange, range_problems
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import Problem
from workbench.engine.core.progress import Job, finished
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.corrections import CorrectionsFile
from workbench.engine.pictures.decode import Fit
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_memory import PictureMemory

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class PictureFiles(DataSource):
    """Base of sources of picture files. A member says where they are: ``place`` and ``found``."""

    shown_last: ClassVar[tuple[str, ...]] = ("size", "fit", "colour", "value_range", "skip_unreadable", "skip_empty")
    kept_for_other_data: ClassVar[tuple[str, ...]] = ("size", "fit", "colour")

    size: Annotated[
        int,
        Knob(
            "Picture size",
            "Every picture becomes a square of this many pixels a side. Twice the size is four times the work.",
            unit="pixels",
            low=4,
            high=512,
            scale="log",
        ),
    ] = 32
    fit: Annotated[
        Literal["auto", "crop", "squeeze", "pad"],
        Knob(
            "Shape",
            "How a picture that is not square becomes one. The network sees only what is left of it: "
            "the data check shows how much would be cut away. Weights remember this choice.",
            options={
                "auto": "crop; the data check warns where that loses much",
                "crop": "cut out the centre: nothing is distorted, but the ends of long pictures are lost",
                "squeeze": "scale both sides to the size: nothing is lost, but long pictures are distorted",
                "pad": "fit the whole picture into a black square: nothing is lost or distorted",
            },
        ),
    ] = "auto"
    colour: Annotated[
        Literal["auto", "gray", "rgb"],
        Knob(
            "Colour",
            "Whether the model sees one gray channel or red, green and blue.",
            options={
                "auto": "gray if every file is stored in gray, else colour",
                "gray": "one channel",
                "rgb": "three channels",
            },
            titles={"rgb": "colour"},
        ),
    ] = "auto"
    value_range: ValueRange = "auto"
    skip_unreadable: Annotated[
        bool,
        Knob(
            "Leave unreadable files out",
            "Leave out files that cannot be read, instead of refusing to train. "
            "Unreadable are damaged files, files that are not pictures, and pictures of more than 89 million pixels.",
        ),
    ] = False
    skip_empty: Annotated[
        bool,
        Knob(
            "Leave empty classes out",
            "Leave out classes without a training picture, with their validation and test pictures, instead of "
            "refusing to train.",
        ),
    ] = False

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from range_problems(self.value_range, path)

    @property
    def squared_by(self) -> Fit:
        """The rule by which a picture becomes square."""
        return "crop" if self.fit == "auto" else self.fit

    @property
    def order_of_classes(self) -> str:
        """Which class is which output, see ``class_order``; empty where the set itself numbers them."""
        return getattr(self, "class_order", "")

    @property
    def has_files(self) -> bool:
        """Whether each example is a file, which can be left out or renamed."""
        return True

    @abstractmethod
    def place(self) -> Path:
        """The resolved folder or file beside which corrections are kept. Raises WorkbenchError."""

    @abstractmethod
    def found(self, test: bool, scans: FolderScans) -> ClassFolders:
        """The files as they lie there, of training and validation or of the test part. Raises WorkbenchError."""

    def leaving_out(self, files: Sequence[Path]) -> Reading | None:
        """The reading that leaves the folders of ``files`` out, where folders can be."""
        return None

    def preparing(self) -> Job[None]:
        """What takes time before ``found`` can look for files, and waits for no drive: nothing, for most."""
        yield from ()

    def steps(self, scans: FolderScans | None = None, memory: PictureMemory | None = None) -> PictureLoad:
        """The steps of a load; ``scans`` and ``memory`` are shared with other loads."""
        return PictureLoad(self, scans if scans is not None else FolderScans(), memory)

    def load(self) -> Dataset:
        return finished(self.loading())

    def loading(self) -> Loadings:
        return (yield from self.steps().loading())

    def beginning(self) -> Loadings:
        return (yield from self.steps().beginning())

    def loading_test(self) -> Loadings:
        return (yield from self.steps().loading_test())

    def understood(self, scans: FolderScans | None = None) -> Job[Understanding]:
        return (yield from self.steps(scans).understood() if self.has_files else super().understood(scans))

    def reading(self, scans: FolderScans) -> Understanding:
        """How the files are read, before corrections. Raises WorkbenchError where they cannot be."""
        return Understanding()

    def corrections(self) -> CorrectionsFile:
        """Where pictures are left out or renamed. Raises WorkbenchError if there is no such folder or file."""
        return CorrectionsFile(self.place())
