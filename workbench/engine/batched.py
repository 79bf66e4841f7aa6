"""Several small fully connected networks computed as one: a batched matrix product a layer, one optimizer for all.

Every member keeps its own module, whose parameters are views into the stacked ones; so it is measured, averaged and
saved like any other run. The rule when this is done is ``why_not``; the numbers agree within float32 rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.no_compiler import without_compiler
from workbench.engine.split import Indices
from workbench.engine.train import Training
from workbench.engine.update import Batch, Updater

#: Rules that treat every number by itself, so that stacking changes nothing.
ELEMENTWISE = frozenset(
    (
        *("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta"),
        *("adam", "adam_uncorrected", "adamw", "nadam", "radam"),
    )
)
PENALTIES = frozenset(["l1", "l2", "elastic_net", "label_smoothing"])
_BENDS = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid)
#: Larger matrices fill the processor by themselves.
MOST_WEIGHTS = 1_000_000


def why_not(trainings: Sequence[Training]) -> str:
    """Why these runs cannot be computed as one; empty if they can."""
    first = trainings[0]
    spec = first.initial
    layers = list(first.network.module.children())
    if any(t.initial.edited("loop.seed", 0) != spec.edited("loop.seed", 0) for t in trainings):
        return "the members differ in more than the seed"
    if not all(isinstance(layer, (nn.Flatten, nn.Linear, *_BENDS)) for layer in layers):
        return "the model is not a plain MLP without batch norm and dropout"
    if first.network.parameters > MOST_WEIGHTS:
        return "the model is large enough to fill the processor by itself"
    if spec.optimizer.full_batch or spec.optimizer.kind not in ELEMENTWISE:
        return f"{spec.optimizer.title} does not treat every weight by itself"
    if spec.augmentations or any(r.kind not in PENALTIES for r in spec.regularization):
        return "augmentation or regularization draws for every member"
    if spec.schedule.remembers:
        return "the schedule looks at each member's own measurements"
    return "early stopping ends members one by one" if spec.loop.patience is not None else ""


def compute_as_one(trainings: Sequence[Training]) -> None:
    """From now on every step of the first of these runs does those of all of them."""
    stack = _Stack(trainings)
    for number, training in enumerate(trainings):
        training.state.companions[:] = training.averages  # others look into a forward pass that is no longer made
        training.update_by(_Share(stack, number, training))


class _Share(Updater):
    """One member's part of the work."""

    def __init__(self, stack: _Stack, number: int, training: Training) -> None:
        super().__init__(training.examples, training.network, training.state, ())
        self._stack, self._number = stack, number

    def step(self, indices: Indices, rate: float) -> Batch:
        return self._stack.step(self._number, indices, rate)


