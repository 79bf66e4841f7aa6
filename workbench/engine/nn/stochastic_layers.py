"""Layers with random masks: in training a function of (seed, step, layer name), inactive in evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.core.randomness import mixed
from workbench.engine.nn.batch_share import current_share


class StochasticLayer(nn.Module):
    """A layer that draws from its own generator. ``name`` is its path in the model, set by ``name_layers``."""

    p: float
    name: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._generators: dict[torch.device, torch.Generator] = {}
        self._moment = 0

    def at(self, seed: int, step: int, part: int = 0) -> None:
        """Fix what the next forward pass draws; ``part`` counts the chunks of a step over the whole training set."""
        self._moment = mixed("mask", seed, step, self.name, *[part][: part > 0])

    def at_pass(self, seed: int, number: int, part: int = 0) -> None:
        """Fix what the next forward pass draws in test pass ``number``; ``part`` counts the chunks of a split."""
        self._moment = mixed("mask", seed, "eval", number, self.name, *[part][: part > 0])

    def generator(self, device: torch.device) -> torch.Generator:
        """The layer's generator on ``device``, set to the current moment."""
        if device not in self._generators:
            self._generators[device] = torch.Generator(device=device)
        return self._generators[device].manual_seed(self._moment)


def kept(room: Tensor, p: float, generator: torch.Generator) -> Tensor:
    """``room`` filled with 0 (probability ``p``) and 1. It is float32 whatever the network computes in, because the
    draw depends on the type on some devices."""
    return room.bernoulli_(1.0 - p, generator=generator)


def drawn_rows(x: Tensor, draw: Callable[[int], Tensor]) -> Tensor:
    """What ``draw`` gives the rows of ``x`` (B, …); ``draw(n)`` is random numbers (n, …) for a batch of n rows.

    Where processes share a batch, the numbers are drawn for all of its rows: each row gets those it has in one process.
    """
    share = current_share()
    return draw(len(x)) if share is None else draw(share.total)[share.rows]


def kept_rows(x: Tensor, shape: tuple[int, ...], p: float, generator: torch.Generator) -> Tensor:
    """As ``kept``, float32 (B, *shape) for the rows of ``x`` (B, …)."""
    return drawn_rows(x, lambda rows: kept(x.new_empty((rows, *shape), dtype=torch.float32), p, generator))


class Dropout(StochasticLayer):
    """Inverted dropout: zero with probability ``p``, divide the rest by 1 − p; identity in evaluation. Shape kept."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def kept(self, x: Tensor) -> Tensor:
        """1 where the training pass of this moment keeps a unit of ``x``, else 0; shape and type of ``x``."""
        if current_share() is not None:
            return kept_rows(x, tuple(x.shape[1:]), self.p, self.generator(x.device)).to(x.dtype)
        room = torch.empty_like(x, dtype=torch.float32)
        if x.dim() == 4 and x.is_contiguous(memory_format=torch.channels_last):
            room = room.contiguous()  # numbers are drawn in the order of memory
        return kept(room, self.p, self.generator(x.device)).to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        return x * self.kept(x).div_(1.0 - self.p)


class DropConnect(StochasticLayer):
    """A fully connected layer (B, in) → (B, out) that zeroes random weights, one mask per forward pass.

    The kept weights are divided by 1 − p; evaluation uses all of them. Its parameters are those of ``layer``.
    """

    def __init__(self, layer: nn.Linear, p: float) -> None:
        super().__init__()
        self.p = p
        self.weight, self.bias = layer.weight, layer.bias

    def kept(self) -> Tensor:
        """1 where the training pass of this moment keeps a weight, else 0; the shape of ``weight``."""
        weight = self.weight
        room = torch.empty_like(weight, dtype=torch.float32, requires_grad=False)
        return kept(room, self.p, self.generator(weight.device)).to(weight.dtype)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return functional.linear(x, self.weight, self.bias)
        return functional.linear(x, self.weight * self.kept().div_(1.0 - self.p), self.bias)


class FractionalMaxPool(StochasticLayer):
    """The maxima of overlapping 2 × 2 regions, (B, C, H, W) → (B, C, about H / ratio, about W / ratio).

    Training draws the regions anew for every example (the same for all of its channels). Evaluation uses fixed ones
    that lie as evenly as they can: one draw for all pictures lost up to 7 points of accuracy against fresh draws.
    """

    def __init__(self, ratio: float) -> None:
        super().__init__()
        self.p, self.ratio = 0.0, ratio

    def side(self, before: int) -> int:
        """How many regions there are along a side of ``before`` pixels (at least 2): at least half of them."""
        return min(before - 1, max(1, int(before / self.ratio + 0.5)))

    def offsets(self, x: Tensor) -> Tensor:
        """Numbers from 0 to 1, (B, 2), that place the regions of each example of ``x`` along its width and height."""
        if self.training:
            generator = self.generator(x.device)
            return drawn_rows(x, lambda rows: torch.rand((rows, 2), device=x.device, generator=generator))
        even = [self.even(side) for side in (x.shape[3], x.shape[2])]
        return torch.tensor([even], device=x.device).expand(len(x), 2)

    def even(self, before: int) -> float:
        """The offset along a side of ``before`` pixels that rounds the places to the nearest of an even grid."""
        steps = self.side(before) - 1
        return 0.5 * steps / (before - 2) if steps else 0.0

    def starts(self, before: int, offset: float) -> list[int]:
        """Where the regions along a side of ``before`` pixels begin, each two pixels long.

        It is Graham's pseudo-random sequence, rounded as torch does it.
        """
        count = self.side(before)
        if count == 1:
            return [before - 2]
        u, step = np.float32(offset), np.float32(before - 2) / np.float32(count - 1)
        return [int((np.float32(i) + u) * step) - int(u * step) for i in range(count - 1)] + [before - 2]

    def forward(self, x: Tensor) -> Tensor:
        size = (self.side(x.shape[2]), self.side(x.shape[3]))
        same = x.float() if x.dtype == torch.bfloat16 else x  # 8 bits would place other regions
        samples = self.offsets(x).to(same.dtype)[:, None].expand(-1, x.shape[1], -1)
        pooled = functional.fractional_max_pool2d(same, 2, output_size=size, _random_samples=samples.contiguous())
        return pooled.to(x.dtype)


class StochasticDepth(StochasticLayer):
    """Drops a residual branch of whole examples with probability ``p``, divides the kept ones by 1 − p. Shape kept.

    ``depth`` is the branch's position, from above 0 for the first to 1 for the last: deeper ones are dropped more
    often.
    """

    def __init__(self, p: float, depth: float) -> None:
        super().__init__()
        self.p, self.depth = p, depth

    def kept(self, x: Tensor) -> Tensor:
        """1 where the training pass of this moment keeps the branch of an example, else 0; shape (B, 1, …)."""
        shape = (1,) * (x.dim() - 1)
        return kept_rows(x, shape, self.p, self.generator(x.device)).to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        return x * self.kept(x).div_(1.0 - self.p)


def stochastic_layers(model: nn.Module) -> list[StochasticLayer]:
    """The stochastic layers of ``model``, after setting each one's ``name`` to its path."""
    found = []
    for name, module in model.named_modules():
        if isinstance(module, StochasticLayer):
            module.name = name
            found.append(module)
    return found
