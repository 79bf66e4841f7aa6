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

    With ``weights`` (K,) each example's whole loss is multiplied by the weight of its class, smoothing included, and
    the sum divided by the number of examples: the mean of w_y · ((1 − s) · −log p_y + s / K · Σ −log p). Of a mixed
    example each share counts as an example of its class. (torch weighs the smoothed part class by class, and divides
    by the sum of the weights in the batch: a batch of one class would then be unweighted.)
    """
    if weights is None:
        return functional.cross_entropy(logits, y, label_smoothing=smoothing)
    summed = functional.cross_entropy(logits, y, weights, reduction="sum")
    if smoothing:
        own = weights[y] if y.dim() == 1 else y @ weights
        summed = (1 - smoothing) * summed - smoothing * (own * logits.log_softmax(1).mean(1)).sum()
    return summed / len(logits)
