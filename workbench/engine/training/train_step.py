"""One training step: batch, forward, loss, backward, penalties, update."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional

from workbench.engine.core.callbacks import Companion
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices, batch_borders
from workbench.engine.nn.losses import minimized
from workbench.engine.training.network import Network
from workbench.engine.training.state import TrainState


@dataclass(slots=True)
class Batch:
    """What one training step measured: mean loss, correct answers, examples, gradient norm."""

    loss: float
    hits: float
    size: int
    norm: float

    @property
    def finite(self) -> bool:
        return math.isfinite(self.loss) and math.isfinite(self.norm)


class Updater:
    """Does the steps of one run. A step whose loss or gradient is no finite number changes no parameter."""

    def __init__(
        self, examples: Examples, network: Network, state: TrainState, companions: Sequence[Companion]
    ) -> None:
        self._examples, self._network, self._state, self._companions = examples, network, state, companions
        self._list_trainable()

    def _list_trainable(self) -> None:
        self._listed_at = self._network.reuse.changes
        self._trainable: list[Tensor] = [p for p in self._network.module.parameters() if p.requires_grad]
        self._weights: list[Tensor] = [p for p in self._trainable if p.dim() >= 2]

    def step(self, indices: Indices, rate: float) -> Batch:
        """One update from the mini-batch ``indices``."""
        self._begin()
        loss, shown, hits = self._loss(indices, 0)
        loss.backward()
        return self._update(shown.item(), hits.item(), len(indices), rate)

    def whole(self, indices: Indices, chunk: int, rate: float) -> Generator[int, None, Batch]:
        """One update from all ``indices``, its gradient gathered ``chunk`` by ``chunk``; yields the examples done.

        Batch norm uses each chunk's statistics.
        """
        self._begin()
        total, done = len(indices), 0
        loss_sum = hits_sum = 0.0
        for number, (start, stop) in enumerate(pairwise(batch_borders(total, chunk))):
            part = indices[start:stop]
            loss, shown, hits = self._loss(part, number)
            (loss * (len(part) / total)).backward()
            loss_sum += shown.item() * len(part)
            hits_sum += hits.item()
            done += len(part)
            if done < total:
                yield done
        return self._update(loss_sum / total, hits_sum, total, rate)

    def _begin(self) -> None:
        if self._listed_at != self._network.reuse.changes:
            self._list_trainable()
        for companion in self._companions:
            companion.before_step(self._state.progress.step)
        self._state.optimizer.zero_grad()

    def _loss(self, indices: Indices, part: int) -> tuple[Tensor, Tensor, Tensor]:
        """What is minimized, the mean cross-entropy that is shown (nats), and the number of correct answers.

        They differ only with label smoothing, whose loss could never come near 0, and with weighed classes: what is
        shown compares with the measured losses. ``y`` may be shares of classes (B, K).
        """
        spec, progress = self._state.spec, self._state.progress
        for layer in self._network.stochastic:
            layer.at(spec.loop.seed, progress.step, part)
        network, examples = self._network.reuse.shortcut(self._state.network, self._examples)
        x, y = examples.training_batch(indices, spec.augmentations, spec.loop.seed, progress.epoch)
        logits = network(x)
        labels = y if y.dim() == 1 else y.argmax(1)
        smoothing = sum(r.label_smoothing() for r in spec.regularization)
        weights = self._examples.class_weights
        loss = minimized(logits, y, smoothing, weights)
        shown = functional.cross_entropy(logits.detach(), y) if smoothing or weights is not None else loss
        return loss, shown, (logits.argmax(1) == labels).sum()

    def _update(self, loss: float, hits: float, size: int, rate: float) -> Batch:
        optimizer = self._state.optimizer
        with torch.no_grad():  # else a gradient would remember the weights that were added to it
            for regularizer in self._state.spec.regularization:
                penalized = self._trainable if regularizer.on_everything() else self._weights
                regularizer.add_gradient(penalized, _gradients(penalized))
        norm = torch.stack(torch._foreach_norm(_gradients(self._trainable))).norm().item()
        batch = Batch(loss, hits, size, norm)
        if batch.finite:
            for companion in self._companions:
                companion.before_update(self._state.progress.step, rate)
            for group in optimizer.param_groups:
                group["lr"] = rate * group.get("scale", 1.0)
            optimizer.step()
        return batch


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]
