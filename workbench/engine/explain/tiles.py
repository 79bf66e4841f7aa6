"""Many small pictures of one scale: filters, or the channels of a layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
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

    @property
    def limit(self) -> float:
        """The largest absolute value; 1 where all are 0."""
        return float(np.abs(self.values).max(initial=0.0)) or 1.0

    def drawn(self, number: int) -> npt.NDArray[np.uint8]:
        """One of them as uint8 (h, w, 1 or 3)."""
        from workbench.engine.explain.colours import coloured

        values = self.values[number]
        if not self.are_filters:
            return coloured(values[..., 0], self.is_signed, self.limit)
        made: npt.NDArray[np.uint8] = np.rint(127.5 + 127.5 * values / self.limit).astype(np.uint8)
        return made
