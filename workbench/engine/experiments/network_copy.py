"""A throw-away copy of a run, for what is measured of a network while its run goes on or before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.engine.core.progress import Job, Loading
from workbench.engine.data.store import DataStore
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import loads

if TYPE_CHECKING:
    from workbench.engine.training.run_context import RunContext


def network_copy(spec: ExperimentSpec, data: DataStore, saved: dict[str, Any] | None) -> Job[RunContext]:
    """A run with the state ``saved`` of its own, which says itself of which settings it is; without one at the start of
    ``spec``, of an ensemble the first member's. To be called where ``data`` has a reader.

    Its network is ready for the next step. Raises WorkbenchError with a sentence for the user.
    """
    from workbench.engine.training.set_up import set_up

    own = loads(saved["spec"]) if saved is not None else spec.ensemble.members_of(spec)[0]
    dataset = yield from data.loading(own.data.source)
    yield Loading(0, 0, "Copying the network")
    run = set_up(own, dataset=dataset)
    if saved is not None:
        run.state.restore(saved)
    progress = run.state.progress
    if progress.batch >= run.batches.per_epoch:
        progress.epoch += 1
        progress.offset = progress.batch = 0
    run.state.network.train()
    run.network.reuse.apply(run.state)
    for done, total in run.network.reuse.prepare(run.spec, run.data.examples, run.data.split):
        yield Loading(done, total, "Computing features")
    return run
