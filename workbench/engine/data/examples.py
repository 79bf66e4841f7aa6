"""The examples as tensors: a batch is an index select, then augmentation, then standardization."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from workbench.engine.catalog.augmentations import Augmentation, Mixing
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.preprocessing import Preprocessing, Standardizer
from workbench.engine.core.progress import Loading
from workbench.engine.core.randomness import uniforms
from workbench.engine.data.batch_room import BatchRoom, Rows
from workbench.engine.data.split import Indices, measured_part
from workbench.engine.nn.losses import class_weights
from workbench.engine.pictures.background_decoder import Arriving

#: Standardized float copies are kept only of sets this small; larger ones are converted batch by batch.
KEEP_FLOATS_BELOW = 16 * 2**20
CHUNK = 512


class Examples:
    """All examples of a run on ``device``: inputs uint8 (N, C, H, W) or float32 (N, D), labels int64 (N,).

    While pictures are still arriving, a request for one that is missing waits for it; ``lacks`` waits a moment
    only. Both raise WorkbenchError for an unreadable file.
    """

    #: What is waited for, if the last ``lacks`` was true.
    waiting: Loading | None = None
    _arriving: Arriving | None = None
    _arrival: Arriving | None = None
    _measured_on: int | None = None

    def __init__(self, dataset: Dataset, device: str) -> None:
        self.device = device
        self._arriving = self._arrival = dataset.arriving
        self._measured_on = dataset.measured_on
        host = torch.from_numpy(dataset.inputs)
        #: On a device with a memory of its own: what arrives, and which rows of it have been copied there.
        self._host: tuple[Tensor, npt.NDArray[np.bool_]] | None = None
        if self._arriving is not None and device != "cpu":
            self._host = host, np.zeros(len(host), np.bool_)
            self.inputs = torch.empty_like(host, device=device)
        else:
            self.inputs = host.to(device)
        self.labels = torch.from_numpy(dataset.labels).to(device)
        self.classes = len(dataset.classes)
        self.standardizer = Standardizer(torch.zeros(()), torch.ones(()))
        self._floats: Tensor | None = None
        self._kept_rows: Rows | None = None  # the same memory
        #: What each class counts in the loss, float32 (K,); None if every example counts the same.
        self.class_weights: Tensor | None = None

    def lacks(self, indices: Indices) -> bool:
        """Whether some of ``indices`` have not arrived yet; waits a moment for them."""
        arriving = self._arriving
        if arriving is None:
            return False
        if arriving.lacks(indices):
            self.waiting = arriving.progress()
            return True
        self.waiting = None
        self._move(indices)
        if arriving.is_complete:
            self._all_arrived()
        return False

    def late_notes(self) -> tuple[str, ...]:
        """Sentences for the user that could not be known before the last picture had come; each is given once."""
        return self._arrival.late_notes() if self._arrival is not None else ()

    @property
    def arriving(self) -> Arriving | None:
        """The pictures that are still being decoded, None if all are here."""
        return self._arriving

    def close(self) -> None:
        """Decode no more pictures; what has arrived stays."""
        if self._arrival is not None:
            self._arrival.close()

    def standardize_by(self, preprocessing: Preprocessing, train: Indices, seed: int = 0) -> None:
        """Fit ``preprocessing`` on the training split alone (see ``measured_part``) and use it from now on."""
        part = measured_part(train, self._measured_on, seed)
        self.use(preprocessing.fit(self._raw(self._select(some)).cpu() for some in self._arrived(part)))

    def standardized_by(self, standardizer: Standardizer) -> Examples:
        """The same examples, of which none is still arriving, under other statistics; what is large is shared."""
        other = copy.copy(self)
        other.use(standardizer)
        return other

    def use(self, standardizer: Standardizer) -> None:
        """Use these statistics from now on."""
        moved = Standardizer(standardizer.mean.to(self.device), standardizer.inverse_std.to(self.device))
        self.standardizer = moved
        small = self.inputs.numel() * 4 <= KEEP_FLOATS_BELOW
        self._floats = moved.apply_(self._raw()) if small and self._arriving is None else None
        self._kept_rows = None if self._floats is None else Rows(self._floats.flatten(1), self.labels)

    def weigh_classes(self, train: Indices) -> None:
        """From now on every class counts the same in the loss, however many of ``train`` are of it."""
        self.class_weights = class_weights(self.labels_of(train), self.classes)

    def batch(self, indices: Indices) -> tuple[Tensor, Tensor]:
        """Standardized inputs (B, …) float32 and labels (B,), without augmentation."""
        self._await(indices)
        where = self._select(indices)
        if self._floats is not None:
            return self._floats.index_select(0, where), self.labels.index_select(0, where)
        return self.standardizer.apply_(self._raw(where)), self.labels.index_select(0, where)

    def kept_batch(self, indices: Indices, rooms: dict[int, BatchRoom]) -> tuple[Tensor, Tensor] | None:
        """As ``batch``, with inputs (B, D) and in that of ``rooms`` which is for as many examples; None unless floats
        are kept. It is made if it is not there, and the faster way from then on."""
        rows = self._kept_rows
        if rows is None:
            return None
        if rows.labels is not self.labels:  # a copy with labels of its own, as for those that are dealt anew
            rows = self._kept_rows = Rows(rows.inputs, self.labels)
        room = rooms.get(len(indices))
        if room is None:
            room = rooms[len(indices)] = BatchRoom(rows, len(indices))
        room.take(rows, indices)
        return room.batch

    def labels_of(self, indices: Indices) -> Tensor:
        """The labels (B,) of ``indices``."""
        return self.labels[self._select(indices)]

    def training_batch(
        self, indices: Indices, augmentations: Sequence[Augmentation], seed: int, epoch: int
    ) -> tuple[Tensor, Tensor]:
        """As ``batch``, with ``augmentations`` applied to pictures before standardization.

        If one of them mixes examples, the labels are shares of the classes, float32 (B, K).
        """
        if not augmentations or self.inputs.dim() != 4:
            return self.batch(indices)
        self._await(indices)
        where = self._select(indices)
        x, y = self._raw(where), self.labels[where]
        if mixes(augmentations):
            x, y = augmented_and_mixed(x, as_shares(y, self.classes), indices, augmentations, seed, epoch)
        else:
            x = augmented(x, indices, augmentations, seed, epoch)
        return self.standardizer.apply_(x), y

    def _await(self, indices: Indices) -> None:
        arriving = self._arriving
        if arriving is not None:
            while arriving.lacks(indices, alone=True):
                pass
            self._move(indices)

    def _arrived(self, indices: Indices) -> Iterator[Indices]:
        for part in chunks(indices):
            self._await(part)
            yield part

    def _move(self, indices: Indices) -> None:
        """Copy to the device what has arrived since, where that has a memory of its own."""
        if self._host is not None:
            host, moved = self._host
            for new in chunks(np.unique(indices[~moved[indices]])):
                where = torch.from_numpy(new)
                self.inputs[where.to(self.device)] = host[where].to(self.device)
                moved[new] = True

    def _all_arrived(self) -> None:
        self._move(np.arange(len(self.labels)))
        self._arriving = self._host = None
        self.use(self.standardizer)

    def _select(self, indices: Indices) -> Tensor:
        where = torch.from_numpy(np.ascontiguousarray(indices))
        return where if self.device == "cpu" else where.to(self.device)

    def _raw(self, where: Tensor | None = None) -> Tensor:
        """Fresh float32 inputs in the order of ``where``, or all. ``index_select`` copies whole examples."""
        chosen = self.inputs.clone() if where is None else self.inputs.index_select(0, where)
        return chosen.float().div_(255.0) if chosen.dtype == torch.uint8 else chosen


def mixes(augmentations: Sequence[Augmentation]) -> bool:
    """Whether a label may become a mixture of classes."""
    return any(isinstance(augmentation, Mixing) for augmentation in augmentations)


def as_shares(labels: Tensor, classes: int) -> Tensor:
    """Labels (B,) as shares of the classes, float32 (B, K)."""
    return torch.nn.functional.one_hot(labels, classes).float()


def augmented(x: Tensor, indices: Indices, augmentations: Sequence[Augmentation], seed: int, epoch: int) -> Tensor:
    """Pictures ``x`` (B, C, H, W) in [0, 1] after each augmentation in turn.

    The random numbers of an example depend on (seed, epoch, its index, the augmentation and how often it came before).
    """
    return augmented_and_mixed(x, x.new_empty((len(x), 0)), indices, augmentations, seed, epoch)[0]


def augmented_and_mixed(
    x: Tensor, y: Tensor, indices: Indices, augmentations: Sequence[Augmentation], seed: int, epoch: int
) -> tuple[Tensor, Tensor]:
    """As ``augmented``, with the labels ``y`` (B, K), shares of the classes, mixed as the pictures are.

    An example is mixed only with others of ``indices``, which should be a batch of the run.
    """
    seen: dict[str, int] = {}
    for augmentation in augmentations:
        nth = seen[augmentation.kind] = seen.get(augmentation.kind, -1) + 1
        numbers = uniforms(indices, augmentation.draws, seed, epoch, f"{augmentation.kind}/{nth}")
        u = torch.from_numpy(numbers).to(x.device)
        if isinstance(augmentation, Mixing):
            x, y = augmentation.mix(x, y, u)
        else:
            x = augmentation.apply(x, u)
    return x, y


def chunks(indices: Indices, size: int = CHUNK) -> Iterator[Indices]:
    """Consecutive parts of ``indices`` of at most ``size``."""
    for start in range(0, len(indices), size):
        yield indices[start : start + size]
