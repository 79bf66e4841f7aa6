"""Batch norm over a batch that several processes share: the statistics are those of the whole batch.

It works on every device and for every class of batch norm, because it replaces ``functional.batch_norm`` during a
forward pass; modules, their names, hooks and buffers stay as they are. (torch's SyncBatchNorm runs
on GPUs alone, and would be other modules.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, autograd
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from workbench.engine.nn.batch_share import BatchShare


class SharedBatchNorm(TorchFunctionMode):
    """Within it ``functional.batch_norm`` in training has the statistics of all rows of the batch of ``share``."""

    def __init__(self, share: BatchShare) -> None:
        super().__init__()
        self._share = share

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        made = func if func is not functional.batch_norm else self._batch_norm
        return made(*args, **(kwargs or {}))

    def _batch_norm(
        self,
        x: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None = None,
        bias: Tensor | None = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Tensor:
        """As torch's function of that name, for the rows of the share, (B, C, …)."""
        if not training:
            return functional.batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
        normed, mean, square_sum, count = _Normalized.apply(x.float(), self._share, eps)
        if running_mean is not None and running_var is not None:
            with torch.no_grad():
                running_mean.lerp_(mean, momentum)
                running_var.lerp_(square_sum / (count - 1).clamp(min=1), momentum)  # the unbiased variance, as torch
        shape = (1, -1, *[1] * (x.dim() - 2))
        if weight is not None:
            normed = normed * weight.view(shape)
        if bias is not None:
            normed = normed + bias.view(shape)
        made: Tensor = normed.to(x.dtype)
        return made


class _Normalized(autograd.Function):
    """(x − mean) / √(variance + eps) of each channel; the statistics are those of all processes' rows.

    Means and sums of squares of the processes are joined as in Chan, Golub and LeVeque 1983, so that nothing cancels.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, share: BatchShare, eps: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """``x`` (B, C, …) float32; returns it normalized, the mean (C,), the sum of squared distances from it (C,),
        and how many values a channel has."""
        own = x[: share.count].transpose(0, 1).flatten(1)
        count = own.shape[1]
        mean = own.mean(1) if count else x.new_zeros(x.shape[1])
        squares = (own - mean[:, None]).square().sum(1)
        joined = share.all_gather(torch.cat([mean, squares, mean.new_tensor([float(count)])]))
        means, counts = joined[:, : len(mean)], joined[:, -1:]
        total = counts.sum()
        mean = (means * counts).sum(0) / total
        squares = joined[:, len(mean) : -1].sum(0) + (counts * (means - mean).square()).sum(0)
        shape = (1, -1, *[1] * (x.dim() - 2))
        scale = (squares / total + eps).rsqrt().view(shape)
        normed = (x - mean.view(shape)) * scale
        ctx.save_for_backward(normed, scale, total)
        ctx.share = share
        ctx.mark_non_differentiable(mean, squares, total)
        return normed, mean, squares, total

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple[Tensor, None, None]:
        """dL/dx = scale · (g − mean of g − normed · mean of g · normed), means over all rows of the batch."""
        gradient, (normed, scale, total) = gradients[0], ctx.saved_tensors
        if not ctx.share.count:
            gradient = torch.zeros_like(gradient)  # a row that is not this process's
        axes = [axis for axis in range(gradient.dim()) if axis != 1]
        sums = torch.cat([gradient.sum(axes), (gradient * normed).sum(axes)])
        first, second = (ctx.share.all_gather(sums).sum(0) / total).view(2, *scale.shape)
        found = scale * (gradient - first - normed * second)
        return found if ctx.share.count else torch.zeros_like(found), None, None