class _Stack:
    """The stacked parameters, their optimizer, and the steps that are done but not yet asked for."""

    def __init__(self, trainings: Sequence[Training]) -> None:
        self._trainings = list(trainings)
        self._ready: dict[int, Batch] = {}
        self._layers: list[tuple[nn.Parameter, nn.Parameter] | nn.Module] = []
        modules = [list(t.network.module.children()) for t in trainings]
        for same in zip(*modules, strict=True):
            linears = [layer for layer in same if isinstance(layer, nn.Linear)]
            if linears:
                weight, bias = (self._stacked([getattr(each, name) for each in linears]) for name in ("weight", "bias"))
                self._layers.append((weight, bias))
            elif not isinstance(same[0], nn.Flatten):
                self._layers.append(same[0])
        pairs = [layer for layer in self._layers if isinstance(layer, tuple)]
        self._weights: list[Tensor] = [weight for weight, _ in pairs]
        self._parameters: list[Tensor] = [each for pair in pairs for each in pair]
        self._spec = trainings[0].spec
        self._optimizer = self._made_optimizer([weight for weight, _ in pairs], [bias for _, bias in pairs])
        self._linked = False

    def step(self, number: int, indices: Indices, rate: float) -> Batch:
        """The member's step: the first that asks has all of them computed."""
        if number not in self._ready:
            self._ready = dict(enumerate(self._computed(number, indices, rate)))
        return self._ready.pop(number)

    @staticmethod
    def _stacked(own: Sequence[nn.Parameter]) -> nn.Parameter:
        together = nn.Parameter(torch.stack([each.detach() for each in own]))
        for number, each in enumerate(own):
            each.data = together.data[number]
        return together

    def _made_optimizer(self, weights: Sequence[nn.Parameter], biases: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        spec = self._spec.optimizer
        groups = [{"params": list(weights), "decays": True}, {"params": list(biases), "decays": False}]
        made = without_compiler(spec.torch_class())(groups, lr=spec.lr, **spec.hyper(), **spec.fixed())
        spec.tune(made)
        return made

    def _computed(self, number: int, indices: Indices, rate: float) -> list[Batch]:
        self._follow_edits(number)
        self._optimizer.zero_grad()
        x, y = self._batch(number, indices)
        logits = self._logits(x)
        smoothing = sum(r.label_smoothing() for r in self._spec.regularization)
        losses = _losses(logits, y, smoothing)
        losses.sum().backward()
        shown = _losses(logits.detach(), y, 0.0) if smoothing else losses.detach()
        hits = (logits.argmax(2) == y).sum(1)
        with torch.no_grad():
            self._penalize()
            norms = _norms(_gradients(self._parameters))
            found = torch.stack([shown, hits.to(shown.dtype), norms]).tolist()
        batches = [Batch(loss, hit, len(indices), norm) for loss, hit, norm in zip(*found, strict=True)]
        self._update([k for k, batch in enumerate(batches) if not batch.finite], rate)
        return batches

    def _batch(self, number: int, indices: Indices) -> tuple[Tensor, Tensor]:
        """Inputs (N, B, D) and labels (N, B); a member that has ended is given the batch of the one that asks."""
        step = self._trainings[number].state.progress.step
        parts = [t.next_batch() if t.state.progress.step == step else indices for t in self._trainings]
        x, y = self._trainings[number].examples.batch(np.concatenate(parts))
        return x.reshape(len(parts), len(indices), -1), y.view(len(parts), -1)

    def _logits(self, x: Tensor) -> Tensor:
        for layer in self._layers:
            if isinstance(layer, tuple):
                weight, bias = layer
                x = torch.baddbmm(bias.unsqueeze(1), x, weight.transpose(1, 2))
            else:
                x = layer(x)
        return x

    def _penalize(self) -> None:
        for regularizer in self._spec.regularization:
            penalized = self._parameters if regularizer.on_everything() else self._weights
            regularizer.add_gradient(penalized, _gradients(penalized))

    def _update(self, broken: Sequence[int], rate: float) -> None:
        """A member whose loss or gradient is no number gets no gradient: its run ends there."""
        for member in broken:
            for gradient in _gradients(self._parameters):
                gradient[member].zero_()
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        if not self._linked:
            self._linked = True
            self._link_states()

    def _link_states(self) -> None:
        """The optimizer's state of each member as views of the stacked one, so that its checkpoint is complete."""
        stacked = [self._optimizer.state[each] for each in self._parameters]
        for number, training in enumerate(self._trainings):
            own = [p for layer in training.network.module.children() for p in layer.parameters(recurse=False)]
            for parameter, together, state in zip(own, self._parameters, stacked, strict=True):
                training.state.optimizer.state[parameter] = {
                    name: value[number] if isinstance(value, Tensor) and value.shape == together.shape else value
                    for name, value in state.items()
                }

    def _follow_edits(self, number: int) -> None:
        spec = self._trainings[number].spec
        if spec is not self._spec:
            self._spec = spec
            spec.optimizer.tune(self._optimizer)


def _losses(logits: Tensor, y: Tensor, smoothing: float) -> Tensor:
    """Mean cross-entropy of each member, shape (N,)."""
    each = functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none", label_smoothing=smoothing)
    return each.view(y.shape).mean(1)


def _norms(gradients: Sequence[Tensor]) -> Tensor:
    """The length of each member's gradient, shape (N,)."""
    together = torch.cat([gradient.flatten(1) for gradient in gradients], 1)
    norms: Tensor = torch.linalg.vector_norm(together, dim=1)
    return norms


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]
