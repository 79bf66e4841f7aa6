"""The mini-batches of each epoch: one permutation of the training examples an epoch, cut by the batch size."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.engine.core.randomness import permutation
from workbench.engine.data.split import Indices, batch_borders
from workbench.engine.training.state import TrainState


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
            train = self._train
            self._order = (epoch, train[permutation(len(train), self._state.spec.loop.seed, epoch)])
        return self._order[1]
