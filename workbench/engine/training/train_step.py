"""One training step: batch, forward, loss, backward, penalties, update."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Command, Copy, Edit, EvalProgress, Event, StepBack, Stop
from workbench.engine.data.examples import Examples
from workbench.engine.data.split import Indices, batch_borders
from workbench.engine.nn.losses import minimized
from workbench.engine.nn.torch_workarounds import foreach_norm
from workbench.engine.training.accumulation import part_borders, part_size
from workbench.engine.training.command_channel import CommandChannel, EventStream
from workbench.engine.training.network import Network
from workbench.engine.training.state import TrainState


@dataclass(slots=True)
class StepResult:
    """What one training step measured: mean loss (nats), correct answers, examples, gradient norm."""

    loss: float
    hits: float
    size: int
    norm: float

    @property
    def finite(self) -> bool:
        """Whether loss and gradient are numbers; if not, no parameter was changed."""
        return math.isfinite(self.loss) and math.isfinite(self.norm)


class TrainStep(Protocol):
    """One way to compute an update. All ways give the same numbers, within float32 rounding."""

    def __call__(self, indices: Indices, rate: float) -> Generator[Event, Command | None, StepResult]:
        """Update the parameters once from the examples ``indices`` (B,) at the effective learning rate ``rate``.

        Yields events only in a step that takes long. A step whose loss or gradient is not finite changes no parameter.
        """

    @property
    def words(self) -> str:
        """How the coming steps are computed, and why not in the fastest way, as one sentence for the user."""


class TorchStep:
    """A mini-batch through the module, with autograd and the torch optimizer."""

    def __init__(self, examples: Examples, network: Network, state: TrainState) -> None:
        self._examples, self._network, self._state = examples, network, state
        self._list_trainable()

    def _list_trainable(self) -> None:
        self._listed_at = self._network.reuse.changes
        self._trainable: list[Tensor] = [p for p in self._network.module.parameters() if p.requires_grad]
        self._weights: list[Tensor] = [p for p in self._trainable if p.dim() >= 2]

    def __call__(self, indices: Indices, rate: float) -> Generator[Event, Command | None, StepResult]:
        yield from ()  # too short to be watched
        self.begin()
        x, y = self.batch(indices)
        parts = self._state.spec.loop.accumulate
        loss, hits = self._whole(x, y) if parts == 1 else self._in_parts(x, y, parts)
        return self.update(loss, hits, len(indices), rate)

    @property
    def words(self) -> str:
        return "Each step is PyTorch's: autograd, then the optimizer's own update."

    def _whole(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        """Find the gradient of a batch; returns its loss as shown and its correct answers."""
        loss, shown, hits = self.loss(x, y, 0)
        loss.backward()
        return shown.item(), hits.item()

    def _in_parts(self, x: Tensor, y: Tensor, parts: int) -> tuple[float, float]:
        """As ``_whole``, with the gradients of the parts added up."""
        loss_sum = hits_sum = 0.0
        for number, (start, stop) in enumerate(pairwise(part_borders(len(x), parts))):
            loss, shown, hits = self.loss(x[start:stop], y[start:stop], number)
            share = (stop - start) / len(x)
            (loss * share).backward()
            loss_sum += shown.item() * share
            hits_sum += hits.item()
        return loss_sum, hits_sum

    def begin(self) -> None:
        """Call ``before_step`` of the callbacks and clear the gradients."""
        if self._listed_at != self._network.reuse.changes:
            self._list_trainable()
        for callback in self._state.callbacks:
            callback.before_step(self._state.progress.step)
        self._clear()

    def _clear(self) -> None:
        self._state.optimizer.zero_grad()

    def batch(self, indices: Indices) -> tuple[Tensor, Tensor]:
        """The inputs (B, …) and labels of ``indices``, augmented as this step does. Labels may be shares (B, K)."""
        spec = self._state.spec
        _, examples = self._network.reuse.shortcut(self._state.network, self._examples)
        return examples.training_batch(indices, spec.augmentations, spec.loop.seed, self._state.progress.epoch)

    def loss(self, x: Tensor, y: Tensor, part: int) -> tuple[Tensor, Tensor, Tensor]:
        """What is minimized, the mean cross-entropy that is shown (nats), and the number of correct answers.

        They differ only with label smoothing, whose loss could never come near 0, and with weighted classes: what is
        shown compares with the measured losses. ``x`` and ``y`` are a ``batch`` or the 0-based ``part`` of one, of
        which the masks are a function.
        """
        self._draw_masks(part)
        network, _ = self._network.reuse.shortcut(self._state.network, self._examples)
        return self._loss_of(self._network.arithmetic.answer(network, x), y)

    def _draw_masks(self, part: int) -> None:
        spec, progress = self._state.spec, self._state.progress
        for layer in self._network.stochastic:
            layer.at(spec.loop.seed, progress.step, part)

    def _loss_of(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As ``loss``, for the ``logits`` (B, K)."""
        spec = self._state.spec
        labels = y if y.dim() == 1 else y.argmax(1)
        smoothing = sum(r.label_smoothing() for r in spec.regularization)
        weights = self._examples.class_weights
        loss = minimized(logits, y, smoothing, weights)
        shown = functional.cross_entropy(logits.detach(), y) if smoothing or weights is not None else loss
        return loss, shown, (logits.argmax(1) == labels).sum()

    def update(self, loss: float, hits: float, size: int, rate: float) -> StepResult:
        """Add the penalties' gradients, call ``before_update`` of the callbacks and step the optimizer."""
        state = self._state
        if state.spec.regularization:
            self._penalize()
        result = StepResult(loss, hits, size, self._norm())
        if result.finite:
            for callback in state.callbacks:
                callback.before_update(state.progress.step, rate)
            for group in state.optimizer.param_groups:
                group["lr"] = rate * group.get("scale", 1.0)
            state.is_torn = True
            self._move(rate)
        return result

    def _norm(self) -> float:
        """The norm of all gradients."""
        found: float = torch.linalg.vector_norm(torch.stack(foreach_norm(self._all_gradients()))).item()
        return found

    def _penalize(self) -> None:
        with torch.no_grad():  # else a gradient would remember the weights that were added to it
            for regularizer in self._state.spec.regularization:
                penalized = self._trainable if regularizer.on_everything() else self._weights
                regularizer.add_gradient(penalized, _gradients(penalized))

    def _all_gradients(self) -> list[Tensor]:
        return _gradients(self._trainable)

    def _move(self, rate: float) -> None:
        self._state.optimizer.step()


