"""One training step of several processes: each computes its rows of the batch, and the gradients are all-reduced."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
from torch import Tensor, nn

from workbench.engine.core.events import Command, Event, Stop
from workbench.engine.data.examples import Examples, mixes
from workbench.engine.data.split import Indices
from workbench.engine.distributed.gradient_sum import all_reduce_gradients
from workbench.engine.distributed.group import Group
from workbench.engine.nn.batch_share import BatchShare, sharing
from workbench.engine.training.accumulation import part_borders
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.network import Network
from workbench.engine.training.state import TrainState
from workbench.engine.training.train_step import StepResult, TorchStep


class SharedStep(TorchStep):
    """As ``TorchStep`` for the whole batch, within float32 rounding; a collective call of all ranks of ``group``.

    A row has the augmentation, the masks, the mixing partner and the batch norm statistics that it has in one process.
    Losses are summed over examples and divided by the size of the batch, so that shares of different sizes, or empty
    ones, count as they should. Raises ProcessLost where another process has ended; no parameter was changed then.
    """

    def __init__(
        self, examples: Examples, network: Network, state: TrainState, group: Group, channel: CommandChannel
    ) -> None:
        super().__init__(examples, network, state)
        self._group, self._channel = group, channel

    def __call__(self, indices: Indices, rate: float) -> Generator[Event, Command | None, StepResult]:
        yield from ()
        self.begin()
        with _buffers_put_back(self._network.module):
            loss, hits = self._own_share(indices)
            numbers = (loss, hits, float(self._group.is_asked))
            loss, hits, asked = all_reduce_gradients(self._group, self._trainable, numbers)
        if asked and self._group.is_first:
            self._channel.held.append(Stop())
        return self.update(loss, hits, len(indices), rate)

    @property
    def words(self) -> str:
        return (
            f"Each batch is shared by {self._group.size} processes; their gradients are added up before each update, "
            "by which every process makes the same step."
        )

    def _own_share(self, indices: Indices) -> tuple[float, float]:
        """Find the gradient of this process's rows; returns their part of the loss and their correct answers."""
        loss_sum = hits_sum = 0.0
        for number, (share, x, y) in enumerate(self._parts(indices)):
            with sharing(share):
                loss, shown, hits = self.loss(x, y, number)
            weight = share.count / len(indices)
            (loss * weight).backward()
            loss_sum += shown.item() * weight if weight else 0.0
            hits_sum += hits.item() if weight else 0.0
        return loss_sum, hits_sum

    def _parts(self, indices: Indices) -> Iterator[tuple[BatchShare, Tensor, Tensor]]:
        """This process's rows of each part of the batch (see ``part_borders``), with inputs and labels."""
        spec = self._state.spec
        # Partners may be another process's rows, so a batch that is mixed is made as a whole.
        whole = self.batch(indices) if mixes(spec.augmentations) else None
        for first, last in pairwise(part_borders(len(indices), spec.loop.accumulate)):
            share = BatchShare(*self._group.rows(last - first), last - first, self._group.all_gather)
            rows = np.arange(first, last)[share.rows]
            yield share, *(self.batch(indices[rows]) if whole is None else (each[rows] for each in whole))


@contextmanager
def _buffers_put_back(module: nn.Module) -> Iterator[None]:
    """After an error restore the buffers (statistics of batch norm): the state is then that between two steps."""
    before = [(buffer, buffer.clone()) for buffer in module.buffers()]
    try:
        yield
    except Exception:
        for buffer, kept in before:
            buffer.copy_(kept)
        raise
