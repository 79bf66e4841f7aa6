"""Arrays as Qt's pictures: the pixels are the same, in colour and in gray, however the array lies in memory."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from workbench.views.widgets.qimage import image_of


@pytest.mark.parametrize("channels", [1, 3])
def test_the_pixels_are_the_arrays(qtbot: QtBot, channels: int) -> None:
    planes = np.arange(channels * 5 * 7, dtype=np.uint8).reshape(channels, 5, 7)
    picture = planes.transpose(1, 2, 0)  # rows are not in one piece
    image = image_of(picture)
    assert (image.width(), image.height()) == (7, 5)
    shown = [[image.pixelColor(x, y).getRgb()[:3] for x in range(7)] for y in range(5)]
    assert np.array_equal(np.array(shown), np.broadcast_to(picture, (5, 7, 3)))
