"""The gradient check: autograd against centred differences, on a float64 copy with batch and masks of a step fixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job, Loading, translated
from workbench.engine.core.randomness import mixed
from workbench.engine.core.text import grouped
from workbench.engine.data.store import DataStore
from workbench.engine.diagnostics.weight_index import WeightIndex
from workbench.engine.experiments.network_copy import network_copy
from workbench.engine.report.differences import GradientCheck
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from torch import Tensor, nn

    from workbench.engine.training.run_context import RunContext

#: Other numbers of the parameter that are checked as well.
OTHERS: Final = 20
#: The largest network, in parameters: each number that is checked takes six forward passes in float64.
MOST_PARAMETERS: Final = 30_000_000
#: At most this many examples of a step.
MOST_EXAMPLES: Final = 2048


def gradient_check(
    spec: ExperimentSpec, data: DataStore, place: WeightIndex, saved: dict[str, Any] | None
) -> Job[GradientCheck]:
    """Check the gradient of the number ``place`` and of OTHERS more of its parameter, in the next step of ``saved``.

    ``saved`` is a copy of a run's state (see ``TrainState.state``), or None for the start of ``spec``. Raises
    WorkbenchError with a sentence for the user where it cannot be done.
    """
    with data.reader():
        run = yield from network_copy(spec, data, saved)
        _refuse(run)
        parameter = _parameter(run, place)
        batch = list(_batch(run))
        in_training = _gradient(_loss_of(run, batch), parameter, place.index)
        run.state.network.double()
        return (yield from _compared(run, place, parameter, _in_double(batch), in_training))


def _compared(
    run: RunContext, place: WeightIndex, parameter: nn.Parameter, batch: list[Part], in_training: float
) -> Job[GradientCheck]:
    from workbench.engine.diagnostics.central_differences import differences

    step = run.state.progress.step
    others = _others(place, parameter.numel(), mixed(run.spec.loop.seed, step, place.name))
    total = 1 + len(others)
    work = differences(_loss_of(run, batch), parameter, [place.index, *others])
    watched, *rest = yield from translated(work, lambda done: Loading(done, total, "Checking the gradient"))
    examples = sum(len(y) for _, y in batch)
    return GradientCheck(step, place.name, examples, watched, tuple(rest), in_training, tuple(_notes(run, examples)))


#: Inputs (B, …) and labels of a part of a batch.
Part = tuple["Tensor", "Tensor"]


def _refuse(run: RunContext) -> None:
    from workbench.engine.nn.stochastic_layers import StochasticLayer

    if run.network.parameters > MOST_PARAMETERS:
        raise WorkbenchError(
            f"The network has {grouped(run.network.parameters)} parameters; the check is made up to "
            f"{grouped(MOST_PARAMETERS)}, because every number takes six forward passes in double precision."
        )
    if run.where.device == "mps":
        raise WorkbenchError("Apple's GPUs have no double precision. Train on the CPU to check the gradient.")
    for name, module in run.state.network.named_modules():
        if not isinstance(module, StochasticLayer) and _draws(module):
            raise WorkbenchError(
                f"The network brings a random layer of its own ({name}), whose masks cannot be repeated; without equal "
                "masks the losses cannot be compared."
            )


def _draws(module: nn.Module) -> bool:
    """Whether a layer of another library draws random numbers in training."""
    from torch.nn.modules.dropout import _DropoutNd

    share = module.p if isinstance(module, _DropoutNd) else getattr(module, "drop_prob", 0.0)
    return isinstance(share, int | float) and share > 0


def _parameter(run: RunContext, place: WeightIndex) -> nn.Parameter:
    found = dict(run.state.network.named_parameters()).get(place.name)
    if found is None or place.index >= found.numel():
        raise WorkbenchError(f"The network has no number {place}.")
    if not found.requires_grad:
        raise WorkbenchError(f"{place.name} is frozen: it has no gradient.")
    return found


def _batch(run: RunContext) -> Iterator[Part]:
    """The batch of the next step, in the parts in which the step computes it."""
    from workbench.engine.data.split import batch_borders
    from workbench.engine.training.accumulation import part_borders, part_size

    loop, indices = run.spec.loop, run.batches.next()
    if run.spec.optimizer.full_batch:
        borders = batch_borders(len(indices), part_size(loop.batch_size, loop.accumulate))
    else:
        borders = part_borders(len(indices), loop.accumulate)
    _, examples = run.network.reuse.shortcut(run.state.network, run.data.examples)
    for start, stop in pairwise(borders):
        if stop <= MOST_EXAMPLES or start == 0:
            part = indices[start : min(stop, start + MOST_EXAMPLES)]
            yield examples.training_batch(part, run.spec.augmentations, loop.seed, run.state.progress.epoch)


def _in_double(batch: list[Part]) -> list[Part]:
    return [(x.double(), y.double() if y.is_floating_point() else y) for x, y in batch]


def _loss_of(run: RunContext, batch: list[Part]) -> Callable[[], Tensor]:
    """The loss that the step minimizes, penalties apart, in the precision of ``batch``."""
    from workbench.engine.nn.losses import minimized

    module, _ = run.network.reuse.shortcut(run.state.network, run.data.examples)
    smoothing = sum(each.label_smoothing() for each in run.spec.regularization)
    weights = run.data.examples.class_weights
    weights = weights if weights is None else weights.to(batch[0][0].dtype)
    total, seed, step = sum(len(y) for _, y in batch), run.spec.loop.seed, run.state.progress.step

    def loss() -> Tensor:
        parts = []
        for number, (x, y) in enumerate(batch):
            for layer in run.network.stochastic:
                layer.at(seed, step, number)
            parts.append(minimized(module(x), y, smoothing, weights) * (len(y) / total))
        return sum(parts[1:], start=parts[0])

    return loss


def _gradient(loss_of: Callable[[], Tensor], parameter: nn.Parameter, index: int) -> float:
    import torch

    (gradient,) = torch.autograd.grad(loss_of(), [parameter], allow_unused=True)
    return 0.0 if gradient is None else float(gradient.flatten()[index])


def _others(place: WeightIndex, size: int, seed: int) -> list[int]:
    """Distinct random indices, without that of ``place``."""
    import numpy as np

    drawn = np.random.default_rng(seed).choice(size, min(size, OTHERS + 1), replace=False).tolist()
    return [index for index in drawn if index != place.index][:OTHERS]


def _notes(run: RunContext, examples: int) -> Iterator[str]:
    weights = [p for p in run.state.network.parameters() if p.dim() >= 2]
    penalties = [each.title for each in run.spec.regularization if each.penalty([*weights]) is not None]
    decay = ["weight decay"] if run.spec.optimizer.weight_decay else []
    left = [*penalties, *decay]
    if left:
        yield f"Compared is the gradient of the loss alone; {' and '.join(left)} come on top of it in the update."
    wanted = len(run.batches.next())
    if examples < wanted:
        yield f"Of the {grouped(wanted)} examples of the step the first {grouped(examples)} are used."
