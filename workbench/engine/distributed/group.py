"""The process group of a run that several processes train. Rank 0 takes the commands, writes the files and reports.

Every process has the whole state and makes the same steps. Rank 0 broadcasts the settings to train, the state to begin
with, and each command at the step at which every rank executes it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import torch
import torch.distributed as dist
from torch import Tensor

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Edit, Stop
from workbench.engine.spec.experiment import plain

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

#: Timeout of a collective call of a training step: a process that has not joined it by then hangs.
STEP_TIMEOUT: Final = timedelta(minutes=10)
#: Timeout of a broadcast: rank 0 may be paused for long. Its end closes the connection, which is noticed at once.
_PAUSE_TIMEOUT: Final = timedelta(days=365)
#: How long (seconds) the reason of a process that failed is waited for; one that was killed gives none.
_REASON_SECONDS: Final = 1.0
_FAILED = "failed"


class ProcessLost(WorkbenchError):
    """Another process of this run has failed or ended. ``is_memory``: its memory did not suffice."""

    def __init__(self, message: str, is_memory: bool = False) -> None:
        super().__init__(message)
        self.is_memory = is_memory


class Group:
    """The process group of a run as process ``rank`` of ``size`` has it.

    ``store`` is the key-value store of torch.distributed, which rank 0 serves. Tensors on a GPU are summed by NCCL,
    those in main memory by gloo. Collective methods, which every rank must call, raise ProcessLost where another
    process has ended.
    """

    def __init__(self, store: Store, rank: int, size: int, backend: str) -> None:
        self.rank, self.size, self._store = rank, size, store
        #: Whether a signal has asked this process to end: rank 0 then stops the run, at the next step.
        self.is_asked = False
        #: Whether the connections to the other processes are closed.
        self.is_lost = False
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=STEP_TIMEOUT)
        self._control: Any = dist.new_group(backend="gloo", timeout=_PAUSE_TIMEOUT)

    @property
    def is_first(self) -> bool:
        """Whether this is rank 0."""
        return self.rank == 0

    def rows(self, total: int) -> tuple[int, int]:
        """The first of this process's rows of a batch of ``total``, and the one after its last; shares are even."""
        return total * self.rank // self.size, total * (self.rank + 1) // self.size

    # --- Collective calls ---------------------------------------------------------------------------------------

    def all_reduce(self, tensor: Tensor) -> None:
        """Replace ``tensor`` by the sum of those of all ranks, in place; the same bits in each."""
        with self._watched():
            dist.all_reduce(tensor)

    def all_gather(self, tensor: Tensor) -> Tensor:
        """The tensors (n,) of all ranks, (size, n) in the order of ranks."""
        rows = [torch.empty_like(tensor) for _ in range(self.size)]
        with self._watched():
            dist.all_gather(rows, tensor)
        return torch.stack(rows)

    def broadcast(self, data: bytes = b"") -> bytes:
        """The ``data`` of rank 0, in every rank; that of other ranks is ignored. They wait for rank 0."""
        length = torch.tensor([len(data)])
        with self._watched():
            dist.broadcast(length, 0, group=self._control)
            if not length.item():
                return b""
            if self.is_first:
                buffer = torch.frombuffer(bytearray(data), dtype=torch.uint8)
            else:
                buffer = torch.empty(int(length.item()), dtype=torch.uint8)
            dist.broadcast(buffer, 0, group=self._control)
        return buffer.numpy().tobytes()

    def broadcast_commands(self, held: Sequence[Edit | Stop]) -> list[Edit | Stop]:
        """The commands that rank 0 has held back until now, in every rank."""
        lines = [["edit", each.path, plain(each.value)] if isinstance(each, Edit) else ["stop"] for each in held]
        received = self.broadcast(json.dumps(lines, default=str).encode() if lines and self.is_first else b"")
        return [Edit(*each[1:]) if each[0] == "edit" else Stop() for each in json.loads(received or b"[]")]

    # --- The end ------------------------------------------------------------------------------------------------

    def fail(self, words: str, is_memory: bool = False) -> None:
        """Leave the group because this process has failed; ``words`` are the reason, which the other ranks report."""
        if not self.is_lost:
            with suppress(RuntimeError):
                self._store.set(_FAILED, json.dumps([self.rank, words, is_memory]))
            self.leave()

    def leave(self) -> None:
        """Close the connections to the other processes."""
        self.is_lost = True
        with suppress(RuntimeError, ValueError, AssertionError):
            dist.destroy_process_group()

    def why_lost(self) -> ProcessLost:
        """The error for another process that has ended, with the reason that it has reported, if it could."""
        until = time.monotonic() + _REASON_SECONDS
        with suppress(RuntimeError):
            while not (has_reason := self._store.check([_FAILED])) and time.monotonic() < until:
                time.sleep(0.05)
            if has_reason:
                rank, words, is_memory = json.loads(self._store.get(_FAILED))
                return ProcessLost(f"Process {rank + 1} of {self.size} has failed: {words}", is_memory)
        return ProcessLost(f"One of the {self.size} processes of this run has ended unexpectedly, so the run ends.")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Inside, an error of a connection becomes ProcessLost."""
        if self.is_lost:
            raise self.why_lost()
        try:
            yield
        except RuntimeError as error:
            lost = self.why_lost()
            self.leave()
            raise lost from error
