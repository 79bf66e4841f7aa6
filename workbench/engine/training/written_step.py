"""The step of a small network in fewer calls: one update for all parameters, and an MLP without autograd."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workbench.engine.data.split import Indices
from workbench.engine.nn.torch_workarounds import has_forward_hooks
from workbench.engine.nn.written_pass import WrittenPass, has_written_form
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.flat_optimizer import FlatOptimizer
from workbench.engine.training.train_step import StepResult, TorchStep

#: Matrices of larger models fill the processor by themselves (parameters).
MOST_WEIGHTS = 1_000_000


class WrittenStep(TorchStep):
    """As ``TorchStep``, with the same numbers to the last bit.

    Where the optimizer cannot move all parameters at once it is torch's; where the network or the settings have no
    written form the passes are autograd's, and so they are in a step in which somebody looks into them. All may
    alternate.
    """

    _pass: WrittenPass | None = None
    _flat: FlatOptimizer | None = None
    _spec: ExperimentSpec | None = None
    _is_flat = _is_all_written = _is_plain = _is_looked_into = False
    _has_unused = False

    @property
    def is_flat(self) -> bool:
        """Whether the last step moved all parameters at once."""
        return self._flat is not None

    @property
    def is_written(self) -> bool:
        """Whether the last step was written out."""
        return self._pass is not None and not self._is_looked_into

    def _clear(self) -> None:
        module, spec = self._network.module, self._state.spec
        if spec is not self._spec:
            self._spec = spec
            self._is_flat = not (why_not_flat(spec, module) or self._network.reuse.network or self._has_unused)
            self._is_all_written = self._is_flat and not why_not_written(spec, module)
            self._is_plain = not any(r.label_smoothing() for r in spec.regularization)
            self._ends = [module, *module.children()] if self._is_all_written else []
        self._is_looked_into = any(map(has_forward_hooks, self._ends))
        if not self._is_flat:
            self._leave()
        elif self._flat is None or not self._flat.follows(spec.optimizer):
            self._enter(spec)
        if self._flat is None:
            super()._clear()
        elif not self.is_written:
            for parameter in self._trainable:
                parameter.grad = None

    def batch(self, indices: Indices) -> tuple[Tensor, Tensor]:
        if not self.is_written or self._state.spec.augmentations:
            return super().batch(indices)
        found = self._examples.kept_batch(indices, self._room.setdefault(len(indices), []))
        return found or super().batch(indices)

    def _whole(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        if self._pass is None or self._is_looked_into:
            return super()._whole(x, y)
        self._draw_masks(0)
        logits = self._pass.forward(x)  # nothing here requires a gradient, so autograd stays out
        if self._is_plain and y.dim() == 1 and self._examples.class_weights is None:
            entropy = self._pass.cross_entropy
            loss, gradient = entropy(logits, y), entropy.gradient
            hits = entropy.hits()
        else:
            loss, gradient, correct = self._through_autograd(logits, y)
            hits = correct.item()
        self._pass.backward(gradient)
        return loss.item(), hits

    def _through_autograd(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The loss as shown, the gradient of what is minimized, and the correct answers."""
        leaf = logits.detach().requires_grad_()
        loss, shown, hits = self._loss_of(leaf, y)
        (gradient,) = torch.autograd.grad(loss, leaf)
        return shown.detach(), gradient, hits

    def update(self, loss: float, hits: float, size: int, rate: float) -> StepResult:
        if self._flat is not None and not self.is_written and not self._flat.adopt_gradients():
            self._has_unused, self._spec = True, None
            self._leave()
        return super().update(loss, hits, size, rate)

    def _all_gradients(self) -> list[Tensor]:
        return super()._all_gradients() if self._flat is None else self._gradients

    def _move(self, rate: float) -> None:
        if self._flat is None:
            super()._move(rate)
        else:
            self._flat.step(rate)

    def _enter(self, spec: ExperimentSpec) -> None:
        self._leave()
        self._flat = FlatOptimizer(spec.optimizer, self._state.optimizer)
        self._gradients = super()._all_gradients()
        if self._is_all_written:
            self._pass = WrittenPass(list(self._network.module.children()))
            self._room: dict[int, list[Tensor]] = {}

    def _leave(self) -> None:
        if self._flat is not None:
            self._flat.release()
        self._flat = self._pass = None


def why_not_flat(spec: ExperimentSpec, module: nn.Module) -> str:
    """Why the optimizer of ``spec`` moves the parameters of ``module`` one by one; empty if it moves all at once."""
    parameters = list(module.parameters())
    if sum(each.numel() for each in parameters) > MOST_WEIGHTS:
        return "the model is large enough to fill the processor by itself"
    if not all(each.requires_grad for each in parameters):
        return "a part of the model is frozen"
    if spec.optimizer.full_batch or not spec.optimizer.elementwise:
        return f"{spec.optimizer.title} does not treat every weight by itself"
    return ""


def why_not_written(spec: ExperimentSpec, module: nn.Module) -> str:
    """Why the passes of ``module`` with ``spec`` are autograd's; empty if they are written out."""
    if type(module) is not nn.Sequential:
        return "the model is not a plain MLP"
    if any(type(each) is not nn.Flatten and not has_written_form(each) for each in module.children()):
        return "a layer has no written form"
    if spec.loop.accumulate > 1:
        return "the batch is computed in parts"
    return why_not_flat(spec, module)
