"""The rows of a batch that this process computes, where several processes share each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class BatchShare:
    """Rows ``start`` to ``stop`` (exclusive) of a batch of ``total`` rows, at least 1, are this process's.

    A process without a row computes one of another process (see ``rows``) and weighs it 0: every process then runs the
    same layers. ``all_gather`` gives the (n,) tensors of all processes as (processes, n), in the order of ranks.
    """

    start: int
    stop: int
    total: int
    all_gather: Callable[[Tensor], Tensor]

    @property
    def count(self) -> int:
        """How many rows are this process's; may be 0."""
        return self.stop - self.start

    @property
    def rows(self) -> slice:
        """The rows that are computed, at least one."""
        first = min(self.start, self.total - 1)
        return slice(first, max(self.stop, first + 1))


_CURRENT: ContextVar[BatchShare | None] = ContextVar("share of the batch", default=None)


def current_share() -> BatchShare | None:
    """The share of the forward pass under way in this thread; None where it has the whole batch."""
    return _CURRENT.get()


@contextmanager
def sharing(share: BatchShare) -> Iterator[None]:
    """Within it a forward pass over the rows of ``share`` gives them what it would in one over the whole batch: layers
    draw for all of its rows, and batch norm in training mode has the statistics of all of them."""
    from workbench.engine.nn.shared_batch_norm import SharedBatchNorm

    token = _CURRENT.set(share)
    try:
        with SharedBatchNorm(share):
            yield
    finally:
        _CURRENT.reset(token)
