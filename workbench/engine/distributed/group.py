"""The processes that train one run together. The first one (rank 0) speaks: it takes commands, writes files, reports.

Every process has the whole state and makes the same steps; the first one tells the others what to train, the state to
begin with, and each command at the step at which all of them obey it.
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

#: A process that is not there for a step after this time is given up: then something hangs.
STEP_TIMEOUT: Final = timedelta(minutes=10)
#: The first process may be paused for as long as one likes; its end is noticed at once.
_PAUSE_TIMEOUT: Final = timedelta(days=365)
#: Who fails says so before the connection ends, or at most this much later (seconds); who is killed never does.
_WORDS_SECONDS: Final = 1.0
_FAILED = "failed"


class ProcessLost(WorkbenchError):
    """Another process of this run has failed or ended. ``is_memory``: its memory did not suffice."""

    def __init__(self, message: str, is_memory: bool = False) -> None:
        super().__init__(message)
        self.is_memory = is_memory


class Group:
    """This process's place among the ``size`` processes of a run: it is the one with the number ``rank``.

    ``store`` connects them before the group is there, ``rank`` 0 has it. Tensors on a GPU are added by NCCL, those in
    main memory by gloo. A method that all must call together raises ProcessLost where another has gone.
    """

    def __init__(self, store: Store, rank: int, size: int, backend: str) -> None:
        self.rank, self.size, self._store = rank, size, store
        #: Whether this process was asked to end (a signal): the first one then stops the run, at the next step.
        self.is_asked = False
        #: Whether nothing can be said to the others any more.
        self.is_lost = False
        dist.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=STEP_TIMEOUT)
        self._control: Any = dist.new_group(backend="gloo", timeout=_PAUSE_TIMEOUT)

    @property
    def is_first(self) -> bool:
        """Whether this is the process that speaks."""
        return self.rank == 0

    def rows(self, total: int) -> tuple[int, int]:
        """The first of this process's rows of a batch of ``total``, and the one after its last; shares are even."""
        return total * self.rank // self.size, total * (self.rank + 1) // self.size

    # --- Together -----------------------------------------------------------------------------------------------

    def add_up(self, tensor: Tensor) -> None:
        """Put the sum of the ``tensor``s of all processes in its place; to the same bits in each."""
        with self._watched():
            dist.all_reduce(tensor)

    def gather(self, tensor: Tensor) -> Tensor:
        """The tensors (n,) of all processes, (size, n)."""
        rows = [torch.empty_like(tensor) for _ in range(self.size)]
        with self._watched():
            dist.all_gather(rows, tensor)
        return torch.stack(rows)

    def tell(self, words: bytes = b"") -> bytes:
        """What the first process has given to it; nothing, if that is empty. All others wait for it."""
        length = torch.tensor([len(words)])
        with self._watched():
            dist.broadcast(length, 0, group=self._control)
            if not length.item():
                return b""
            told = torch.frombuffer(bytearray(words), dtype=torch.uint8) if self.is_first else None
            told = told if told is not None else torch.empty(int(length.item()), dtype=torch.uint8)
            dist.broadcast(told, 0, group=self._control)
        return told.numpy().tobytes()

    def agreed(self, held: Sequence[Edit | Stop]) -> list[Edit | Stop]:
        """The commands that the first process holds; all obey them now."""
        words = [["edit", each.path, plain(each.value)] if isinstance(each, Edit) else ["stop"] for each in held]
        told = self.tell(json.dumps(words, default=str).encode() if words and self.is_first else b"")
        return [Edit(*each[1:]) if each[0] == "edit" else Stop() for each in json.loads(told or b"[]")]

    # --- The end ------------------------------------------------------------------------------------------------

    def fail(self, words: str, is_memory: bool = False) -> None:
        """Leave the others because this process has failed; ``words`` say how. They notice it at once."""
        if not self.is_lost:
            with suppress(RuntimeError):
                self._store.set(_FAILED, json.dumps([self.rank, words, is_memory]))
            self.leave()

    def leave(self) -> None:
        """Close the connections to the others."""
        self.is_lost = True
        with suppress(RuntimeError, ValueError, AssertionError):
            dist.destroy_process_group()

    def why_lost(self) -> ProcessLost:
        """What has become of another process, as it has said itself, if it could."""
        until = time.monotonic() + _WORDS_SECONDS
        with suppress(RuntimeError):
            while not (has_said := self._store.check([_FAILED])) and time.monotonic() < until:
                time.sleep(0.05)
            if has_said:
                rank, words, is_memory = json.loads(self._store.get(_FAILED))
                return ProcessLost(f"Process {rank + 1} of {self.size} has failed: {words}", is_memory)
        return ProcessLost(f"One of the {self.size} processes of this run has ended unexpectedly, so the run ends.")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """The error of a connection becomes ProcessLost."""
        if self.is_lost:
            raise self.why_lost()
        try:
            yield
        except RuntimeError as error:
            lost = self.why_lost()
            self.leave()
            raise lost from error
