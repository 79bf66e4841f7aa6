"""The step of a small MLP without autograd and with one update for all of its parameters; else torch's step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workbench.engine.nn.torch_workarounds import has_forward_hooks
from workbench.engine.nn.written_pass import WrittenPass, cross_entropy, written_layer
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.flat_optimizer import FlatOptimizer
from workbench.engine.training.train_step import TorchStep

#: Matrices of larger models fill the processor by themselves (parameters).
MOST_WEIGHTS = 1_000_000


class WrittenStep(TorchStep):
    """As ``TorchStep``, with the same numbers to the last bit.

    Where the network or the settings have no written form it is torch's; in a step in which somebody looks into the
    passes these are autograd's. All may alternate.
    """

    _pass: WrittenPass | None = None
    _flat: FlatOptimizer | None = None
    _spec: ExperimentSpec | None = None
    _can = _is_plain = _is_looked_into = False

    @property
    def is_written(self) -> bool:
        """Whether the last step was written out."""
        return self._pass is not None and not self._is_looked_into

    def _clear(self) -> None:
        spec = self._state.spec
        if spec is not self._spec:
            self._spec, self._can = spec, not why_not_written(spec, self._network.module)
            self._is_plain = not any(r.label_smoothing() for r in spec.regularization)
        module = self._network.module
        self._is_looked_into = has_forward_hooks(module) or any(map(has_forward_hooks, module.children()))
        if not self._can:
            self._leave()
        elif self._flat is None or not self._flat.follows(spec.optimizer):
            self._enter(spec)
        if not self.is_written:
            super()._clear()

    def _whole(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        if self._pass is None or self._flat is None:
            return super()._whole(x, y)
        if self._is_looked_into:
            found = super()._whole(x, y)
            self._flat.adopt_gradients()
            return found
        self._draw_masks(0)
        with torch.no_grad():
            logits = self._pass.forward(x)
            if self._is_plain and y.dim() == 1 and self._examples.class_weights is None:
                loss, gradient = cross_entropy(logits, y)
                hits = (logits.argmax(1) == y).sum()
            else:
                loss, gradient, hits = self._through_autograd(logits, y)
            self._pass.backward(gradient)
            return loss.item(), hits.item()

    def _through_autograd(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The loss as shown, the gradient of what is minimized, and the correct answers."""
        with torch.enable_grad():
            leaf = logits.requires_grad_()
            loss, shown, hits = self._loss_of(leaf, y)
            (gradient,) = torch.autograd.grad(loss, leaf)
        return shown.detach(), gradient, hits

    def _move(self, rate: float) -> None:
        if self._flat is None:
            super()._move(rate)
        else:
            self._flat.step(rate)

    def _enter(self, spec: ExperimentSpec) -> None:
        self._leave()
        self._flat = FlatOptimizer(spec.optimizer, self._state.optimizer)
        layers = [written_layer(each) for each in self._network.module.children() if type(each) is not nn.Flatten]
        self._pass = WrittenPass([each for each in layers if each is not None])

    def _leave(self) -> None:
        if self._flat is not None:
            self._flat.release()
        self._flat = self._pass = None


def why_not_written(spec: ExperimentSpec, module: nn.Module) -> str:
    """Why the steps of ``module`` with ``spec`` are torch's; empty if they are written out."""
    parameters = list(module.parameters())
    if spec.loop.precision != "float32":
        return "the passes are computed in bfloat16"
    if type(module) is not nn.Sequential:
        return "the model is not a plain MLP"
    if any(type(each) is not nn.Flatten and written_layer(each) is None for each in module.children()):
        return "a layer has no written form"
    if sum(each.numel() for each in parameters) > MOST_WEIGHTS:
        return "the model is large enough to fill the processor by itself"
    if not all(each.requires_grad for each in parameters):
        return "a part of the model is frozen"
    if spec.optimizer.full_batch or not spec.optimizer.elementwise:
        return f"{spec.optimizer.title} does not treat every weight by itself"
    return "the batch is computed in parts" if spec.loop.accumulate > 1 else ""
