"""Several small fully connected networks computed as one: a batched matrix product a layer, one optimizer for all.

Every member keeps its own module, whose parameters are views into the stacked ones; so it is measured, averaged and
saved like any other run. The rule when this is done is ``why_not``; the numbers agree within float32 rounding.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.data.split import Indices
from workbench.engine.ensemble.stacked_pass import BACK, Linears, StackedPass, losses_and_gradient
from workbench.engine.nn.eager_optimizer import without_compiler
from workbench.engine.train import Training
from workbench.engine.training.train_step import Batch, Updater

#: Rules that treat every number by itself, so that stacking changes nothing.
ELEMENTWISE = frozenset(
    (
        *("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta"),
        *("adam", "adam_uncorrected", "adamw", "nadam", "radam"),
    )
)
PENALTIES = frozenset(["l1", "l2", "elastic_net", "label_smoothing"])
#: Larger matrices fill the processor by themselves.
MOST_WEIGHTS = 1_000_000


def why_not(trainings: Sequence[Training]) -> str:
    """Why these runs cannot be computed as one; empty if they can."""
    first = trainings[0]
    spec = first.initial
    layers = list(first.network.module.children())
    if any(t.initial.edited("loop.seed", 0) != spec.edited("loop.seed", 0) for t in trainings):
        return "the members differ in more than the seed"
    if not all(type(layer) in (nn.Flatten, nn.Linear, *BACK) for layer in layers):
        return "the model is not a plain MLP without batch norm and dropout"
    if not all(parameter.requires_grad for parameter in first.network.module.parameters()):
        return "a part of the model is frozen"
    if first.network.parameters > MOST_WEIGHTS:
        return "the model is large enough to fill the processor by itself"
    if spec.optimizer.full_batch or spec.optimizer.kind not in ELEMENTWISE:
        return f"{spec.optimizer.title} does not treat every weight by itself"
    if spec.data.class_weights:
        return "the classes are weighed in the loss"
    if spec.augmentations or any(r.kind not in PENALTIES for r in spec.regularization):
        return "augmentation or regularization draws for every member"
    if spec.schedule.remembers:
        return "the schedule looks at each member's own measurements"
    return "early stopping ends members one by one" if spec.loop.patience is not None else ""


class _Share(Updater):
    """One member's part of the work."""

    def __init__(self, stack: Stack, number: int, training: Training) -> None:
        super().__init__(training.examples, training.network, training.state, ())
        self._stack, self._number = stack, number

    def step(self, indices: Indices, rate: float) -> Batch:
        return self._stack.step(self._number, indices, rate)


