"""Many small pictures of one scale: filters, or the channels of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from workbench.engine.explain.colours import coloured, limit_of

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

#: Larger tiles are reduced to this side where many are shown.
SMALL: Final = 160


@dataclass(frozen=True, eq=False)
class Tiles:
    """``values`` (N, h, w, 1 or 3) float64, named ``names``; ``words`` say what they are, ``unit`` what they measure.

    All have one scale: ``limit`` is the largest absolute value, and 0 is in its middle where ``is_signed``.
    ``are_filters``: drawn in gray or in the colours of the input, in which 0 is gray; else as a map.
    """

    values: Floats
    names: tuple[str, ...]
    words: str
    unit: str
    is_signed: bool
    are_filters: bool = False

    @cached_property
    def limit(self) -> float:
        """The largest absolute value; 1 where all are 0."""
        return limit_of(self.values) if self.values.size else 1.0

    @cached_property
    def small(self) -> tuple[Bytes, ...]:
        """All of them as ``drawn``, at most SMALL pixels a side. It takes a while: ask for it in the background."""
        return tuple(_reduced(self.drawn(number)) for number in range(len(self.values)))

    def drawn(self, number: int) -> Bytes:
        """One of them as uint8 (h, w, 1 or 3)."""
        values = self.values[number]
        if not self.are_filters:
            return coloured(values[..., 0], self.is_signed, self.limit)
        made: Bytes = np.rint(127.5 + 127.5 * values / self.limit).astype(np.uint8)
        return made


def _reduced(picture: Bytes) -> Bytes:
    height, width = picture.shape[:2]
    if max(height, width) <= SMALL:
        return picture
    share = SMALL / max(height, width)
    size = max(1, round(width * share)), max(1, round(height * share))
    flat = picture[..., 0] if picture.shape[2] == 1 else picture
    made = np.asarray(Image.fromarray(flat).resize(size, Image.Resampling.BOX))
    return made.reshape(*made.shape[:2], picture.shape[2])
