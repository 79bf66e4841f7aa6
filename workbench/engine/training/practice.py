"""Steps of a throw-away copy, without evaluations and events: for the learning-rate finder and for timing."""

from __future__ import annotations

from workbench.engine.core.progress import finished
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.train_step import StepResult


def practice_step(run: RunContext, rate: float) -> StepResult:
    """Do one update at ``rate`` and move on to the next batch. ``run`` must not be trained on afterwards."""
    progress = run.state.progress
    if progress.batch >= run.batches.per_epoch:
        progress.epoch += 1
        progress.offset = progress.batch = 0
    run.state.network.train()
    run.network.reuse.apply(run.state)
    for _ in run.network.reuse.prepare(run.spec, run.data.examples, run.data.split):
        pass
    result = finished(run.step(run.batches.next(), rate))
    progress.count(result.loss, result.hits, result.size, rate)
    run.steps.append(result.loss, result.hits / result.size, rate, result.norm, run.channel.seconds())
    return result
