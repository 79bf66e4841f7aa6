"""Pairs of trained networks and the straight line between their weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.randomness import permutation
from workbench.engine.data.split import Indices
from workbench.engine.lessons.still_run import StillRun
from workbench.engine.playground.racer import one_thread
from workbench.engine.spec.experiment import ExperimentSpec


@dataclass(frozen=True)
class Way:
    """How a network of ``spec`` is trained: in the order of its seed, and from step ``fork_at`` on in that of
    ``order``.
    """

    spec: ExperimentSpec
    steps: int
    fork_at: int
    order: int


@lru_cache(maxsize=8)
def trained(way: Way) -> Tensor:
    """All weights (P,) at the end of ``way``. Raises WorkbenchError as a run does."""
    run = StillRun(way.spec)
    with one_thread():
        for step in range(way.steps):
            order = way.spec.loop.seed if step < way.fork_at else way.order
            run.optimizer.zero_grad()
            run.loss(_batch(run, order, step, way.spec.loop.batch_size), step).backward()
            run.optimizer.step()
    return parameters_to_vector(run.parameters).detach()


def _batch(run: StillRun, order: int, step: int, size: int) -> Indices:
    per_epoch = max(1, len(run.train) // size)
    epoch, place = divmod(step, per_epoch)
    found: Indices = run.train[permutation(len(run.train), order, epoch)[place * size : (place + 1) * size]]
    return found


def matched(run: StillRun, one: Tensor, other: Tensor) -> Tensor:
    """``other`` with the hidden units of each layer renumbered so that they fit those of ``one``: the network computes
    the same.

    Units are paired by the correlation of their outputs on the training examples, all at once (the assignment problem,
    Kuhn's Hungarian method; Li et al. 2015).
    """
    from scipy.optimize import linear_sum_assignment  # comes with scikit-learn

    outputs = [_hidden(run, weights) for weights in (one, other)]
    _put(run, other)
    layers = [layer for layer in run.module.modules() if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for place, (own, others) in enumerate(zip(*outputs, strict=True)):
            order = torch.from_numpy(linear_sum_assignment(_correlations(own, others), maximize=True)[1])
            for parameter in layers[place].parameters():
                parameter.copy_(parameter[order].clone())
            layers[place + 1].weight.copy_(layers[place + 1].weight[:, order].clone())
    return parameters_to_vector(run.parameters).detach()


def _put(run: StillRun, weights: Tensor) -> None:
    """Give the network these weights (P,); it gets a copy, since torch would let it write into them."""
    vector_to_parameters(weights.clone(), run.parameters)


def _hidden(run: StillRun, weights: Tensor) -> list[Array]:
    """The inputs (N, units) of each linear layer but the first, which are the outputs of the hidden layers."""
    _put(run, weights)
    found: list[Array] = []
    layers = [layer for layer in run.module.modules() if isinstance(layer, nn.Linear)]
    hooks = [layer.register_forward_pre_hook(lambda _, x: found.append(x[0].double().numpy())) for layer in layers[1:]]
    run.shares(run.train)
    for hook in hooks:
        hook.remove()
    return found


def _correlations(one: Array, other: Array) -> Array:
    """Between the columns of both; 0 where one is constant."""
    parts = [(x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1.0) for x in (one, other)]
    found: Array = parts[0].T @ parts[1] / len(one)
    return found


def along(run: StillRun, one: Tensor, other: Tensor, places: Array) -> Array:
    """Validation accuracy (N,) of the weights at each of ``places`` (N,) from ``one`` (0) to ``other`` (1)."""
    labels = run.labels(run.val)
    found = []
    for place in places.tolist():
        _put(run, torch.lerp(one, other, place))
        found.append(float((run.shares(run.val).argmax(1) == labels).double().mean()))
    return np.array(found)


def together(run: StillRun, *weights: Tensor) -> float:
    """Validation accuracy of the average of the predictions of several networks."""
    total = torch.zeros(())
    for each in weights:
        _put(run, each)
        total = total + run.shares(run.val)
    return float((total.argmax(1) == run.labels(run.val)).double().mean())