class Stack:
    """The stacked parameters, their optimizer, and the steps that are done but not yet asked for.

    From when it is made every step of the first of ``trainings`` does those of all of them. Only the first keeps
    companions that look into a step (diagnostics, the watched number). A member that has left keeps its numbers.
    """

    def __init__(self, trainings: Sequence[Training]) -> None:
        self._trainings = list(trainings)
        self._spec = trainings[0].spec
        self._left: set[int] = set()
        self._ready: dict[int, Batch] = {}
        for number, training in enumerate(trainings):
            if number:
                training.state.companions[:] = training.averages
            training.update_by(_Share(self, number, training))
        self.gather()

    def gather(self, without: Iterable[int] = ()) -> None:
        """Stack the members' numbers as they are now: weights, and what the optimizer remembers of them.

        The members ``without`` (from 0) leave at once.
        """
        layers: list[Linears | nn.Module] = []
        modules = [list(training.network.module.children()) for training in self._trainings]
        for same in zip(*modules, strict=True):
            linears = [layer for layer in same if isinstance(layer, nn.Linear)]
            if linears:
                weight, bias = (_stacked([getattr(each, name) for each in linears]) for name in ("weight", "bias"))
                layers.append(Linears.of(weight, bias))
            elif not isinstance(same[0], nn.Flatten):
                layers.append(copy.deepcopy(same[0]))  # nobody's: hooks stand in those of the first member
        self._pass = StackedPass(layers)
        pairs = [layer for layer in layers if isinstance(layer, Linears)]
        self._weights: list[Tensor] = [pair.weight for pair in pairs]
        self._parameters: list[Tensor] = [each for pair in pairs for each in (pair.weight, pair.bias)]
        self._optimizer = self._made_optimizer([pair.weight for pair in pairs], [pair.bias for pair in pairs])
        for own, together in zip(_own(self._trainings[0]), self._parameters, strict=True):
            own.grad = _gradient(together)[0]
        self._linked = False
        self._left.clear()
        gone = set(without)
        self._take_states(next((k for k in range(len(modules)) if k not in gone), 0))
        for number in gone:
            self.leave(number)

    def leave(self, number: int) -> None:
        """The member ``number`` (from 0) makes no step any more: its numbers are its own from now on.

        Its place in the stack is kept and counts for nothing, so that the others' bits do not depend on it.
        """
        if number in self._left:
            return
        self._left.add(number)
        state = self._trainings[number].state
        for parameter in state.network.parameters():
            parameter.data, parameter.grad = parameter.data.clone(), None
            kept = state.optimizer.state.get(parameter, {})
            for name, value in kept.items():
                kept[name] = value.clone() if isinstance(value, Tensor) else value

    def step(self, number: int, indices: Indices, rate: float) -> Batch:
        """The member's step: the first that asks has all of them computed."""
        if number not in self._ready:
            self._ready = dict(enumerate(self._computed(number, indices, rate)))
        return self._ready.pop(number)

    def _made_optimizer(self, weights: Sequence[nn.Parameter], biases: Sequence[nn.Parameter]) -> torch.optim.Optimizer:
        spec = self._spec.optimizer
        groups = [{"params": list(weights), "decays": True}, {"params": list(biases), "decays": False}]
        made = without_compiler(spec.torch_class())(groups, lr=spec.lr, **spec.hyper(), **spec.fixed())
        spec.tune(made)
        return made

    @torch.no_grad()
    def _computed(self, number: int, indices: Indices, rate: float) -> list[Batch]:
        self._follow_edits(number)
        x, y = self._batch(number, indices)
        watched = self._begin(x[: len(indices)])
        logits = self._pass.forward(x.reshape(len(y), len(indices), -1))
        losses, gradient = losses_and_gradient(logits, y, sum(r.label_smoothing() for r in self._spec.regularization))
        self._pass.backward(gradient)
        hits = (logits.argmax(2) == y).sum(1)
        self._penalize()
        norms = _norms([_gradient(each) for each in self._parameters])
        found = torch.stack([losses, hits.to(losses.dtype), norms]).tolist()
        batches = [Batch(loss, hit, len(indices), norm) for loss, hit, norm in zip(*found, strict=True)]
        if watched and batches[0].finite:
            first = self._trainings[0].state
            for companion in first.companions:
                companion.before_update(first.progress.step, rate)
        self._update([k for k, batch in enumerate(batches) if not batch.finite], rate)
        return batches

    def _batch(self, number: int, indices: Indices) -> tuple[Tensor, Tensor]:
        """Inputs of all members, one behind the other, and labels (N, B). For who has left, those of the one asking."""
        parts = [indices if k in self._left else t.next_batch() for k, t in enumerate(self._trainings)]
        x, y = self._trainings[number].examples.batch(np.concatenate(parts))
        return x, y.view(len(parts), -1)

    def _begin(self, x: Tensor) -> bool:
        """Tell the first member's companions; who looks into its forward pass is shown one, on its batch ``x``."""
        first = self._trainings[0]
        if 0 in self._left:
            return False
        for companion in first.state.companions:
            companion.before_step(first.state.progress.step)
        module = first.network.module
        if any(layer._forward_hooks for layer in module.children()):
            module(x)
        return True

    def _penalize(self) -> None:
        for regularizer in self._spec.regularization:
            penalized = self._parameters if regularizer.on_everything() else self._weights
            regularizer.add_gradient(penalized, [_gradient(each) for each in penalized])

    def _update(self, broken: Iterable[int], rate: float) -> None:
        """Move all but those whose loss or gradient is no number: they leave here, as they are."""
        for number in broken:
            self.leave(number)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        if not self._linked:
            self._link_states()

    def _take_states(self, going: int) -> None:
        """What the members' own optimizers remember, stacked; what all share, the number of steps, from ``going``."""
        owns = [_own(training) for training in self._trainings]
        for place, together in enumerate(self._parameters):
            each = [t.state.optimizer.state.get(own[place], {}) for t, own in zip(self._trainings, owns, strict=True)]
            shape = owns[0][place].shape
            for name, value in each[going].items():
                if isinstance(value, Tensor):
                    # A member that failed in its first step remembers nothing.
                    stored = [s.get(name, torch.zeros_like(value)) for s in each]
                    value = torch.stack(stored) if value.shape == shape else value.clone()
                self._optimizer.state[together][name] = value
        if self._optimizer.state:
            self._link_states()

    def _link_states(self) -> None:
        """The optimizer's state of each member as views of the stacked one, so that its checkpoint is complete."""
        self._linked = True
        stacked = [self._optimizer.state[each] for each in self._parameters]
        for number, training in enumerate(self._trainings):
            if number in self._left:
                continue
            for parameter, together, state in zip(_own(training), self._parameters, stacked, strict=True):
                training.state.optimizer.state[parameter] = {
                    name: value[number] if isinstance(value, Tensor) and value.shape == together.shape else value
                    for name, value in state.items()
                }

    def _follow_edits(self, number: int) -> None:
        spec = self._trainings[number].spec
        if spec is not self._spec:
            self._spec = spec
            spec.optimizer.tune(self._optimizer)


def _own(training: Training) -> list[nn.Parameter]:
    """A member's parameters in the order in which the stacked ones stand."""
    return [p for layer in training.network.module.children() for p in layer.parameters(recurse=False)]


def _stacked(own: Sequence[nn.Parameter]) -> nn.Parameter:
    together = nn.Parameter(torch.stack([each.detach() for each in own]))
    for number, each in enumerate(own):
        each.data = together.data[number]
    return together


def _norms(gradients: Sequence[Tensor]) -> Tensor:
    """The length of each member's gradient, shape (N,)."""
    together = torch.cat([gradient.flatten(1) for gradient in gradients], 1)
    norms: Tensor = torch.linalg.vector_norm(together, dim=1)
    return norms


def _gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad
