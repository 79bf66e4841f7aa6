"""Transfer network: a front that prepares its inputs as in pretraining, the pretrained blocks, and a new head."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.transfer.stages import Stage, norms_in, stages

#: The luma weights of ITU-R 601, with which Pillow converts colour to gray.
LUMA = (0.299, 0.587, 0.114)
#: Features with a smaller standard deviation are only centred.
SMALLEST_STD = 1e-6


class Front(nn.Module):
    """Pictures (B, c, h, w) in [0, 1] to the input of the weights (B, C, H, W), normalized with their mean and std.

    The shorter side is resized to ``size`` (bilinear, smoothed where it shrinks) and the centre is cut out; with
    ``size`` None they keep theirs.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, channels: int, size: tuple[int, int] | None, mean: Sequence[float], std: Sequence[float]
    ) -> None:
        super().__init__()
        self.channels, self.size = channels, size
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self._coloured(x)
        x = x if self.size is None or tuple(x.shape[2:]) == self.size else resized(x, self.size)
        return (x - self.mean) / self.std

    def _coloured(self, x: Tensor) -> Tensor:
        if x.shape[1] == self.channels:
            return x
        if x.shape[1] == 1:
            return x.expand(-1, self.channels, -1, -1)
        return (x * x.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


def resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures with the side that is relatively shorter resized to ``size`` and the centre cut out."""
    height, width = x.shape[2:]
    scale = max(size[0] / height, size[1] / width)
    whole = (max(size[0], round(height * scale)), max(size[1], round(width * scale)))
    smaller = whole[0] < height or whole[1] < width
    x = functional.interpolate(x, whole, mode="bilinear", align_corners=False, antialias=smaller)
    top, left = (whole[0] - size[0]) // 2, (whole[1] - size[1]) // 2
    return x[:, :, top : top + size[0], left : left + size[1]]


class FeatureScale(nn.Module):
    """Features (B, F), standardized with the mean and std of the training examples at the start.

    ``seen`` counts the examples that were measured; 0: not yet, and features pass as they are.
    """

    mean: Tensor
    std: Tensor
    seen: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    def measure(self, features: Tensor) -> None:
        """Take the statistics of ``features`` (N, F); sums are float64."""
        wide = features.cpu().double()
        std = wide.std(0, correction=0)
        constant = std <= SMALLEST_STD * (1.0 + wide.mean(0).abs())
        self.mean.copy_(wide.mean(0))
        self.std.copy_(torch.where(constant, torch.ones_like(std), std))
        self.seen.fill_(len(features))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) / self.std


class TransferNet(nn.Module):
    """front – net – head: (B, *shape) to logits (B, classes). ``features`` are what comes out below the head.

    ``held`` are modules that stay in evaluation mode in training (see ``train``).
    """

    def __init__(self, front: Front, net: nn.Module, head: nn.Sequential) -> None:
        super().__init__()
        self.front, self.net, self.head = front, net, head
        self.held: tuple[nn.Module, ...] = ()

    def features(self, x: Tensor) -> Tensor:
        """What the head sees, (B, F)."""
        return torch.flatten(self.net(self.front(x)), 1)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(x))
        return logits

    def train(self, mode: bool = True) -> TransferNet:
        """As in torch, but ``held`` modules stay in evaluation mode."""
        super().train(mode)
        for module in self.held:
            module.eval()
        return self

    @property
    def scale(self) -> FeatureScale | None:
        """The layer that standardizes the features, if the head has one."""
        first = self.head.get_submodule("scale") if hasattr(self.head, "scale") else None
        return first if isinstance(first, FeatureScale) else None

    def stages(self) -> list[Stage]:
        """Its blocks in the order of execution; the last one is the head."""
        return [*stages(self.net, "net."), Stage("head", ["head"], [self.head])]

    def norms_below(self) -> list[nn.Module]:
        """The norm layers below the head."""
        return norms_in([self.net])


def head_for(features: int, classes: int, standardize: bool, between: Sequence[nn.Module]) -> nn.Sequential:
    """A new head: standardized features, what regularization puts between, a linear classifier."""
    head = nn.Sequential()
    if standardize:
        head.add_module("scale", FeatureScale(features))
    for layer in between:
        head.add_module(type(layer).__name__.lower(), layer)
    head.add_module("classifier", nn.Linear(features, classes))
    return head
