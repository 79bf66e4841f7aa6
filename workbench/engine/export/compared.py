"""Whether an exported network answers as the original does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import counted, short

if TYPE_CHECKING:
    from torch import Tensor

#: Pairs of a batch size for the comparison and the maximum number of inputs at that size.
BATCHES: Final = ((1, 32), (48, 256))
#: Maximum difference of a probability that rounding can explain.
TOLERANCE: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Compared:
    """``largest`` is the largest difference of a probability (0–1), ``changed`` the inputs with another top class.

    ``inputs`` were compared at each of the batch sizes ``sizes``, fewer at the first.
    """

    largest: float
    changed: int
    inputs: int
    sizes: tuple[int, ...]

    @property
    def words(self) -> str:
        """A sentence."""
        batches = " and ".join(map(str, self.sizes))
        classes = "no class" if not self.changed else counted(self.changed, "class", "classes")
        text = f"Compared on {counted(self.inputs, 'real input')} in batches of {batches}: {classes} changed"
        return f"{text}, largest difference of a probability {short(self.largest, 2)}."


def comparing(own: Callable[[Tensor], Tensor], other: Callable[[Tensor], Tensor], inputs: Tensor) -> Job[Compared]:
    """Ask both for logits (B, K) of ``inputs`` (N, …) at two batch sizes."""
    import torch

    largest, changed = 0.0, set[int]()
    for start, batch in _batches(inputs):
        yield Loading(start, len(inputs), "Comparing with the original")
        with torch.no_grad():
            one, two = (ask(batch).double().softmax(1) for ask in (own, other))
        largest = max(largest, float((one - two).abs().max()))
        moved = (one.argmax(1) != two.argmax(1)).nonzero().flatten()
        changed.update(start + int(k) for k in moved)
    return Compared(largest, len(changed), len(inputs), tuple(size for size, _ in BATCHES))


def _batches(inputs: Tensor) -> Iterator[tuple[int, Tensor]]:
    """The place of the first, and the inputs."""
    for size, most in BATCHES:
        for start in range(0, min(most, len(inputs)), size):
            yield start, inputs[start : start + size]
