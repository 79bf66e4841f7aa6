"""Why a run has failed: what its last event says of an error."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.memory import is_out_of_memory
from workbench.engine.core.text import counted, grouped
from workbench.engine.distributed.group import ProcessLost
from workbench.engine.training.accumulation import more_parts, part_size
from workbench.engine.training.run_context import RunContext


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed run's last words, and the fields ``path``, ``code`` and ``details`` of RunEnded."""

    message: str
    path: str = ""
    code: str = ""
    details: str = ""


class OutOfMemory(WorkbenchError):
    """A training step did not fit into memory."""


def out_of_memory(run: RunContext) -> OutOfMemory:
    """What a failed allocation of a step becomes. To be asked for when no traceback holds the step's tensors."""
    run.state.optimizer.zero_grad()
    return OutOfMemory(_out_of_memory(run), "loop.accumulate")


def failure_of(error: Exception, run: RunContext) -> Failure:
    """What to say of ``error``, which has ended ``run``."""
    if isinstance(error, ProcessLost):
        return Failure(_lost(error, run), code="process_lost")
    gone = _gone_data(run)
    if gone and isinstance(error, (WorkbenchError, OSError)) and not isinstance(error, OutOfMemory):
        return Failure(f"{gone} is gone, so its files cannot be read. Bring it back and train again.", "data.source")
    if isinstance(error, OutOfMemory):
        return Failure(error.message, error.path, "out_of_memory")
    if isinstance(error, WorkbenchError):
        return Failure(error.message, error.path)
    if is_out_of_memory(error):
        return Failure("There is not enough memory. A smaller model or smaller inputs need less.", code="memory")
    words = str(error) or type(error).__name__
    return Failure(f"Training stopped because of an unexpected error: {words}", details=traceback.format_exc())


def _lost(error: ProcessLost, run: RunContext) -> str:
    """Why another process has ended, as far as it is known, and how the run goes on."""
    workers = run.together.workers if run.together is not None else None
    ended = workers.ended() if workers is not None else ""
    kept = "What was trained is kept; the run can go on from there." if run.state.progress.step else ""
    return " ".join(f"{each.rstrip('.')}." for each in (error.message, ended, kept) if each)


def _gone_data(run: RunContext) -> str:
    """The folder or file of the run's data, if it was removed while it trained; else empty."""
    source = run.spec.data.source
    where = getattr(source, "folder", "") or getattr(source, "file", "")
    return where if where and not Path(where).expanduser().exists() else ""


def _out_of_memory(run: RunContext) -> str:
    """The sentence with the way out: the batch in more parts, while one can be divided."""
    loop, step = run.spec.loop, run.state.progress.step + 1
    size = part_size(loop.batch_size, loop.accumulate)
    do = "does" if size == 1 else "do"
    head = f"Out of memory at step {grouped(step)}: {counted(size, 'example')} at a time {do} not fit."
    parts = more_parts(loop.batch_size, loop.accumulate)
    if parts is None:
        return f"{head} A smaller model or smaller inputs need less."
    return f"{head} In {parts} parts (loop.accumulate = {parts}) the batch gives the same update with less memory."
