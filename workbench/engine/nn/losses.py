"""What a training step minimizes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """Class weights (K,): n / (K · n of the class), so that all classes have equal weight and an example 1 on average.

    ``labels`` (n,) are those of the training split; a class without an example has the weight 0.
    """
    counts = torch.bincount(labels, minlength=classes)
    weights = len(labels) / (classes * counts.clamp(min=1).double())
    return torch.where(counts > 0, weights, 0.0).float()


def minimized(logits: Tensor, y: Tensor, smoothing: float, weights: Tensor | None) -> Tensor:
    """Mean cross-entropy (nats) of ``logits`` (B, K); ``y`` are labels (B,) or shares of classes (B, K).

    With ``weights`` (K,) each example's is multiplied by that of its class, and the sum divided by the number of
    examples. (torch divides by the sum of the weights in the batch: a batch of one class would then be unweighted.)
    """
    if weights is None:
        return functional.cross_entropy(logits, y, label_smoothing=smoothing)
    summed = functional.cross_entropy(logits, y, weights, reduction="sum", label_smoothing=smoothing)
    return summed / len(logits)
