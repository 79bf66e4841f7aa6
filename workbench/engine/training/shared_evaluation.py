"""Measuring a split by several processes: rank r of n has chunks r, r + n, …, and the bits are those of one process."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import nn

from workbench.engine.core.events import Measured
from workbench.engine.data.examples import Examples, chunks
from workbench.engine.data.split import Indices
from workbench.engine.distributed.group import Group
from workbench.engine.nn.stochastic_layers import StochasticLayer
from workbench.engine.training.evaluate import Testing, chunk_sums, measured, take_over


def measure_together(
    group: Group,
    network: nn.Module,
    examples: Examples,
    indices: Indices,
    testing: Testing,
    like: Sequence[StochasticLayer] = (),
) -> Generator[int, None, Measured | None]:
    """As ``measure``; a collective call of all ranks of ``group``. Yields equally often in each.

    Raises ProcessLost where another process has ended.
    """
    take_over(network, like, testing)
    parts = list(chunks(indices))
    sums = torch.zeros(len(parts), 3, dtype=torch.float64)
    for first in range(0, len(parts), group.size):
        number = first + group.rank
        if number < len(parts):
            sums[number] = torch.tensor(chunk_sums(network, examples, parts[number], testing, number)[0])
        yield sum(map(len, parts[: first + group.size]))
    if not parts:
        return None
    group.all_reduce(sums)
    loss, squares, hits = (sum(column.tolist()) for column in sums.T)  # added one after the other, as in one process
    return measured(loss, squares, hits, len(indices))
