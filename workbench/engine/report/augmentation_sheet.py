"""A contact sheet: examples as the augmentations change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.augmentations import Mixing
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.data.split import Indices, split
from workbench.engine.data.store import DataStore

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: How many epochs of each example are shown beside its original.
VARIANTS = 4


Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Training examples as the model will see them, one row an example, the original first.

    ``pictures`` is uint8 (rows × columns, H, W, 3), row by row. Column j ≥ 1 is the 0-based epoch ``epochs[j - 1]``.
    ``names`` has the class of each row. ``notes`` say where labels may change. ``mixtures`` has words for each picture
    if labels are mixed, such as ``70 % 3, 30 % 8``. An empty sheet has a ``reason``.
    """

    pictures: Bytes
    columns: int
    epochs: tuple[int, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    reason: str = ""
    mixtures: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """The number of examples."""
        return len(self.names)


def contact_sheet(spec: ExperimentSpec, count: int, roll: int, data: DataStore | None = None) -> Sheet:
    """``count`` training examples of different classes, as they are and as in the epochs from ``roll`` on.

    The pictures are exactly those that a run of ``spec`` trains on in these epochs, before standardization.
    Raises WorkbenchError if the data cannot be loaded or split.
    """
    if not spec.augmentations:
        return _empty("No augmentation is on, so the model sees every picture as it is. Add one above to see it here.")
    if not spec.data.source.is_image:
        return _empty("Augmentation changes pictures, and this data set has points. It is not used.")
    from workbench.engine.report.augmented_pictures import pictures_of

    dataset = (data or DataStore()).loaded(spec.data.source)
    train = split(dataset, spec.data).train
    chosen = of_different_classes(dataset, train, count)
    epochs = tuple(range(roll, roll + VARIANTS))
    said = ((a.title, a.note_for(dataset.shape[0])) for a in spec.augmentations)
    notes = dict.fromkeys(f"{title}: {note}" for title, note in said if note)
    names = tuple(dataset.classes[label] for label in dataset.labels[chosen])
    pictures, mixtures = pictures_of(spec, dataset, train, chosen, epochs)
    return Sheet(pictures, 1 + len(epochs), epochs, names, tuple(notes), mixtures=mixtures)


def sheet_depends_on(spec: ExperimentSpec) -> tuple[object, ...]:
    """The settings that a contact sheet shows: two specs with equal ones have equal sheets."""
    mixes = any(isinstance(augmentation, Mixing) for augmentation in spec.augmentations)
    batches = (spec.loop.batch_size, spec.optimizer.full_batch) if mixes else ()
    return spec.data, spec.augmentations, spec.loop.seed, *batches


def _empty(reason: str) -> Sheet:
    return Sheet(np.empty((0, 0, 0, 3), np.uint8), 0, (), (), (), reason)


def of_different_classes(dataset: Dataset, train: Indices, count: int) -> Indices:
    """``count`` of ``train``, from as many classes as possible and spread over them; fewer if there are fewer."""
    labels = dataset.labels[train]
    by_class = np.argsort(labels, kind="stable")
    present, starts, sizes = np.unique(labels[by_class], return_index=True, return_counts=True)
    rank = np.empty(len(train), np.int64)
    rank[by_class] = np.arange(len(train)) - np.repeat(starts, sizes)
    in_turn = train[np.lexsort((labels, rank))]
    if count >= len(present):
        return in_turn[:count]
    return in_turn[np.linspace(0, len(present) - 1, count).round().astype(np.int64)]
