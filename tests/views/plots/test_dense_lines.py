"""Dense curves of which only a strip is painted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from workbench.views.plots.dense_lines import fill_dense, paint_dense
from workbench.views.plots.epoch_line import EpochLine
from workbench.views.plots.viewport import Viewport


@pytest.mark.parametrize("first", [0.0, 97.0, 99.9, 102.0, 103.0, 500.0])
def test_a_strip_to_the_right_of_the_plot_paints_nothing(qapp: QApplication, first: float) -> None:
    """The plot is zoomed to earlier epochs while new ones come."""
    viewport = Viewport(100, 40, 0, 1, 0, 1)
    image = QImage(100, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    x = np.linspace(0, 500, 2000)
    y = np.full_like(x, 20.0)
    painter = QPainter(image)
    try:
        paint_dense(painter, viewport, EpochLine(x, y, "#ffffff"), x, y, first)
        fill_dense(painter, viewport, QColor("white"), x, y, y + 9, first)
    finally:
        painter.end()
    assert (image.pixelColor(99, 20).alpha() > 0) == (first < 102)
