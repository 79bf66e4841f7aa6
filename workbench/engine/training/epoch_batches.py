"""The mini-batches of each epoch: one permutation of the training examples an epoch, cut by the batch size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from workbench.engine.core.randomness import order_generator
from workbench.engine.data.split import Indices, batch_borders
from workbench.engine.training.state import TrainState

#: Number of epochs whose generators are seeded together: one alone, right after an evaluation, takes five times as
#: long.
SEEDED: Final = 16


class EpochBatches:
    """Gives the batches of a run from wherever ``state.progress`` is. The order depends on (seed, epoch) alone.

    ``borders`` are the positions where an epoch is cut; the last batch may be smaller.
    """

    def __init__(self, state: TrainState, train: Indices) -> None:
        self._state, self._train = state, train
        spec = state.spec
        size = len(train)
        self.borders = batch_borders(size, size if spec.optimizer.full_batch else spec.loop.batch_size)
        self._order: tuple[int, Indices] = (-1, train)
        self._seeded: dict[tuple[int, int], np.random.Generator] = {}  # for coming epochs

    @property
    def per_epoch(self) -> int:
        """Batches, and so steps, in one epoch."""
        return len(self.borders) - 1

    def rest_of_epoch(self) -> Iterator[Indices]:
        """The batches of this epoch that are not trained yet; follows ``progress`` as it moves on."""
        while self._state.progress.batch < self.per_epoch:
            yield self.next()

    def next(self) -> Indices:
        """The indices (B,) of the examples of the next step."""
        progress = self._state.progress
        return self._epoch_order(progress.epoch)[progress.offset : self.borders[progress.batch + 1]]

    def _epoch_order(self, epoch: int) -> Indices:
        if self._order[0] != epoch:
            self._order = (epoch, self._train[self._generator(epoch).permutation(len(self._train))])
        return self._order[1]

    def _generator(self, epoch: int) -> np.random.Generator:
        seed = self._state.spec.loop.seed
        found = self._seeded.pop((seed, epoch), None)
        if found is None:
            coming = range(epoch, epoch + SEEDED)
            self._seeded = {(seed, each): order_generator(seed, each) for each in coming}
            found = self._seeded.pop((seed, epoch))
        return found
