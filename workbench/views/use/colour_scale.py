"""The scale below a map: its colours, the values at their ends, and the unit."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import short
from workbench.engine.explain.colours import coloured
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import rhythm

_STEPS = 256


class ColourScale(QWidget):
    """Empty before ``show_scale``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.words: tuple[str, ...] = ()
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_scale(self, limit: float, is_signed: bool, unit: str, is_gray: bool = False) -> None:
        """From 0 to ``limit``, or from −``limit``; ``is_gray``: black to white, as filters are drawn.

        A ``limit`` of 0 says that there is nothing but 0.
        """
        values = np.linspace(-1.0 if is_signed else 0.0, 1.0, _STEPS)[None]
        gray = np.linspace(0, 255, _STEPS).astype(np.uint8)[None, :, None]
        self._image = image_of(gray if is_gray else coloured(values, is_signed, 1.0))
        self.words = (short(-limit, 3), "0", short(limit, 3)) if is_signed else ("0", short(limit, 3))
        self._unit = unit
        self.setAccessibleName(f"Scale from {self.words[0]} to {self.words[-1]}, {unit}")
        self.update()

    def clear(self) -> None:
        """Show no scale."""
        self._image, self.words = None, ()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), rhythm(self, 2) + 2 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 18), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter, line = QPainter(self), self.fontMetrics().height()
        painter.drawImage(QRect(0, 0, self.width(), rhythm(self, 2)), self._image)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        row = QRect(0, rhythm(self, 2), self.width(), line)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for words, side in zip(self.words, sides if len(self.words) == 3 else sides[::2], strict=True):
            painter.drawText(row, side, words)
        unit = self.fontMetrics().elidedText(self._unit, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(row.translated(0, line), Qt.AlignmentFlag.AlignHCenter, unit)
        painter.end()
