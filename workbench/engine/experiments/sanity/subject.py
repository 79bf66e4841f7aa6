"""What the sanity checks look at: the settings, and throw-away networks on a few examples of their data."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.core.randomness import mixed, permutation
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices, Split
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up

#: Changes that leave what is trained alone: nothing is recorded or averaged, and the rate stays as it is set.
_UNWATCHED: dict[str, Any] = {"loop.diagnostics": 0, "averaging": (), "schedule": Constant()}


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """``member`` is the run that is looked at: ``spec`` itself, or the first member of an ensemble.

    ``base`` has its data and is never trained; ``dataset`` is what it was made of. Training of a check ends after
    ``seconds`` on ``clock``.
    """

    spec: ExperimentSpec
    member: ExperimentSpec
    base: RunContext
    dataset: Dataset
    seconds: float
    clock: Callable[[], float] = time.monotonic

    @property
    def split(self) -> Split:
        return self.base.data.split

    @property
    def classes(self) -> int:
        return len(self.base.data.classes)

    @property
    def unweighted(self) -> Examples:
        """The data's examples, each of which counts the same in the loss."""
        plain = copy.copy(self.base.data.examples)
        plain.class_weights = None
        return plain

    def some(self, part: Indices, most: int) -> Indices:
        """At most ``most`` of ``part``, ascending: of each class in turn, chosen by the split seed."""
        mixed_up = part[permutation(len(part), mixed("sanity", self.spec.data.split_seed), 0)]
        labels = self.base.data.examples.labels_of(mixed_up).cpu().numpy()
        by_class = np.argsort(labels, kind="stable")
        _, starts, sizes = np.unique(labels[by_class], return_index=True, return_counts=True)
        rank = np.empty(len(part), np.int64)
        rank[by_class] = np.arange(len(part)) - np.repeat(starts, sizes)
        return np.sort(mixed_up[np.argsort(rank, kind="stable")][:most])

    def trial(
        self, train: Indices, changes: dict[str, Any] | None = None, examples: Examples | None = None
    ) -> RunContext:
        """A throw-away run of the member on ``train`` alone, with ``changes`` to its settings.

        ``examples`` takes the place of the data's, under the same indices. Raises WorkbenchError.
        """
        spec = self.member
        for path, value in {**_UNWATCHED, **(changes or {})}.items():
            spec = spec.edited(path, value)
        nothing = np.empty(0, np.int64)
        part = Split(train, nothing, train, nothing)
        data = replace(self.base.data, split=part, examples=examples or self.base.data.examples)
        return set_up(spec, like=replace(self.base, data=data))


def without_regularization(optimizer: Optimizer) -> dict[str, Any]:
    """The changes after which nothing keeps a network from fitting."""
    free = optimizer.model_copy(update={"weight_decay": 0.0})
    return {"augmentations": (), "regularization": (), "optimizer": free, "loop.accumulate": 1}


def silence_dropout(network: nn.Module) -> None:
    """Switch off the dropout that a network has built in."""
    for module in network.modules():
        if isinstance(module, nn.modules.dropout._DropoutNd):
            module.p = 0.0
