"""Measuring a split: the same function for training and validation examples, in eval mode, without augmentation."""

from __future__ import annotations

import math
from collections.abc import Generator

import torch
from torch import nn
from torch.nn import functional

from workbench.engine.data import Examples, chunks
from workbench.engine.events import Measured
from workbench.engine.split import Indices


def measure(network: nn.Module, examples: Examples, indices: Indices) -> Generator[int, None, Measured | None]:
    """Yield the number of examples done after each chunk; return the measurement, or None for an empty split.

    Sums are float64. The standard error of a mean over n examples is the population std over sqrt(n).
    """
    loss_sum = square_sum = correct = 0.0
    done = 0
    for part in chunks(indices):
        losses, hits = _chunk(network, examples, part)
        loss_sum += losses.sum().item()
        square_sum += losses.square().sum().item()
        correct += hits
        done += len(part)
        yield done
    return _measured(loss_sum, square_sum, correct, done) if done else None


def _chunk(network: nn.Module, examples: Examples, part: Indices) -> tuple[torch.Tensor, float]:
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        x, y = examples.batch(part)
        logits = network(x)
        # MPS has no float64, so the losses are widened on the CPU.
        losses = functional.cross_entropy(logits, y, reduction="none").cpu().double()
        hits = (logits.argmax(1) == y).sum().item()
    network.train(was_training)
    return losses, hits


def _measured(loss_sum: float, square_sum: float, correct: float, n: int) -> Measured:
    loss, accuracy = loss_sum / n, correct / n
    variance = max(0.0, square_sum / n - loss * loss)
    return Measured(loss, accuracy, n, math.sqrt(variance / n), math.sqrt(accuracy * (1 - accuracy) / n))
