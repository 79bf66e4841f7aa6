"""Several small fully connected networks computed as one: a batched matrix product a layer, one optimizer for all.

Every member keeps its own module, whose parameters are views into the stacked ones; so it is measured, averaged and
saved like any other run. ``choose_step`` says when this is done; the numbers agree within float32 rounding.
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.core.events import Command, Event
from workbench.engine.data.split import Indices
from workbench.engine.nn.stacked_pass import Linears, StackedPass, losses_and_gradient
from workbench.engine.nn.torch_workarounds import has_forward_hooks
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.train_step import StepResult


class StackedStep:
    """The TrainStep of one member: its part of what ``stack`` computes for all."""

    def __init__(self, stack: Stack, number: int) -> None:
        self._stack, self._number = stack, number

    def __call__(self, indices: Indices, rate: float) -> Generator[Event, Command | None, StepResult]:
        yield from ()  # too short to be watched
        return self._stack.step(self._number, indices, rate)

    @property
    def words(self) -> str:
        return "Each step is computed as one with those of the other members, its gradients written out."


class Stack:
    """The stacked parameters, their optimizer, and the steps that are done but not yet asked for.

    From when it is made every step of the first of ``runs`` does those of all of them. Only the first keeps
    callbacks that look into a step (diagnostics, the watched number). A member that has left keeps its numbers.
    """

    def __init__(self, runs: Sequence[RunContext]) -> None:
        self._runs = list(runs)
        self._spec = runs[0].spec
        self._left: set[int] = set()
        self._ready: dict[int, StepResult] = {}
        for number, run in enumerate(runs):
            if number:
                run.state.callbacks[:] = run.averages
            run.step = StackedStep(self, number)
        self.gather()

    def gather(self, without: Iterable[int] = ()) -> None:
        """Stack the members' numbers as they are now: weights, and what the optimizer remembers of them.

        The members ``without`` (from 0) leave at once.
        """
        layers: list[Linears | nn.Module] = []
        modules = [list(run.network.module.children()) for run in self._runs]
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
        groups = [([pair.weight for pair in pairs], True), ([pair.bias for pair in pairs], False)]
        self._optimizer = self._spec.optimizer.over([{"params": each, "decays": decays} for each, decays in groups])
        for own, together in zip(_own(self._runs[0]), self._parameters, strict=True):
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
        state = self._runs[number].state
        for parameter in state.network.parameters():
            parameter.data, parameter.grad = parameter.data.clone(), None
            kept = state.optimizer.state.get(parameter, {})
            for name, value in kept.items():
                kept[name] = value.clone() if isinstance(value, Tensor) else value

    def step(self, number: int, indices: Indices, rate: float) -> StepResult:
        """The member's step: the first that asks has all of them computed."""
        if number not in self._ready:
            self._ready = dict(enumerate(self._computed(number, indices, rate)))
        return self._ready.pop(number)

    @torch.no_grad()
    def _computed(self, number: int, indices: Indices, rate: float) -> list[StepResult]:
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
        batches = [StepResult(loss, hit, len(indices), norm) for loss, hit, norm in zip(*found, strict=True)]
        if watched and batches[0].finite:
            first = self._runs[0].state
            for callback in first.callbacks:
                callback.before_update(first.progress.step, rate)
        self._update([k for k, batch in enumerate(batches) if not batch.finite], rate)
        return batches

    def _batch(self, number: int, indices: Indices) -> tuple[Tensor, Tensor]:
        """Inputs of all members, one behind the other, and labels (N, B). For who has left, those of the one asking."""
        parts = [indices if k in self._left else t.batches.next() for k, t in enumerate(self._runs)]
        x, y = self._runs[number].data.examples.batch(np.concatenate(parts))
        return x, y.view(len(parts), -1)

    def _begin(self, x: Tensor) -> bool:
        """Tell the first member's callbacks; who looks into its forward pass is shown one, on its batch ``x``."""
        first = self._runs[0]
        if 0 in self._left:
            return False
        for callback in first.state.callbacks:
            callback.before_step(first.state.progress.step)
        module = first.network.module
        if any(has_forward_hooks(layer) for layer in module.children()):
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
        owns = [_own(run) for run in self._runs]
        for place, together in enumerate(self._parameters):
            each = [t.state.optimizer.state.get(own[place], {}) for t, own in zip(self._runs, owns, strict=True)]
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
        for number, run in enumerate(self._runs):
            if number in self._left:
                continue
            for parameter, together, state in zip(_own(run), self._parameters, stacked, strict=True):
                run.state.optimizer.state[parameter] = {
                    name: value[number] if isinstance(value, Tensor) and value.shape == together.shape else value
                    for name, value in state.items()
                }

    def _follow_edits(self, number: int) -> None:
        spec = self._runs[number].spec
        if spec is not self._spec:
            self._spec = spec
            spec.optimizer.tune(self._optimizer)


def _own(run: RunContext) -> list[nn.Parameter]:
    """A member's parameters in the order in which the stacked ones stand."""
    return [p for layer in run.network.module.children() for p in layer.parameters(recurse=False)]


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
