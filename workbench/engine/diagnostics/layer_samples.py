"""Lazy view of the tensors sampled in one step: they are split only when a view reads them, not in training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import overload

from workbench.engine.core.observed import LayerStat


@dataclass(frozen=True, slots=True)
class Head:
    """A layer's names, and which samples it has."""

    name: str
    layer: str
    activation: str
    peaks: bool
    back: bool
    moved: bool


#: The fields of a ``Head``, which is made lazily too.
HeadFields = tuple[str, str, str, bool, bool, bool]


class LayerSamples(Sequence[LayerStat]):
    """The layers ``heads``, whose samples follow one another in ``raw`` (pieces of float32); ``sizes`` counts values.

    First the new weights of all layers that moved, then the gradient and the old weights of each of them, then of
    every layer its activation, its peaks and the gradient that came back, as far as there are any.
    """

    def __init__(self, heads: Sequence[HeadFields], raw: Sequence[bytes | memoryview], sizes: Sequence[int]) -> None:
        self._heads, self._raw, self._sizes = heads, raw, sizes
        self._stats: tuple[LayerStat, ...] | None = None

    def __len__(self) -> int:
        return len(self._heads)

    @overload
    def __getitem__(self, index: int) -> LayerStat: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[LayerStat]: ...

    def __getitem__(self, index: int | slice) -> LayerStat | Sequence[LayerStat]:
        if self._stats is None:
            self._stats = tuple(self._cut())
        return self._stats[index]

    def _cut(self) -> Iterator[LayerStat]:
        raw, heads = b"".join(self._raw), [Head(*fields) for fields in self._heads]
        ends = accumulate((4 * size for size in self._sizes), initial=0)
        pieces = (raw[start:end] for start, end in pairwise(ends))
        moved = [index for index, head in enumerate(heads) if head.moved]
        new = {index: next(pieces) for index in moved}
        before = {index: (next(pieces), next(pieces)) for index in moved}
        for index, head in enumerate(heads):
            values = next(pieces)
            peaks = next(pieces) if head.peaks else b""
            back = next(pieces) if head.back else b""
            gradient, old = before.get(index, (b"", b""))
            now = new.get(index, b"")
            yield LayerStat(head.name, head.layer, head.activation, values, peaks, gradient, old, now, back)
