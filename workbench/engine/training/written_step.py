"""The step in fewer calls: one update for all parameters, and the passes of a small MLP without autograd."""

from __future__ import annotations

import torch
from torch import Tensor, autograd, nn, zeros_like

from workbench.engine.data.batch_room import BatchRoom
from workbench.engine.data.split import Indices
from workbench.engine.diagnostics import layer_probe
from workbench.engine.nn.fused_update import FusedUpdate, has_fused_kernel
from workbench.engine.nn.torch_workarounds import (
    call_forward_hooks,
    foreach_copy_,
    foreach_norm,
    has_forward_hooks,
    needs_graph,
)
from workbench.engine.nn.written_pass import WrittenPass, has_written_form
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.training.flat_optimizer import FlatOptimizer, is_aligned
from workbench.engine.training.train_step import StepResult, TorchStep

#: Matrices of larger models fill the processor by themselves (parameters).
MOST_WEIGHTS = 1_000_000


class WrittenStep(TorchStep):
    """As ``TorchStep``, with the same numbers to the last bit.

    Autograd computes the passes where the network or the settings have no written form, and in steps with an observer
    that needs its graph; torch makes the update where the optimizer has no form for all parameters at once. The forms
    may alternate from step to step.
    """

    _spec: ExperimentSpec | None = None
    _pass: WrittenPass | None = None
    _mover: FusedUpdate | FlatOptimizer | None = None
    _is_seen = _needs_graph = _has_unused = False
    _is_large = False  #: Whether activations are too large for observers to keep.
    _norms: Tensor  #: Room for those of ``_gradients`` (n,), and on the CPU the same memory as numbers.
    _numbers: memoryview[float]
    _gradients: list[Tensor]  #: That stay in the same memory; empty if they need not.
    _ends: list[nn.Module]  #: Which modules somebody might look into.
    _rooms: dict[int, BatchRoom]  #: For the batches of each size.

    @property
    def is_written(self) -> bool:
        """Whether the passes of the last step were written out."""
        return self._pass is not None and not self._needs_graph

    @property
    def moves_at_once(self) -> bool:
        """Whether the last step moved all parameters at once."""
        return self._mover is not None

    @property
    def words(self) -> str:
        if self._is_torchs:
            return "Each step is PyTorch's, because parts of the network may be frozen."
        spec = self._state.spec
        why = why_not_written(spec, self._network.module)
        passes = f"by autograd ({why})" if why else "written out for this network, without autograd"
        is_one = self._has_kernel or self._fits_flat
        update = "in one call for all weights" if is_one else f"by PyTorch's {spec.optimizer.title} itself"
        return f"Each step: gradients {passes}; update {update}."

    @property
    def _is_torchs(self) -> bool:
        return self._has_unused or self._network.reuse.network is not None

    @property
    def _has_kernel(self) -> bool:
        return has_fused_kernel(self._state.optimizer)

    @property
    def _fits_flat(self) -> bool:
        return self._state.spec.optimizer.elementwise and is_aligned(self._state.optimizer)

    def _clear(self) -> None:
        spec, own = self._state.spec, self._state.optimizer
        if self._spec is None or spec is not self._spec:
            self._is_plain = not any(r.label_smoothing() for r in spec.regularization)
            if self._spec is None or spec.optimizer is not self._spec.optimizer:
                self._enter(spec)
            self._spec = spec
        if own.state is not self._remembered:  # a state was put back
            self._enter(spec)
        self._is_seen = any(map(has_forward_hooks, self._ends))
        self._needs_graph = self._is_seen and (self._is_large or any(map(needs_graph, self._ends)))
        if self._mover is None and self._pass is None:
            super()._clear()
        elif not self.is_written:
            for parameter in self._trainable:
                parameter.grad = None

    def batch(self, indices: Indices) -> tuple[Tensor, Tensor]:
        if not self.is_written or self._state.spec.augmentations:
            return super().batch(indices)
        found = self._examples.kept_batch(indices, self._rooms)
        return found or super().batch(indices)

    def _whole(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        if self._pass is None or self._needs_graph:
            return super()._whole(x, y)
        self._draw_masks(0)
        logits = self._pass.forward(x, self._is_seen)  # nothing here requires a gradient, so autograd stays out
        if self._is_seen:
            call_forward_hooks(self._network.module, x, logits)
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
        (gradient,) = autograd.grad(loss, leaf)
        return shown.detach(), gradient, hits

    def update(self, loss: float, hits: float, size: int, rate: float) -> StepResult:
        if not self.is_written and (self._mover is not None or self._gradients):
            self._take_gradients()
        return super().update(loss, hits, size, rate)

    def _take_gradients(self) -> None:
        """Those that autograd has left at the parameters. Torch leaves a parameter alone that has none."""
        fresh = super()._all_gradients()
        if len(fresh) < len(self._trainable):
            self._has_unused = True
            self._leave()
            return
        if self._gradients:
            foreach_copy_(self._gradients, fresh)
            for parameter, gradient in zip(self._trainable, self._gradients, strict=True):
                parameter.grad = gradient
        elif self._mover is not None:
            self._mover.take_gradients()

    def _all_gradients(self) -> list[Tensor]:
        return self._gradients or super()._all_gradients()

    def _norm(self) -> float:
        if not self._gradients or self._norms.device.type != "cpu":
            return super()._norm()
        for place, norm in enumerate(foreach_norm(self._gradients)):
            self._numbers[place] = norm.item()  # torch.stack takes twice as long
        found: float = torch.linalg.vector_norm(self._norms).item()
        return found

    def _move(self, rate: float) -> None:
        if self._mover is None:
            super()._move(rate)
        else:
            self._mover.step(rate)

    def _enter(self, spec: ExperimentSpec) -> None:
        """Choose how the next steps are computed."""
        self._leave()
        own, module = self._state.optimizer, self._network.module
        self._remembered = own.state
        if self._is_torchs:
            return
        if self._has_kernel:
            self._mover = FusedUpdate(own)
        elif self._fits_flat:
            self._mover = FlatOptimizer(spec.optimizer, own)
        is_written = not why_not_written(spec, module)
        if is_written or (self._mover is not None and self._mover.keeps_gradients):
            for parameter in self._trainable:
                parameter.grad = zeros_like(parameter) if parameter.grad is None else parameter.grad
            self._gradients = super()._all_gradients()
            self._norms = self._gradients[0].new_empty(len(self._gradients))
            self._numbers = self._norms.cpu().numpy().data.cast("B").cast("f")
        if is_written:
            self._pass, self._ends = WrittenPass(list(module.children())), [module, *module.children()]
            widest = max(each.out_features for each in module.children() if isinstance(each, nn.Linear))
            self._is_large = spec.loop.batch_size * widest > layer_probe.HELD
            if self._mover is not None:
                self._mover.take_gradients()

    def _leave(self) -> None:
        if self._mover is not None:
            self._mover.release()
        self._mover = self._pass = None
        self._gradients, self._ends, self._rooms = [], [], {}


def why_not_written(spec: ExperimentSpec, module: nn.Module) -> str:
    """Why the passes of ``module`` with ``spec`` are autograd's; empty if they are written out."""
    parameters = list(module.parameters())
    if spec.loop.precision != "float32":
        return "the passes are computed in bfloat16"
    if type(module) is not nn.Sequential:
        return "the model is not a plain MLP"
    if any(type(each) is not nn.Flatten and not has_written_form(each) for each in module.children()):
        return "a layer has no written form"
    if sum(each.numel() for each in parameters) > MOST_WEIGHTS:
        return "the model is large enough to fill the processor by itself"
    if not all(each.requires_grad for each in parameters):
        return "a part of the model is frozen"
    return "the batch is computed in parts" if spec.loop.accumulate > 1 else ""
