"""Pictures of Qt as arrays for a network."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

#: Larger pictures are scaled down first: no network sees more, and the window must not wait for them.
_LONGEST = 2048


def pixels_of(image: QImage) -> npt.NDArray[np.uint8]:
    """``image`` as uint8 (H, W, 3), or (H, W, 4) where it is transparent in places; at most 2048 pixels a side."""
    if max(image.width(), image.height()) > _LONGEST:
        image = image.scaled(QSize(_LONGEST, _LONGEST), Qt.AspectRatioMode.KeepAspectRatio)
    channels = 4 if image.hasAlphaChannel() else 3
    kind = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    plain = image.convertToFormat(kind)
    rows: Any = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * channels].reshape(plain.height(), plain.width(), channels).copy()
