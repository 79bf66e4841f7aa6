"""Making the process group of a run, whose processes torchrun has started, or rank 0 starts."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import torch
import torch.distributed as dist

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped
from workbench.engine.distributed.group import Group
from workbench.engine.distributed.workers import Workers
from workbench.engine.spec.experiment import ExperimentSpec, LoopSpec
from workbench.engine.spec.toml import dumps

if TYPE_CHECKING:
    from torch.distributed.distributed_c10d import Store

#: Timeout (seconds) of the start of the processes of a run; they import torch first.
START: Final = 300.0
_LOOK_EVERY: Final = 0.05


class _Here:
    """The groups of this process."""

    group: Group | None = None  #: The group of all of its runs, where torchrun or rank 0 has started this process.
    is_first_of_own = False  #: Whether it is rank 0 of a group whose other processes it has started.


def joined() -> Group:
    """The group of this process, which was started as one of several; waits for the others."""
    if _Here.group is None:
        # Imported here: only some builds of torch have it.
        from torch.distributed.distributed_c10d import PrefixStore
        from torch.distributed.rendezvous import rendezvous

        store, rank, size = next(rendezvous("env://", timeout=timedelta(seconds=START)))
        use_device(int(os.environ.get("LOCAL_RANK", rank)))
        store.set(f"there/{rank}", "")
        _Here.group = Group(PrefixStore("run", store), rank, size, backend())
    return _Here.group


def group_for(spec: ExperimentSpec) -> Generator[Loading, None, GroupOfRun | None]:
    """The processes that train ``spec``, to which rank 0 has broadcast it; None for a single process.

    Yields progress while they start. Raises WorkbenchError.
    """
    found, size = _Here.group, spec.loop.processes
    if size == 1:
        return None
    if found is not None and found.size != size:
        raise WorkbenchError(f"{found.size} processes were started, and the settings want {size}.", "loop.processes")
    refuse_too_many(int(os.environ.get("LOCAL_WORLD_SIZE", size)), gpus(spec.loop.device))
    made = GroupOfRun(found, None) if found is not None else (yield from started(spec.loop))
    if made.group.is_first:
        made.group.broadcast(dumps(spec).encode())
    return made


class GroupOfRun:
    """The ``group`` of one run; ``workers`` are its processes where they were started for it."""

    def __init__(self, group: Group, workers: Workers | None) -> None:
        self.group, self.workers = group, workers

    def close(self) -> None:
        """The run has ended: end the processes that were started for it. Those of torchrun wait for the next run."""
        if self.workers is None:
            return
        _Here.is_first_of_own = False
        if not self.group.is_lost:
            with suppress(WorkbenchError):
                self.group.broadcast()
            self.group.leave()
        self.workers.close()
        self.workers = None


def belong_to(group: Group | None) -> None:
    """Use ``group`` for all runs of this process from now on; None: a group for each run, as its settings say."""
    _Here.group = group


def started(loop: LoopSpec) -> Generator[Loading, None, GroupOfRun]:
    """Start the other processes that ``loop`` wants, and wait for them. Yields progress. Raises WorkbenchError."""
    if _Here.is_first_of_own:
        raise WorkbenchError(
            "Another run of this program is being trained by several processes; wait for its end, or train with one.",
            "loop.processes",
        )
    if not dist.is_available():
        raise WorkbenchError("This build of PyTorch cannot connect processes. Train with one.", "loop.processes")
    from torch._C._distributed_c10d import TCPStore
    from torch.distributed.distributed_c10d import PrefixStore

    size = loop.processes
    store = TCPStore("127.0.0.1", 0, size, is_master=True, wait_for_workers=False)
    workers = Workers(size, store.port)
    _Here.is_first_of_own = True
    try:
        yield from _all_there(store, workers)
        use_device(0)
        return GroupOfRun(Group(PrefixStore("run", store), 0, size, backend()), workers)
    except BaseException:
        _Here.is_first_of_own = False
        workers.close(patience=0.0)
        raise


def refuse_too_many(size: int, gpus: int) -> None:
    """Raise WorkbenchError if ``size`` processes cannot each have one of the ``gpus`` of this machine; without a GPU
    they share the processor."""
    if 0 < gpus < size:
        words = f"{size} processes need a GPU each, and this machine has {gpus}. Choose at most {gpus}."
        raise WorkbenchError(words, "loop.processes")


def gpus(device: str) -> int:
    """How many GPUs there are for the setting ``device``."""
    return torch.cuda.device_count() if device in ("auto", "cuda") and torch.cuda.is_available() else 0


def _all_there(store: Store, workers: Workers) -> Generator[Loading, None, None]:
    keys, until = [f"there/{rank}" for rank in range(1, workers.size)], time.monotonic() + START
    while not store.check(keys):
        words = workers.ended()
        if words or time.monotonic() > until:
            raise WorkbenchError(words or f"The other processes did not start within {grouped(START)} seconds.")
        yield Loading(0, 0, f"Starting {workers.size} processes")
        time.sleep(_LOOK_EVERY)


def use_device(number: int) -> None:
    """From now on ``cuda`` is the GPU with this number, where there are several."""
    if torch.cuda.is_available() and torch.cuda.device_count() > 1:
        torch.cuda.set_device(number % torch.cuda.device_count())


def backend() -> str:
    """The backend of torch.distributed for each type of device."""
    return "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"
