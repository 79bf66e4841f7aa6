"""A data set in numbers: examples per class, shapes, points of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset, DataSource
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_shapes import file_sides
from workbench.engine.core.progress import Job, finished
from workbench.engine.core.randomness import permutation
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import counted, grouped, shape_text, size_text
from workbench.engine.data.split import Indices, Split, batch_borders, split
from workbench.engine.data.store import DataStore

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: More points than these are not drawn.
MAX_POINTS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Examples of a 2-D set: ``places`` float32 (N, 2), ``labels`` int64 (N,), ``held_back`` bool (N,) (validation)."""

    places: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    held_back: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DataSummary:
    """The data of a spec in numbers. ``class_train`` and ``class_val`` count each class of ``classes``.

    ``test`` counts what the settings hold out; with ``folds`` the numbers are those of
    one ``fold``. ``file_side`` is about the shorter side of the picture files in pixels, None without files.
    ``memory`` is bytes of the inputs. ``points`` are at most MAX_POINTS of
    the used examples of a 2-D set, else None (of pairs of symbols too).
    """

    title: str
    train: int
    val: int
    train_eval: int
    classes: tuple[str, ...]
    class_train: tuple[int, ...]
    class_val: tuple[int, ...]
    shape: tuple[int, ...]
    memory: int
    notes: tuple[str, ...] = ()
    points: Points | None = None
    test: int = 0
    fold: int = 1
    folds: int = 0
    file_side: int | None = None

    @property
    def sentence(self) -> str:
        """In one line, e.g. ``Digits: 1 438 training / 359 validation examples, 10 classes, 8×8 gray, 0.1 MB``."""
        kinds = counted(len(self.classes), "class", "classes")
        return f"{self.title}: {self.counts}, {kinds}, {shape_text(self.shape)}, {size_text(self.memory)}"

    @property
    def counts(self) -> str:
        """The sizes of the parts, e.g. ``1 438 training / 359 validation examples``; of folds those of one of them."""
        held = f" / {grouped(self.test)} test" if self.test else ""
        fold = f" (fold {self.fold} of {self.folds})" if self.folds else ""
        return f"{grouped(self.train)} training / {grouped(self.val)} validation{held} examples{fold}"

    def steps_per_epoch(self, batch_size: int) -> int:
        """Steps of one epoch of this data."""
        return len(batch_borders(self.train, batch_size)) - 1


def data_summary(spec: ExperimentSpec, data: DataStore | None = None) -> DataSummary:
    """As ``summarizing``, waited for."""
    return finished(summarizing(spec, data))


def summarizing(spec: ExperimentSpec, data: DataStore | None = None) -> Job[DataSummary]:
    """Count what ``spec.data`` gives. Raises WorkbenchError if the data cannot be loaded or split."""
    dataset = yield from (data or DataStore()).loading(spec.data.source)
    parts = split(dataset, spec.data)
    side = yield from _file_side(spec.data.source, dataset)
    return DataSummary(
        title=spec.data.source.title,
        train=len(parts.train),
        val=len(parts.val),
        train_eval=len(parts.train_eval),
        classes=dataset.classes,
        class_train=_counts(dataset, parts.train),
        class_val=_counts(dataset, parts.val),
        shape=dataset.shape,
        memory=dataset.inputs.nbytes,
        notes=dataset.notes,
        points=_points(dataset, parts) if _is_plane(dataset, spec.data.source) else None,
        test=len(parts.test),
        fold=spec.data.fold or 1,
        folds=spec.data.folds or 0,
        file_side=side,
    )


def _file_side(source: DataSource, dataset: Dataset) -> Job[int | None]:
    if not isinstance(source, PictureFiles) or not source.has_files or not dataset.files:
        return None
    look = partial(file_sides, tuple(map(Path, dataset.files)))
    sides = yield from in_daemon_thread(look, dataset.files[0], "Looking at the sizes of pictures")
    return sides.shorter if sides is not None else None


def _counts(dataset: Dataset, part: Indices) -> tuple[int, ...]:
    return tuple(np.bincount(dataset.labels[part], minlength=len(dataset.classes)).tolist())


def _is_plane(dataset: Dataset, source: DataSource) -> bool:
    return dataset.shape == (2,) and source.vocabulary is None


def _points(dataset: Dataset, parts: Split) -> Points:
    used = np.concatenate([parts.train, parts.val])
    shown = np.sort(permutation(len(used), 0, 0)[:MAX_POINTS])
    held_back = np.arange(len(used)) >= len(parts.train)
    return Points(dataset.inputs[used[shown]], dataset.labels[used[shown]], held_back[shown])
