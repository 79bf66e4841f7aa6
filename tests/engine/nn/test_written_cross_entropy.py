"""The written cross-entropy against autograd's, to the bit."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from workbench.engine.nn.written_pass import MOST_CLASSES, CrossEntropy


@pytest.mark.parametrize("classes", [2, 10, MOST_CLASSES, MOST_CLASSES + 1])
def test_loss_gradient_and_hits_are_autograds(classes: int) -> None:
    entropy = CrossEntropy()
    numbers = torch.Generator().manual_seed(classes)
    logits, y = torch.empty(37, classes), torch.empty(37, dtype=torch.long)
    for scale in (1.0, 200.0):  # with the second most probabilities are exactly 0
        logits.copy_(scale * torch.randn(37, classes, generator=numbers))
        y.copy_(torch.randint(0, classes, (37,), generator=numbers))
        leaf = logits.clone().requires_grad_()
        wanted = functional.cross_entropy(leaf, y)
        wanted.backward()
        assert torch.equal(entropy(logits, y), wanted)
        assert leaf.grad is not None
        assert torch.equal(entropy.gradient.view(torch.int32), leaf.grad.view(torch.int32))
        assert entropy.hits() == (logits.argmax(1) == y).sum().item()
