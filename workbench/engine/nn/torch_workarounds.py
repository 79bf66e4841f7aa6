"""Workarounds for torch, and its private functions that the engine uses, in one place.

Each one says what is wrong, the version in which it was seen, and the test that fails when the workaround is no longer
needed or no longer works (``tests/engine/nn/test_torch_workarounds.py`` unless another one is named).

Two more are in files of their own, because they must be importable without torch:

- ``preload_torch.py``: ``import torch`` (2.15) holds the GIL while the system loads its libraries, for up to
  280 ms. ``tests/engine/nn/test_preload_torch.py``.
- ``eager_optimizer.py``: ``torch.optim`` (2.15) imports the compiler for the first optimizer, which takes 5 s and
  150 MB. ``tests/engine/nn/test_eager_optimizer.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

# torch's own optimizers use these kernels for lists of tensors, but torch (2.15) has no public names for them.
# One call for all parameters takes a fraction of the time of a call for each.
foreach_add: Final = torch._foreach_add
foreach_add_: Final = torch._foreach_add_
foreach_addcdiv_: Final = torch._foreach_addcdiv_
foreach_addcmul_: Final = torch._foreach_addcmul_
foreach_copy_: Final = torch._foreach_copy_
foreach_lerp_: Final = torch._foreach_lerp_
foreach_mul_: Final = torch._foreach_mul_
foreach_norm: Final = torch._foreach_norm
foreach_sign: Final = torch._foreach_sign
foreach_sqrt: Final = torch._foreach_sqrt
foreach_sub_: Final = torch._foreach_sub_

# The kernels behind ``torch.optim.Adam``, ``AdamW`` and ``SGD`` with ``fused=True``, without public names in torch
# (2.15), whose ``step`` takes several times as long as the kernel.
fused_adam_: Final = torch._fused_adam_
fused_adamw_: Final = torch._fused_adamw_
fused_sgd_: Final = torch._fused_sgd_


def set_forward_hook(module: nn.Module, key: int, hook: Callable[..., object]) -> None:
    """Call ``hook(module, inputs, output)`` after each forward pass of ``module``, until ``remove_forward_hook``.

    ``nn.Module.register_forward_hook`` (torch 2.15) does the same and also creates a handle with weak references, which
    takes longer than the measurement that the hook is for.
    """
    module._forward_hooks[key] = hook


def remove_forward_hook(module: nn.Module, key: int) -> None:
    """Remove the hook that was set with ``key``; does nothing if there is none."""
    module._forward_hooks.pop(key, None)


def has_forward_hooks(module: nn.Module) -> bool:
    """Whether ``module`` has a hook before or after its forward pass. torch (2.15) has no public function for this."""
    return bool(module._forward_hooks or module._forward_pre_hooks)


def reads_only(hook: Callable[..., None]) -> Callable[..., None]:
    """Mark a hook of ``set_forward_hook``: it reads the output, and later its ``grad``, and needs no autograd graph."""
    hook.reads_only = True  # type: ignore[attr-defined]
    return hook


def needs_graph(module: nn.Module) -> bool:
    """Whether a hook of ``module`` may need autograd's graph: one that is not marked by ``reads_only``."""
    for hook in module._forward_hooks.values():
        if not hasattr(hook, "reads_only"):
            return True
    return bool(module._forward_pre_hooks)


def call_forward_hooks(module: nn.Module, x: Tensor, y: Tensor) -> None:
    """Call the hooks of ``module`` that read only, as a forward pass from ``x`` to ``y`` would."""
    for hook in module._forward_hooks.values():
        hook(module, (x,), y)


def set_mode(module: nn.Module, is_training: bool) -> None:
    """As ``module.train(is_training)``, which (torch 2.15) takes 30 times as long for looking whether the flag that it
    sets is a parameter: 22 µs for a small MLP, five times in each epoch.
    """
    if type(module).train is not nn.Module.train:  # it keeps a part of itself as it is
        module.train(is_training)
        return
    module.__dict__["training"] = is_training
    for part in module._modules.values():
        if part is not None:
            set_mode(part, is_training)


def has_bf16_instructions() -> bool:
    """Whether the processor multiplies bfloat16 itself (AVX512-BF16 or AMX). torch (2.15) computes in it anywhere, far
    slower, and has no public function for this.
    """
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


_aten: Any = torch.ops.aten


def log_softmax_backward(gradient: Tensor, logs: Tensor, out: Tensor) -> Tensor:
    """The gradient before a log-softmax over dimension 1 with the output ``logs``, as autograd computes it, in ``out``.

    torch (2.15) has no public name for it.
    """
    found: Tensor = torch._log_softmax_backward_data(gradient, logs, 1, logs.dtype, out=out)
    return found


def mean_nll(logs: Tensor, labels: Tensor) -> Tensor:
    """``torch.nn.functional.nll_loss``, which (torch 2.15) first looks for subclasses of Tensor and for names of the
    past.
    """
    found: Tensor = torch._C._nn.nll_loss_nd(logs, labels, None, 1, -100)  # type: ignore[arg-type]
    return found


_threshold_backward_out: Any = _aten.threshold_backward.grad_input


def relu_backward_(gradient: Tensor, y: Tensor) -> Tensor:
    """``gradient`` becomes that before a ReLU with the output ``y``. torch (2.15) has no public name for it."""
    found: Tensor = _threshold_backward_out(gradient, y, 0, grad_input=gradient)
    return found


def batch_norm_backward(
    gradient: Tensor, x: Tensor, norm: nn.BatchNorm1d, saved: tuple[Tensor, Tensor], wants_inputs: bool
) -> tuple[Tensor | None, Tensor, Tensor]:
    """The gradients of input, scale and shift of a batch norm over the batch ``x``, as autograd computes them.

    ``saved`` are the means and inverse standard deviations that ``torch.native_batch_norm`` has returned. torch (2.15)
    has no public name for it.
    """
    statistics = norm.running_mean, norm.running_var, *saved
    wanted = [wants_inputs, True, True]
    found: tuple[Tensor | None, Tensor, Tensor] = _aten.native_batch_norm_backward(
        gradient, x, norm.weight.detach(), *statistics, True, norm.eps, wanted
    )
    return found


#: ``function(layer, gradient, x, y)``: the gradient before an activation with input x and output y.
ActivationBackward = Callable[[Any, Tensor, Tensor, Tensor], Tensor]

#: The derivatives that autograd uses. torch (2.15) has no public names for them; called directly, they save
#: autograd's graph, which takes as much time as the computation in small networks.
ACTIVATION_BACKWARD: Final[Mapping[type[nn.Module], ActivationBackward]] = {
    nn.ReLU: lambda layer, g, x, y: _aten.threshold_backward(g, y, 0),
    nn.LeakyReLU: lambda layer, g, x, y: _aten.leaky_relu_backward(g, x, layer.negative_slope, False),
    nn.ELU: lambda layer, g, x, y: _aten.elu_backward(g, layer.alpha, 1, 1, False, x),
    nn.GELU: lambda layer, g, x, y: _aten.gelu_backward(g, x, approximate=layer.approximate),
    nn.SiLU: lambda layer, g, x, y: _aten.silu_backward(g, x),
    nn.Tanh: lambda layer, g, x, y: _aten.tanh_backward(g, y),
    nn.Sigmoid: lambda layer, g, x, y: _aten.sigmoid_backward(g, y),
}
