"""The signal before and behind batch norm, of some training examples in a run's network as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from workbench.engine.core.randomness import permutation
from workbench.engine.training.run_context import RunContext

#: Training examples that go through the network.
EXAMPLES = 256


@dataclass(frozen=True, slots=True)
class Spread:
    """Over the examples: the largest absolute mean of a unit, and the mean of the units' standard deviations."""

    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class Signal:
    """One hidden layer: what its matrix gives out, and what reaches its activation. Without batch norm both are one."""

    before: Spread
    behind: Spread


def signals(run: RunContext) -> list[Signal]:
    """The hidden layers of a fully connected network in training mode. Afterwards the run is as before: the running
    statistics of batch norm are put back."""
    network, train = run.network.module, run.data.split.train
    part = train[permutation(len(train), run.initial.loop.seed, 0)[:EXAMPLES]]
    kept = [buffer.clone() for buffer in network.buffers()]
    was_training = network.training
    network.train()
    with torch.no_grad():
        with _listening(network) as heard:
            network(run.data.examples.batch(part)[0])
        for buffer, before in zip(network.buffers(), kept, strict=True):
            buffer.copy_(before)
    network.train(was_training)
    return [Signal(_spread(a), _spread(b)) for a, b in heard]


@contextmanager
def _listening(network: nn.Module) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """For each hidden layer what its matrix gives out, and what reaches the activation behind it."""
    heard: list[tuple[Tensor, Tensor]] = []
    given: list[Tensor] = []
    handles = []
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear):
            handles.append(module.register_forward_hook(lambda _, inputs, output: given.append(output)))
        elif name.endswith("_act"):
            take = lambda _, inputs: heard.append((given[-1], inputs[0]))  # noqa: E731
            handles.append(module.register_forward_pre_hook(take))
    try:
        yield heard
    finally:
        for handle in handles:
            handle.remove()


def _spread(x: Tensor) -> Spread:
    return Spread(float(x.mean(0).abs().max()), float(x.std(0, correction=0).mean()))
