"""A run of the program that stands at its first step: gradients of any examples there, by its own training step."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.core.randomness import permutation
from workbench.engine.data.split import Indices
from workbench.engine.playground.racer import one_thread
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.set_up import set_up
from workbench.engine.training.train_step import TorchStep


class StillRun:
    """The network, data and optimizer of ``spec``, on the CPU, in one thread. Raises WorkbenchError as a run does."""

    def __init__(self, spec: ExperimentSpec) -> None:
        with one_thread():
            self._run = set_up(spec.edited("loop.device", "cpu").edited("loop.threads", 1))
        self._step = TorchStep(self._run.data.examples, self._run.network, self._run.state)
        self._run.state.network.train()
        self.train: Indices = self._run.data.split.train
        self.val: Indices = self._run.data.split.val
        self.optimizer = self._run.state.optimizer
        self.parameters = [p for p in self._run.network.module.parameters() if p.requires_grad]

    def loss(self, indices: Indices, draw: int = 0) -> Tensor:
        """What a run minimizes on the examples ``indices``; ``draw`` numbers the masks of its random layers."""
        return self._step.loss(*self._step.batch(indices), draw)[0]

    def shares(self, indices: Indices) -> Tensor:
        """What the network answers in evaluation to the examples ``indices`` (N): class shares (N, classes)."""
        module = self._run.state.network
        with one_thread(), torch.inference_mode():
            answers: Tensor = module.eval()(self._run.data.examples.batch(indices)[0]).softmax(1)
        module.train()
        return answers

    def labels(self, indices: Indices) -> Tensor:
        """The classes of the examples ``indices``."""
        return self._run.data.examples.labels_of(indices)

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self._run.network.module

    def gradient(self, indices: Indices, draw: int = 0) -> Tensor:
        """The gradient (P,) of ``loss``, float64."""
        with one_thread():
            parts = torch.autograd.grad(self.loss(indices, draw), self.parameters)
        return torch.cat([part.reshape(-1) for part in parts]).double()

    def order(self, epoch: int) -> Indices:
        """The training examples in the order in which an epoch visits them."""
        found: Indices = self.train[permutation(len(self.train), self._run.initial.loop.seed, epoch)]
        return found

    def by_class(self) -> Indices:
        """The training examples sorted by class."""
        labels = self._run.data.examples.labels.numpy()[self.train]
        found: Indices = self.train[np.argsort(labels, kind="stable")]
        return found


def cosine(one: Tensor, other: Tensor) -> float:
    """The cosine of the angle between two gradients."""
    return float(one @ other / (one.norm() * other.norm()))
