"""The picture of a surface in colours: low ground is blue, high ground sandy, as on a map; contours between them."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtGui import QColor, QImage

from workbench.engine.playground.relief import BANDS, COLOURS, Relief

#: ``COLOURS`` for dark backgrounds; paths are visible on all of them.
_DARK = ("#0c1a2a", "#11242f", "#182c30", "#21332f", "#2b382f", "#353b33", "#3e3f3a")


def image_of_relief(relief: Relief, dark: bool) -> QImage:
    """The relief in colours, with memory of its own."""
    numbers = np.ascontiguousarray(relief.bands + BANDS * relief.lines.astype(np.uint8))
    height, width = numbers.shape
    data = numbers.tobytes()
    image = QImage(data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable(_table(dark))
    return image.convertToFormat(QImage.Format.Format_RGB32)


@cache
def _table(dark: bool) -> list[int]:
    """The colours of the bands, then those of the contours that begin in each of them."""
    stops = [QColor(each) for each in (_DARK if dark else COLOURS)]
    bands = [_between(stops, number / (BANDS - 1)) for number in range(BANDS)]
    lines = [each.lighter(150) if dark else each.darker(116) for each in bands]
    return [each.rgb() for each in (*bands, *lines)]


def _between(stops: list[QColor], share: float) -> QColor:
    at = min(int(share * (len(stops) - 1)), len(stops) - 2)
    part, low, high = share * (len(stops) - 1) - at, stops[at], stops[at + 1]
    parts = (low.redF(), high.redF()), (low.greenF(), high.greenF()), (low.blueF(), high.blueF())
    return QColor.fromRgbF(*(a + (b - a) * part for a, b in parts))
