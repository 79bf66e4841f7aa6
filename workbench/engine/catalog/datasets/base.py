"""What a data source offers: all examples as one array in memory, with labels and class names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.understanding import Understanding
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import NoTestPart, WorkbenchError

if TYPE_CHECKING:
    from workbench.engine.pictures.background_decoder import Arriving
    from workbench.engine.pictures.class_folders import Whole
    from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.core.progress import Job, Loading, Watch, finished

#: What folders and files may keep apart. The test part is left untouched by training; it is loaded by name alone.
Part = Literal["train", "validation", "test"]
#: Number of picture files whose statistics the preprocessing uses: the first step need not wait for all to be decoded.
MEASURED_ON = 512


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Examples in memory. ``inputs``: pictures uint8 (N, C, H, W) with C 1 or 3, or points float32 (N, D).

    ``labels``: int64 (N,), each the index of its name in ``classes``. ``validation`` marks examples (bool, (N,)) that
    the source itself holds back; None leaves the split to the spec. ``files`` are paths where each example has one.
    ``notes`` are sentences that the user should read (files left out). Of a set with ``arriving`` those rows of
    ``inputs`` are still being filled that it lacks; the caller closes it. The statistics of the preprocessing are
    those of at most ``measured_on`` training examples, None for all. ``groups`` (int64 (N,)) is the index of each
    example's group (patient, film, source), None without, and ``group_names`` what each is called, empty where that is
    not known. ``value_range`` are the values that are black and white where
    the pictures were scaled from other ones than 0 and 255, None else. ``whole`` are the files before some were left
    out, among which the split is drawn; None if none were. ``test_size`` is how many examples the source keeps for a
    last test.
    """

    inputs: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    validation: npt.NDArray[np.bool_] | None = None
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    arriving: Arriving | None = None
    measured_on: int | None = None
    groups: npt.NDArray[np.int64] | None = None
    value_range: tuple[float, float] | None = None
    whole: Whole | None = None
    group_names: tuple[str, ...] = ()
    test_size: int = 0

    @property
    def is_image(self) -> bool:
        """Whether the inputs are pictures."""
        return self.inputs.ndim == 4

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example, without the batch."""
        return tuple(self.inputs.shape[1:])


#: A load that can be watched and given up: closing it ends it.
Loadings = Generator[Loading, None, Dataset]


class DataSource(Variant):
    """Base of the family. A member writes ``load``, or ``loading`` if it takes so long that it should be watched.

    Both may take time; ``problems`` must be cheap.
    """

    is_image: ClassVar[bool] = True
    #: Whether a picture seen in a mirror still shows its class, as photographs do and signs do not.
    mirrors: ClassVar[bool] = True
    #: Whether its files may hold a validation part of their own.
    can_hold_back: ClassVar[bool] = True
    #: Under which licence the examples are published; empty where the program cannot know it.
    licence: ClassVar[str] = ""
    #: Settings that are kept when other data of the same kind is opened; all others belong to certain files.
    kept_for_other_data: ClassVar[tuple[str, ...]] = ()

    @property
    def vocabulary(self) -> int | None:
        """Inputs are the numbers of symbols, from 0 below this; None: they are sizes, as pixels and coordinates are."""
        return None

    @abstractmethod
    def load(self) -> Dataset:
        """Read everything. Raises WorkbenchError with a sentence that names the file."""

    def files(self) -> tuple[Path, ...] | None:
        """The files that ``load`` reads: none if all is computed from the settings, None if they are not known.

        While their sizes and times of change are the same, ``load`` is taken to give the same. Raises WorkbenchError.
        """
        return None

    def loading(self) -> Loadings:
        """As ``load``, bit by bit: what it yields tells how far it is."""
        yield from ()
        return self.load()

    def beginning(self) -> Loadings:
        """As ``loading``, but the rest of the examples may still be ``arriving`` when it returns."""
        return (yield from self.loading())

    def understood(self, scans: FolderScans | None = None) -> Job[Understanding]:
        """What the files are taken for, without decoding pictures. Raises WorkbenchError where they cannot be used.

        ``scans`` are shared with other readers of the same folders. A member that overrides this is asked before every
        run, so it must not read more than it needs; this one, which loads all, is asked only by a check.
        """
        dataset = yield from self.loading()
        counts = np.bincount(dataset.labels, minlength=len(dataset.classes)).tolist()
        held = None if dataset.validation is None else int(dataset.validation.sum())
        return Understanding(tuple(zip(dataset.classes, counts, strict=True)), held, (yield from self._test_size()))

    def _test_size(self) -> Job[int]:
        try:
            return len((yield from self.loading_test()).labels)
        except WorkbenchError:
            return 0

    def kept_for_test(self) -> int:
        """How many examples ``loading_test`` would give, where that is known without ``understood``; else 0."""
        return 0

    def loading_test(self) -> Loadings:
        """The part that is kept for a last measurement, which training never sees. Its ``validation`` is None.

        Raises NoTestPart if there is none.
        """
        yield from ()
        raise NoTestPart(f"{self.title} keeps no test part.", "data.source")


def load_part(source: DataSource, part: Part, watch: Watch | None = None) -> Dataset:
    """One part that ``source`` itself keeps apart, as a set of its own. Raises WorkbenchError if it has none."""
    return only_part(finished(source.loading_test() if part == "test" else source.loading(), watch), part, source.title)


def only_part(dataset: Dataset, part: Part, title: str) -> Dataset:
    """Of a loaded set the examples of ``part``; a test part is loaded as such."""
    if part == "test":
        return dataset
    if dataset.validation is None:
        text = f"{title} keeps no validation part of its own; the settings split it."
        raise WorkbenchError(text, "data.source")
    chosen = dataset.validation if part == "validation" else ~dataset.validation
    files = tuple(file for file, wanted in zip(dataset.files, chosen, strict=False) if wanted)
    inputs, labels = dataset.inputs[chosen], dataset.labels[chosen]
    groups = None if dataset.groups is None else dataset.groups[chosen]
    return replace(dataset, inputs=inputs, labels=labels, validation=None, files=files, groups=groups, whole=None)
