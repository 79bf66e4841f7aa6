"""Beginning and end of a run that several processes train."""

from __future__ import annotations

import io

import torch

from workbench.engine.distributed.joining import GroupOfRun
from workbench.engine.training.failure import Failure
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.shared_step import SharedStep


def train_together(run: RunContext, together: GroupOfRun | None) -> None:
    """Let the processes of ``together`` share the batches of ``run``, which has not begun; nothing for None.

    Callbacks that only observe run in rank 0: it has the activations of its own rows, and the summed gradients.
    """
    if together is None:
        return
    run.together, group = together, together.group
    run.channel.broadcast_to(group)
    run.step = SharedStep(run.data.examples, run.network, run.state, group, run.channel)
    if not group.is_first:
        run.state.callbacks = [each for each in run.state.callbacks if each.every_rank]


def take_state(run: RunContext) -> None:
    """Broadcast the state with which rank 0 begins to the other processes; nothing for a single process."""
    if run.together is None:
        return
    group, file = run.together.group, io.BytesIO()
    if group.is_first:
        torch.save(run.state.state(), file)
        group.broadcast(file.getvalue())
        return
    state = torch.load(io.BytesIO(group.broadcast()), map_location=run.where.device, weights_only=True)
    run.state.restore(state)


def train_no_more(run: RunContext, failure: Failure | None = None) -> None:
    """Training has ended: what follows is done by each rank for itself. A ``failure`` is reported to the others."""
    run.channel.end_broadcast()
    if run.together is not None and failure is not None:
        run.together.group.fail(failure.message, failure.code in ("memory", "out_of_memory"))


def close_group(run: RunContext) -> None:
    """End the processes that were started for ``run``."""
    if run.together is not None:
        run.together.close()
