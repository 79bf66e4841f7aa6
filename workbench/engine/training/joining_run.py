"""A run that several processes train: how it becomes one, and how it ends."""

from __future__ import annotations

import io

import torch

from workbench.engine.distributed.joining import GroupOfRun
from workbench.engine.training.failure import Failure
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.shared_step import SharedStep
from workbench.engine.training.snapshot_ensemble import SnapshotEnsemble
from workbench.engine.training.weight_averaging import WeightAverage


def train_together(run: RunContext, together: GroupOfRun | None) -> None:
    """Let the processes of ``together`` share the batches of ``run``, which has not begun; nothing without them.

    Only the first one observes layers and parameters: it sees the activations of its own rows, and all gradients.
    """
    if together is None:
        return
    run.together, group = together, together.group
    run.channel.obey_together(group)
    run.step = SharedStep(run.data.examples, run.network, run.state, group, run.channel)
    if not group.is_first:
        run.state.callbacks = [c for c in run.state.callbacks if isinstance(c, WeightAverage | SnapshotEnsemble)]


def take_state(run: RunContext) -> None:
    """Give the other processes the state with which the first one begins; nothing where one trains alone."""
    if run.together is None:
        return
    group, file = run.together.group, io.BytesIO()
    if group.is_first:
        torch.save(run.state.state(), file)
        group.tell(file.getvalue())
        return
    state = torch.load(io.BytesIO(group.tell()), map_location=run.where.device, weights_only=True)
    run.state.restore(state)


def train_no_more(run: RunContext, failure: Failure | None = None) -> None:
    """Training has ended: from now on the first process works alone. After a ``failure`` the others are told so."""
    run.channel.obey_alone()
    if run.together is not None and failure is not None:
        run.together.group.fail(failure.message, failure.code in ("memory", "out_of_memory"))


def close_group(run: RunContext) -> None:
    """End the processes that were started for ``run``."""
    if run.together is not None:
        run.together.close()