class FullBatchStep(Callback):
    """One update from the whole training set, its gradient gathered chunk by chunk. Batch norm uses each chunk's.

    The pass can be watched; commands are held until it is done. As a callback it remembers a pass that is not done, so
    that a state which is kept within a long step goes on in it. ``between`` is called after each chunk.
    """

    name = "full_batch"

    def __init__(self, step: TorchStep, state: TrainState, channel: CommandChannel) -> None:
        self._step, self._state, self._channel = step, state, channel
        self._done, self._loss, self._hits = 0, 0.0, 0.0
        self._gathered: list[Tensor | None] = []  # the gradients of a restored pass
        self.between: Callable[[], EventStream] | None = None

    def __call__(self, indices: Indices, rate: float) -> Generator[Event, Command | None, StepResult]:
        self._channel.holds = (Edit, Copy, StepBack, Stop)
        try:
            yield from self._pass(indices)
        except Exception:  # its gradients are gone: it would have to begin anew
            self._done = 0
            raise
        finally:
            self._channel.holds = ()
        loss, hits, self._done = self._loss / len(indices), self._hits, 0
        self._loss = self._hits = 0.0
        return self._step.update(loss, hits, len(indices), rate)

    @property
    def words(self) -> str:
        return "Each step is PyTorch's: autograd over the whole training set in parts, then the optimizer's own update."

    def _pass(self, indices: Indices) -> EventStream:
        step, total, loop = self._step, len(indices), self._state.spec.loop
        step.begin()
        self._take_gathered()
        for number, (start, stop) in enumerate(
            pairwise(batch_borders(total, part_size(loop.batch_size, loop.accumulate)))
        ):
            if stop <= self._done:
                continue
            part = indices[start:stop]
            loss, shown, hits = step.loss(*step.batch(part), number)
            (loss * (len(part) / total)).backward()
            self._loss += shown.item() * len(part)
            self._hits += hits.item()
            self._done = stop
            if stop < total:
                progress = EvalProgress(self._state.progress.step, stop, total, "Computing the step")
                yield from self._channel.offer(progress)
                if self.between is not None:
                    yield from self.between()

    def _take_gathered(self) -> None:
        """The gradients of a pass that goes on."""
        if self._gathered:
            for parameter, gradient in zip(self._state.network.parameters(), self._gathered, strict=True):
                parameter.grad = gradient
            self._gathered = []

    def state(self) -> dict[str, Any]:
        if not self._done:
            return {}
        gradients = [parameter.grad for parameter in self._state.network.parameters()]
        return {"done": self._done, "loss": self._loss, "hits": self._hits, "gradients": gradients}

    def restore(self, saved: dict[str, Any]) -> None:
        self._done = saved.get("done", 0)
        self._loss, self._hits = saved.get("loss", 0.0), saved.get("hits", 0.0)
        where = next(self._state.network.parameters()).device
        self._gathered = [None if g is None else g.clone().to(where) for g in saved.get("gradients", [])]


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]
