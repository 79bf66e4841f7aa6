"""Randomness as a function, not a state: every random number follows from (seed, stream, indices).

So two runs share everything that their specs share, and a resumed run needs no generator state to be exact.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def mixed(*parts: int | str) -> int:
    """A 63-bit hash of integers and names (SplitMix64 finalizer over the parts; Steele et al. 2014)."""
    state = 0
    for part in parts:
        number = zlib.crc32(part.encode()) if isinstance(part, str) else part
        state = _finish((state ^ (number & _MASK)) + _GOLDEN & _MASK)
    return state >> 1


def _finish(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
    return z ^ z >> 31


def permutation(n: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """The order in which an epoch visits its ``n`` examples; the batch size only cuts it differently."""
    return order_generator(seed, epoch).permutation(n)


def order_generator(seed: int, epoch: int) -> np.random.Generator:
    """What draws the order of an epoch: its first ``permutation`` is the function of that name."""
    return np.random.Generator(np.random.PCG64(mixed("order", seed, epoch)))


def uniforms(
    examples: npt.NDArray[np.int64], draws: int, seed: int, epoch: int, stream: str
) -> npt.NDArray[np.float32]:
    """Uniform numbers in [0, 1), shape (len(examples), draws).

    Each is a function of its example, draw, epoch, seed and stream alone: the batch it comes in does not matter.
    """
    key = np.uint64(mixed("uniforms", stream, seed, epoch))
    with np.errstate(over="ignore"):
        z = examples.astype(np.uint64)[:, None] * np.uint64(0xD1342543DE82EF95)
        z = (z ^ key) + np.arange(1, draws + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        for _ in range(2):
            z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
            z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float32)) * np.float32(2**-24)


def generator(device: str, *parts: int | str) -> torch.Generator:
    """A torch generator of its own on ``device``, seeded from the parts."""
    import torch

    made = torch.Generator(device=device)
    made.manual_seed(mixed(*parts))
    return made
