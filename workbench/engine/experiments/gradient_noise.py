"""Gradient noise: how near the gradient of a batch is to that of all examples, against the batch size."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from workbench.engine.core.progress import Loading
from workbench.engine.core.randomness import mixed
from workbench.engine.core.text import counted, grouped, short
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.network_copy import network_copy
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.data.split import Indices
    from workbench.engine.training.run_context import RunContext

#: "All" examples are at most this number of training examples, drawn once: the drawing of batches takes about 30 passes
#: over them.
MOST_EXAMPLES: Final = 2048
#: Batches that are drawn of a size: at most, and at least; between them as many as hold four times all examples.
MOST_DRAWS, FEWEST_DRAWS = 24, 6


@dataclass(frozen=True, slots=True)
class NoiseAtSize:
    """Batches of ``size`` examples: the cosine of each one's gradient with that of all, and its relative noise.

    The noise is the length of the difference over the length of the gradient of all.
    """

    size: int
    cosines: tuple[float, ...]
    noises: tuple[float, ...]

    @property
    def cosine(self) -> float:
        """The mean over the draws."""
        return sum(self.cosines) / len(self.cosines)

    @property
    def noise(self) -> float:
        """The root of the mean square over the draws."""
        return math.sqrt(sum(noise**2 for noise in self.noises) / len(self.noises))


@dataclass(frozen=True, slots=True)
class GradientNoise:
    """``sizes`` after ``step`` steps, against the gradient of ``examples``.

    ``unit_noise`` is what the noise of a single example would be, estimated from all sizes: 1/√B of it is that of a
    batch of B. ``mask_cosine`` is the cosine of two gradients of all examples with other masks of dropout; None without
    such layers.
    """

    step: int
    examples: int
    sizes: tuple[NoiseAtSize, ...]
    unit_noise: float
    mask_cosine: float | None
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What was found, in two or three sentences."""
        balance = self.unit_noise**2
        said = (
            f"After {counted(self.step, 'step')}, against the gradient of {counted(self.examples, 'example')}: the "
            f"noise of a batch falls with the square root of its size. It is as long as the gradient itself at a batch "
            f"of about {grouped(balance) if balance >= 10 else short(balance, 2)}."
        )
        said += " Batches are drawn without replacement, so those that hold much of all examples lie below the line."
        if self.mask_cosine is not None:
            said += f" Two gradients of all examples with other masks have a cosine of {short(self.mask_cosine, 3)}."
        return " ".join([said, *self.notes])


#: Yields how far it is, and each size when it is measured.
NoiseJob = Generator[Loading | NoiseAtSize, None, GradientNoise]


def gradient_noise(spec: ExperimentSpec, data: DataStore, saved: dict[str, Any] | None) -> NoiseJob:
    """Measure the network of the state ``saved``, or, where that is None, the one that ``spec`` starts with.

    Measured is the loss that training minimizes, without augmentation and penalties, with dropout off and batch norm at
    its running statistics, so that the gradient of all examples is the mean of the others. Batches are drawn without
    replacement, as in an epoch: near the number of examples their noise is below 1/√B of one example's, by the factor
    √((N − B) / (N − 1)). Raises WorkbenchError with a sentence for the user.
    """
    with data.reader():
        run = yield from network_copy(spec, data, saved)
        measuring = _Measuring(run)
        yield Loading(0, 0, "The gradient of all examples")
        whole = measuring.gradient(measuring.all)
        found: list[NoiseAtSize] = []
        sizes = batch_sizes(len(measuring.all))
        for number, size in enumerate(sizes):
            at_size = yield from measuring.at(size, whole, number, len(sizes))
            yield at_size
            found.append(at_size)
        n = len(measuring.all)
        return GradientNoise(
            run.state.progress.step, n, tuple(found), unit_noise(found, n), measuring.mask_cosine(), measuring.notes
        )


def batch_sizes(examples: int) -> list[int]:
    """1, 2, 4, … up to half of ``examples``."""
    return [2**k for k in range(max(1, (examples // 2).bit_length()))]


def unit_noise(sizes: Sequence[NoiseAtSize], examples: int) -> float:
    """The noise of one example, from all sizes, each corrected for drawing without replacement and weighed alike."""
    squares = [each.noise**2 * each.size * (examples - 1) / (examples - each.size) for each in sizes]
    return math.sqrt(sum(squares) / len(squares))


class _Measuring:
    """Gradients of a copied network, as vectors (P,) of its trainable parameters."""

    def __init__(self, run: RunContext) -> None:
        self._run = run
        train, seed = run.data.split.train, mixed("gradient noise", run.spec.loop.seed, run.state.progress.step)
        self._random = np.random.default_rng(seed)
        self.all: Indices = np.sort(self._random.permutation(train)[:MOST_EXAMPLES])
        run.state.network.eval()
        self._module, self._examples = run.network.reuse.shortcut(run.state.network, run.data.examples)
        self._parameters = [p for p in self._module.parameters() if p.requires_grad]
        self._smoothing = sum(each.label_smoothing() for each in run.spec.regularization)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of all examples."""
        total = len(self._run.data.split.train)
        return (f"These are drawn from {grouped(total)}.",) if len(self.all) < total else ()

    def at(
        self, size: int, whole: Tensor, number: int, count: int
    ) -> Generator[Loading | NoiseAtSize, None, NoiseAtSize]:
        """Draw batches of ``size``; they are the ``number``-th of ``count`` sizes."""
        draws = min(MOST_DRAWS, max(FEWEST_DRAWS, 4 * len(self.all) // size))
        cosines, noises = [], []
        length = float(whole.norm())
        for _ in range(draws):
            one = self.gradient(self._random.choice(self.all, size, replace=False))
            cosines.append(cosine(one, whole))
            noises.append(float((one - whole).norm()) / length if length else math.nan)
            yield Loading(number, count, f"Batches of {grouped(size)}")
        return NoiseAtSize(size, tuple(cosines), tuple(noises))

    def mask_cosine(self) -> float | None:
        """Of two gradients of all examples with other masks."""
        layers = self._run.network.stochastic
        if not layers:
            return None
        for layer in layers:
            layer.train()
        try:
            one, other = (self.gradient(self.all, draw) for draw in (0, 1))
        finally:
            for layer in layers:
                layer.eval()
        return cosine(one, other)

    def gradient(self, indices: Indices, draw: int = 0) -> Tensor:
        """The gradient of the mean loss over ``indices``, with the masks of ``draw`` where layers are in training."""
        import torch

        from workbench.engine.data.examples import chunks
        from workbench.engine.nn.losses import minimized

        total = torch.zeros(sum(p.numel() for p in self._parameters), device=self._parameters[0].device)
        for part, chosen in enumerate(chunks(indices)):
            for layer in self._run.network.stochastic:
                layer.at(self._run.spec.loop.seed, self._run.state.progress.step + draw, part)
            x, y = self._examples.batch(chosen)
            loss = minimized(self._module(x), y, self._smoothing, self._run.data.examples.class_weights)
            parts = torch.autograd.grad(loss * (len(chosen) / len(indices)), self._parameters, allow_unused=True)
            flat = [
                (torch.zeros_like(p) if g is None else g).flatten()
                for p, g in zip(self._parameters, parts, strict=True)
            ]
            total += torch.cat(flat)
        return total


def cosine(one: Tensor, other: Tensor) -> float:
    """Of the angle between two vectors; NaN where one is zero."""
    lengths = float(one.norm() * other.norm())
    return float(one @ other) / lengths if lengths else math.nan
