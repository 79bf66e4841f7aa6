"""The modules of the CIFAR ResNets; weights have the names under which they are commonly published."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from torch import Tensor, nn

from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.nn.layers import PadShortcut, global_average


class ResidualBlock(nn.Module):
    """conv – norm – ReLU – conv – norm, plus the shortcut, then ReLU: (B, C, H, W) to (B, wider, H/s, W/s).

    ``inside`` stands between the convolutions (dropout, as in Zagoruyko and Komodakis 2016), ``end`` at the end of
    the branch, before it is added (stochastic depth).
    """

    def __init__(self, channels: int, wider: int, stride: int, inside: list[nn.Module], end: list[nn.Module]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, wider, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(wider)
        self.act1 = nn.ReLU()
        self.inside = nn.Sequential(*inside)
        self.conv2 = nn.Conv2d(wider, wider, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(wider)
        self.end = nn.Sequential(*end)
        self.shortcut = PadShortcut(channels, wider) if stride != 1 else nn.Identity()
        self.act2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.inside(self.act1(self.bn1(self.conv1(x))))
        branch = self.end(self.bn2(self.conv2(branch)))
        out: Tensor = self.act2(branch + self.shortcut(x))
        return out


class ResidualNet(nn.Module):
    """(B, channels, H, W) to logits (B, classes). The first block of each later stage halves the picture."""

    def __init__(
        self, channels: int, classes: int, blocks: int, widths: tuple[int, ...], parts: LayerInsertion
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, widths[0], 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.act1 = nn.ReLU()
        branches, total = count(), blocks * len(widths)
        before = widths[0]
        for stage, width in enumerate(widths, 1):
            made = _stage(before, width, blocks, 1 if stage == 1 else 2, parts, branches, total)
            self.add_module(f"layer{stage}", nn.Sequential(*made))
            before = width
        self.dropout = nn.Sequential(*parts.after("fc"))
        self.linear = nn.Linear(before, classes)
        self._stages = len(widths)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act1(self.bn1(self.conv1(x)))
        for stage in range(1, self._stages + 1):
            x = self.get_submodule(f"layer{stage}")(x)
        logits: Tensor = self.linear(self.dropout(global_average(x)))
        return logits


def _stage(
    before: int, width: int, blocks: int, stride: int, parts: LayerInsertion, branches: Iterator[int], total: int
) -> list[nn.Module]:
    made: list[nn.Module] = []
    for number in range(blocks):
        channels, step = (before, stride) if number == 0 else (width, 1)
        made.append(ResidualBlock(channels, width, step, parts.after("conv"), parts.branch(next(branches), total)))
    return made
