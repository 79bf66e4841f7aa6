"""Which implementation of TrainStep computes the steps of one or several runs, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from torch import nn

from workbench.engine.nn.torch_workarounds import ACTIVATION_BACKWARD
from workbench.engine.training.run_context import RunContext

#: Matrices of larger models fill the processor by themselves (parameters).
MOST_WEIGHTS = 1_000_000


@dataclass(frozen=True, slots=True)
class StepChoice:
    """``torch``: each run by autograd and its own optimizer; ``stacked``: all as one, the backward pass written out.

    ``reason`` says why it is not the faster one; empty if it is.
    """

    kind: Literal["torch", "stacked"]
    reason: str


def choose_step(runs: Sequence[RunContext]) -> StepChoice:
    """Choose for ``runs`` that take their steps in turn. The numbers of both agree within float32 rounding."""
    reason = _why_not_stacked(runs)
    return StepChoice("torch" if reason else "stacked", reason)


def _why_not_stacked(runs: Sequence[RunContext]) -> str:
    first = runs[0]
    spec = first.initial
    if any(run.initial.edited("loop.seed", 0) != spec.edited("loop.seed", 0) for run in runs):
        return "the members differ in more than the seed"
    if not first.network.arithmetic.is_float32:
        return "the passes are computed in bfloat16"
    if not all(
        type(layer) in (nn.Flatten, nn.Linear, *ACTIVATION_BACKWARD) for layer in first.network.module.children()
    ):
        return "the model is not a plain MLP without batch norm and dropout"
    if not all(parameter.requires_grad for parameter in first.network.module.parameters()):
        return "a part of the model is frozen"
    if first.network.parameters > MOST_WEIGHTS:
        return "the model is large enough to fill the processor by itself"
    if spec.optimizer.full_batch or not spec.optimizer.elementwise:
        return f"{spec.optimizer.title} does not treat every weight by itself"
    if spec.loop.accumulate > 1:
        return "the batch is computed in parts"
    if spec.data.class_weights:
        return "the classes are weighted in the loss"
    if spec.augmentations or not all(regularizer.elementwise for regularizer in spec.regularization):
        return "augmentation or regularization draws for every member"
    if spec.schedule.remembers:
        return "the schedule looks at each member's own measurements"
    return "early stopping ends members one by one" if spec.loop.patience is not None else ""
