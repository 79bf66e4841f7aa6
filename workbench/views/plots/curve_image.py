"""Per-step curves as vertical spans in an image written by NumPy: the fastest way of drawing that was measured.

A frame rewrites only the columns that have changed. Each curve has one colour, premultiplied by its opacity; curves
later in the list cover earlier ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ColumnSpans:
    """One curve's spans, one per column: bounds in axis units, +inf/-inf where empty.

    ``thick`` pixels are added above and below. ``missing`` columns contain NaN or infinite values.
    """

    low: npt.NDArray[np.floating]
    high: npt.NDArray[np.floating]
    colour: int
    thick: int = 0
    missing: Bools | None = None


class CurveImage:
    """A transparent image of ``width`` × ``height`` device pixels, drawn column by column."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(1, width), max(1, height)
        self._pixels = np.zeros((self.height, self.width), np.uint32)
        self.image = QImage(self._pixels.data, self.width, self.height, QImage.Format.Format_ARGB32_Premultiplied)
        self._rows = np.arange(self.height, dtype=np.int32)[:, None]

    def draw(
        self, first: int, last: int, bottom: float, top: float, column_spans: list[ColumnSpans], missing_colour: int
    ) -> None:
        """Rewrite the columns ``[first, last)``; ``bottom`` and ``top`` are the ends of the y axis."""
        target = self._pixels[:, first:last]
        target[...] = 0
        for spans in column_spans:
            upper, lower = self._to_rows(spans.high, bottom, top), self._to_rows(spans.low, bottom, top)
            inside = (self._rows >= upper - spans.thick) & (self._rows <= lower + spans.thick)
            np.copyto(target, np.uint32(spans.colour), where=inside)
        for spans in column_spans:
            if spans.missing is not None and spans.missing.any():
                mark = min(self.height, 5 + 2 * spans.thick)
                target[:mark, spans.missing] = missing_colour

    def _to_rows(self, values: npt.NDArray[np.floating], bottom: float, top: float) -> npt.NDArray[np.int32]:
        """Pixel rows, at most one height outside the image. An empty span has low > high, so that nothing is drawn."""
        span = top - bottom
        inside = np.minimum(np.maximum(values, bottom - span), top + span)  # np.clip takes twice as long
        rows = (top - inside) * (max(1, self.height - 1) / span)
        return np.rint(rows).astype(np.int32)


@cache
def premultiplied(colour: str, opacity: float = 1.0) -> int:
    """``#rrggbb`` at an opacity as one ARGB32_Premultiplied number."""
    tone = QColor(colour)
    alpha = round(255 * opacity)
    red, green, blue = (round(c * opacity) for c in (tone.red(), tone.green(), tone.blue()))
    return alpha << 24 | red << 16 | green << 8 | blue
