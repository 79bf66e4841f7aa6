"""When a run counts as diverged: a loss or gradient that is NaN or infinite, or a loss far above that of guessing."""

from __future__ import annotations

import math

from workbench.engine.core.events import Measured, Notice
from workbench.engine.core.text import grouped, short
from workbench.engine.nn.tensors import all_finite
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.train_step import StepResult

#: A loss this many times that of guessing and of the first batch is called diverged even if it is still a number.
DIVERGED_FACTOR = 1000.0


def report_divergence(run: RunContext, result: StepResult, rate: float) -> EventStream:
    """Record a step that changed nothing because its loss or gradient is not finite, and say so."""
    run.steps.append(result.loss, math.nan, rate, result.norm, run.channel.seconds())
    yield from run.channel.offer(_diverged(run.state.progress.step, result))
    yield from run.channel.obey_held()


def warn_of_large_loss(run: RunContext, result: StepResult) -> EventStream:
    """Send a warning if the loss of the step that was just counted is far too large; once until it recovers."""
    progress = run.state.progress
    if result.loss <= DIVERGED_FACTOR * progress.first_loss or progress.warned_large:
        return
    if result.loss > DIVERGED_FACTOR * _guessing(run):
        progress.warned_large = True
        yield from run.channel.offer(_diverged(progress.step - 1, result))


def is_eligible(run: RunContext, val: Measured) -> bool:
    """Whether a measurement may count as the best: not that of a network which has diverged or holds NaN."""
    if not math.isfinite(val.loss) or (run.state.progress.warned_large and val.loss >= _guessing(run)):
        return False
    return all_finite(run.state.network.state_dict())


def note_recovery(run: RunContext, measured: Measured | None) -> None:
    """A network that is better than guessing again has not diverged for good."""
    if measured is not None and measured.loss < _guessing(run):
        run.state.progress.warned_large = False


def has_diverged(run: RunContext) -> bool:
    """Whether the loss grew far too large and no measurement since was better than guessing."""
    return run.state.progress.warned_large


def _guessing(run: RunContext) -> float:
    """The loss (nats) of a network that gives every class the same probability."""
    return math.log(max(2, len(run.data.classes)))


def _diverged(step: int, result: StepResult) -> Notice:
    """The notice that the 0-based ``step`` has diverged: an error if its loss or gradient is not finite."""
    what = f"grew to {short(result.loss, 3)}" if result.finite else "is NaN or infinite"
    return Notice(
        step,
        "diverged",
        f"Training diverged at step {grouped(step + 1)}: the loss {what}. The learning rate is probably too high.",
        "warning" if result.finite else "error",
    )
