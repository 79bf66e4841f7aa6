"""The only item in a subplot's pyqtgraph plot: paints three images and the crosshair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintDevice, QPainter, QPen

from workbench.views.plots.curve_image import CurveImage
from workbench.views.plots.static_content import StaticContent, paint_back, paint_front
from workbench.views.plots.step_columns import Stroke
from workbench.views.plots.viewport import Viewport


class SubplotItem(pg.GraphicsObject):
    """Covers a ViewBox in pixel coordinates, so that the ViewBox' changing transforms do not affect it.

    The back and front images are painted when an epoch ends or a range moves, ``curves`` column by column.
    """

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self._box = box
        self.setParentItem(box)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.viewport = Viewport(1, 1, 0, 1, 0, 1)
        self.content = StaticContent()
        self.curves = CurveImage(1, 1)
        self.ratio = 1.0
        self._back = self._front = QImage()
        #: True while an SVG or PDF is written: vectors instead of images.
        self.vector = False
        #: The content of ``curves``, for ``vector``.
        self.strokes: list[Stroke] = []
        self.cross: float | None = None
        self.dots: list[tuple[float, float, str]] = []

    def boundingRect(self) -> QRectF:
        return self._box.rect()

    def fit(self, viewport: Viewport, ratio: float) -> bool:
        """Set the ranges and the size; True if ``curves`` was replaced."""
        self.viewport, self.ratio = viewport, ratio
        width, height = math.ceil(viewport.width * ratio), math.ceil(viewport.height * ratio)
        if (width, height) == (self.curves.width, self.curves.height):
            return False
        self.curves = CurveImage(width, height)
        self.curves.image.setDevicePixelRatio(ratio)
        return True

    def paint_static(self, content: StaticContent, strip: tuple[float, float] | None = None) -> None:
        """Repaint the back and front images, or only a strip of them between two pixel columns."""
        self.content = content
        if strip is None or self._back.isNull() or self._back.size() != self.curves.image.size():
            self._back, self._front, strip = self._blank(), self._blank(), (0.0, self.viewport.width)
        area = QRectF(math.floor(strip[0]), 0, math.ceil(strip[1]) - math.floor(strip[0]), self.viewport.height)
        for image, paint in ((self._back, paint_back), (self._front, paint_front)):
            painter = QPainter(image)
            try:
                painter.setClipRect(area)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
                painter.fillRect(area, Qt.GlobalColor.transparent)
                painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
                paint(painter, self.viewport, content, area.left())
            finally:
                painter.end()  # a painter that outlives its image crashes the process

    @property
    def is_plain(self) -> bool:
        """Whether the three images are all that is shown."""
        return not self.vector and self.cross is None

    def show_images(self, device: QPaintDevice, origin: QPoint, area: QRect) -> None:
        """Copy ``area`` of the images directly to a widget, in which the plot area begins at ``origin``."""
        painter = QPainter(device)
        try:
            painter.setClipRect(area)
            self._paint_images(painter, QPointF(origin))
        finally:
            painter.end()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        if self.vector:
            self._paint_vector(painter)
        else:
            self._paint_images(painter, QPointF(0, 0))
        if self.cross is not None:
            self._paint_cross(painter)

    def _paint_images(self, painter: QPainter, origin: QPointF) -> None:
        for image in (self._back, self.curves.image, self._front):
            painter.drawImage(origin, image)

    def _blank(self) -> QImage:
        image = QImage(self.curves.width, self.curves.height, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self.ratio)
        return image

    def _paint_cross(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(self.content.colours.muted), 1))
        assert self.cross is not None
        painter.drawLine(QPointF(self.cross, 0), QPointF(self.cross, self.viewport.height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.content.colours.background), 1))
        for x, y, colour in self.dots:
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QPointF(x, y), 3.5, 3.5)

    def _paint_vector(self, painter: QPainter) -> None:
        painter.save()
        painter.setClipRect(self.boundingRect())
        paint_back(painter, self.viewport, self.content)
        for low, high, colour, opacity in self.strokes:
            tone = QColor(colour)
            tone.setAlphaF(opacity)
            painter.setPen(QPen(tone, 1.0 / self.ratio))
            painter.drawLines(self._lines(low, high))
        paint_front(painter, self.viewport, self.content)
        painter.restore()

    def _lines(self, low: np.ndarray, high: np.ndarray) -> list[QLineF]:
        bottom, top = self.viewport.bottom, self.viewport.top
        rows = self.viewport.height / (top - bottom)
        drawn = np.flatnonzero(low <= high)
        x = ((drawn + 0.5) / self.ratio).tolist()
        beyond = 0.1 * (top - bottom)
        lowest = bottom if self.viewport.edge else bottom - beyond
        low, high = (np.clip(each[drawn], lowest, top + beyond) for each in (low, high))
        tops, ends = ((top - high) * rows).tolist(), ((top - low) * rows).tolist()
        lines = zip(x, tops, ends, strict=True)
        if self.viewport.edge:
            height = self.viewport.height
            return [QLineF(a, min(b, height - 0.7), a, min(max(c, b + 0.7), height)) for a, b, c in lines]
        return [QLineF(a, b, a, max(c, b + 0.7)) for a, b, c in lines]
