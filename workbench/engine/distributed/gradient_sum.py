"""All-reduce of the gradients of several processes, in few calls.

An explicit sum after the backward pass, not torch's DistributedDataParallel: that is a module around the network, with
other names of layers in checkpoints and its own hooks on parameters, and it divides by the number of processes, which
is wrong for shares of different sizes. What is lost is that sums could begin while the backward pass is under way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import torch
from torch import Tensor

from workbench.engine.distributed.group import Group

#: Maximum number of gradients (numbers) summed in one call, which needs memory for a copy of them.
MOST_AT_ONCE: Final = 8 * 2**20


def all_reduce_gradients(group: Group, parameters: Sequence[Tensor], numbers: Sequence[float]) -> list[float]:
    """Replace the gradients of ``parameters`` by their sums over all processes, to the same bits in each; returns the
    sums of ``numbers`` (float64).

    A parameter that has no gradient in any process keeps None. Raises ProcessLost.
    """
    present = [float(each.grad is not None) for each in parameters]
    # In main memory: a process that has ended is noticed here, and not by a GPU that waits for it.
    table = torch.tensor([*numbers, *present], dtype=torch.float64)
    group.all_reduce(table)
    summed = table.tolist()
    used = [each for each, count in zip(parameters, summed[len(numbers) :], strict=True) if count]
    for bucket in buckets(used):
        flat = torch.cat([_gradient(each).flatten() for each in bucket])
        group.all_reduce(flat)
        for parameter, part in zip(bucket, flat.split([each.numel() for each in bucket]), strict=True):
            parameter.grad = part.view_as(parameter)
    return summed[: len(numbers)]


def buckets(parameters: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Consecutive parameters of one type, together at most ``MOST_AT_ONCE`` numbers unless one alone has more."""
    bucket: list[Tensor] = []
    for each in parameters:
        size = sum(other.numel() for other in bucket) + each.numel()
        if bucket and (size > MOST_AT_ONCE or each.dtype != bucket[0].dtype):
            yield bucket
            bucket = []
        bucket.append(each)
    if bucket:
        yield bucket


def _gradient(parameter: Tensor) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
