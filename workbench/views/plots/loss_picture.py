"""Heights measured over a plane and a path on it, drawn as the playground draws a surface: colours and contours."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.catalog.surfaces import View
from workbench.engine.core.text import short
from workbench.engine.playground.relief import relief_of_grid
from workbench.views.plots.relief_colours import image_of_relief
from workbench.views.plots.run_styles import run_style
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.theme import MUTED, rhythm, theme

Array = npt.NDArray[np.float64]
#: Pixels of the picture along each side, before it is scaled.
_PIXELS: Final = 400
_TEXT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)


class LossPicture(QWidget):
    """Shows heights with equal scales, the path over them, its start as a ring and its end as a dot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.words = ""
        self._view: View | None = None
        self._heights: Array = np.zeros((0, 0))
        self._path: Array = np.zeros((0, 2))
        self._image: tuple[bool, QImage] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_ground(self, title: str, words: str, xs: Array, ys: Array, heights: Array, path: Array) -> None:
        """Show ``heights`` (n, m) at ``ys`` and ``xs``, and the ``path`` (K, 2)."""
        self.title, self.words = title, words
        self._view = View(float(xs[0]), float(xs[-1]), float(ys[0]), float(ys[-1]))
        self._heights, self._path, self._image = heights, path, None
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{words} {self.range_words}")
        self.setToolTip(plain_tip(words))
        self.update()

    @property
    def range_words(self) -> str:
        """The least and the greatest height."""
        known = self._heights[np.isfinite(self._heights)]
        if not len(known):
            return ""
        return f"Blue is low: {short(float(known.min()), 3)}; sand is high: up to {short(float(known.max()), 3)}."

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 120), rhythm(self, 100))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), rhythm(self, 40))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._image = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, high = QPainter(self), self.fontMetrics().height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(QRectF(rhythm(self, 1), 0, self.width(), high), _TEXT, self.title)
        if self._view is not None:
            room = QRectF(0, 1.25 * high, self.width(), max(1.0, self.height() - 1.25 * high))
            self._paint_ground(painter, self._paint_words(painter, room), self._view)
        painter.end()

    def _paint_words(self, painter: QPainter, room: QRectF) -> QRectF:
        """The words below the picture, or beside it where the picture is larger so; returns its room."""
        text = f"{self.words} {self.range_words} Ring: start; dot: end."
        wide = self.width() - rhythm(self, 2)
        needed = painter.boundingRect(QRectF(0, 0, wide, 1e4), _TEXT, text).height()
        words = QRectF(rhythm(self, 1), self.height() - needed, wide, needed)
        left = room.adjusted(0, 0, 0, -needed - rhythm(self, 0.5))
        half = QRectF(room.center().x(), room.top(), room.width() / 2 - rhythm(self, 1), room.height())
        needed_beside = painter.boundingRect(QRectF(0, 0, half.width(), 1e4), _TEXT, text).height()
        if left.height() < min(room.height(), room.width() / 2) and needed_beside <= room.height():
            words, left = half, room.adjusted(0, 0, -half.width() - rhythm(self, 2), 0)
        painter.setPen(self.palette().color(MUTED))
        painter.drawText(words, _TEXT, text)
        return left

    def _paint_ground(self, painter: QPainter, room: QRectF, view: View) -> None:
        wide, high = view.right - view.left, view.top - view.bottom
        scale = min(room.width() / wide, room.height() / high)  # of both axes
        area = QRectF(0, 0, scale * wide, scale * high)
        area.moveCenter(room.center())
        painter.drawImage(area, self._drawn(view))
        painter.setClipRect(area)
        right, down = scale * (self._path[:, 0] - view.left), scale * (view.top - self._path[:, 1])
        points = np.stack([area.left() + right, area.top() + down], axis=1)
        width = 2.2 * max(1.0, self.fontMetrics().height() / 16)
        dark = theme().colours.dark
        ground = QColor("#000000" if dark else "#ffffff")
        path = pg.arrayToQPath(points[:, 0], points[:, 1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = QColor(run_style(0).colour(dark))
        for pen in (QPen(ground, width + 2.5), QPen(colour, width)):
            painter.strokePath(path, pen)
        if len(points):
            self._paint_ends(painter, points, ground, colour, width)

    def _paint_ends(self, painter: QPainter, points: Array, ground: QColor, colour: QColor, width: float) -> None:
        size = 2.4 * width
        painter.setPen(QPen(colour, width))
        for point, fill in ((points[0], ground), (points[-1], colour)):
            painter.setBrush(fill)
            painter.drawEllipse(QPointF(float(point[0]), float(point[1])), size, size)

    def _drawn(self, view: View) -> QImage:
        dark = theme().colours.dark
        if self._image is None or self._image[0] != dark:
            self._image = dark, image_of_relief(relief_of_grid(view, self._heights, _PIXELS, _PIXELS), dark)
        return self._image[1]
