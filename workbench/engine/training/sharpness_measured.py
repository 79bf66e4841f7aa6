"""The Hessian's largest eigenvalue of a run's loss, at an evaluation."""

from __future__ import annotations

from torch import Tensor

from workbench.engine.core.events import Notice
from workbench.engine.diagnostics.speed_limit import Sharpness, measured_examples
from workbench.engine.nn.losses import minimized
from workbench.engine.training.run_context import RunContext


def measured_sharpness(run: RunContext, rate: float) -> Sharpness | None:
    """Of the loss that training minimizes, penalties and augmentation apart, with dropout off and batch norm at its
    running statistics. ``rate`` is the effective learning rate of the next step. None for a network that is too large,
    and while pictures are still being decoded.
    """
    if run.data.examples.arriving is not None:
        return None
    chosen = measured_examples(run.data.split.train, run.spec.data.split_seed)
    module, examples = run.network.reuse.shortcut(run.state.network, run.data.examples)
    smoothing = sum(each.label_smoothing() for each in run.spec.regularization)
    weights = run.data.examples.class_weights

    def loss() -> Tensor:
        x, y = examples.batch(chosen)
        return minimized(module(x), y, smoothing, weights)

    was_training = run.state.network.training
    run.state.network.eval()
    try:
        return run.speed_limit.measure(loss, run.spec, rate)
    finally:
        run.state.network.train(was_training)


def sharpness_notes(run: RunContext) -> list[Notice]:
    """What is to be known of the curve, once, when it is wanted."""
    words = run.speed_limit.note(run.spec) if run.spec.loop.speed_limit else ""
    return [Notice(run.state.progress.step, "speed_limit", words, "info")] if words else []
