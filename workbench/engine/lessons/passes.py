"""Passes of a trained network with its random layers switched on, beside the plain one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.catalog.surfaces import Array
from workbench.engine.lessons.real_runs import RealRun
from workbench.engine.playground.racer import one_thread

#: Examples on which activations are compared.
_EXAMPLES = 256


def random_passes(run: RealRun, passes: int) -> Array:
    """Class shares (passes, N, K) of the validation examples, random layers on and all others as in evaluation."""
    module, x = run.network, _validation(run)
    with _at_rest(module):
        return np.stack([_random(run, module, x, number).softmax(1).double().numpy() for number in range(passes)])


def plain_pass(run: RealRun) -> Array:
    """Class shares (N, K) of the validation examples in evaluation, where nothing is random."""
    module = run.network
    with _at_rest(module):
        found: Array = module(_validation(run)).softmax(1).double().numpy()
    return found


def labels(run: RealRun) -> Array:
    """The classes (N,) of the validation examples."""
    context = run.context
    return context.data.examples.labels_of(context.data.split.val).numpy()


def kept_share(run: RealRun, passes: int) -> float:
    """The mean over random passes of what comes out of the first random layer, as a multiple of what comes out in
    evaluation: the least squares factor over all units and examples; 1 if the expectation is kept. NaN without a random
    layer.
    """
    layers = run.context.network.stochastic
    if not layers:
        return float("nan")
    module, x = run.network, run.context.data.examples.batch(run.context.data.split.train[:_EXAMPLES])[0]
    seen: list[Tensor] = []
    hook = layers[0].register_forward_hook(lambda _layer, _inputs, output: seen.append(output.double()))
    try:
        with _at_rest(module):
            module(x)
            for number in range(passes):
                _random(run, module, x, number)
    finally:
        hook.remove()
    plain, mean = seen[0], torch.stack(seen[1:]).mean(0)
    return float((mean * plain).sum() / plain.square().sum())


def _validation(run: RealRun) -> Tensor:
    context = run.context
    return context.data.examples.batch(context.data.split.val)[0]


def _random(run: RealRun, module: nn.Module, x: Tensor, number: int) -> Tensor:
    """One pass; what is random in it follows from the run's seed and ``number``."""
    for layer in run.context.network.stochastic:
        layer.train()
        layer.at_pass(run.spec.loop.seed, number)
    answers: Tensor = module(x)
    return answers


@contextmanager
def _at_rest(module: nn.Module) -> Iterator[None]:
    """The network in evaluation, in one thread and without gradients; afterwards it is in training again."""
    module.eval()
    with one_thread(), torch.inference_mode():
        yield
    module.train()
