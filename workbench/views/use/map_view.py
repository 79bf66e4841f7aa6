"""A map over the picture that it explains, with its scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import short
from workbench.engine.explain.colours import drawn_map, limit_of
from workbench.views.use.colour_scale import ColourScale
from workbench.views.widgets.basics import Box, Words, show_tip
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import MUTED, rhythm

Values = npt.NDArray[np.float64]


class MapPicture(QWidget):
    """The picture in gray below the map; the mouse asks for values."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._name = name
        self._values: Values | None = None
        self._unit = ""
        self._under: QImage | None = None
        self._over: QImage | None = None
        self._is_smooth = False
        self._opacity = 0.6
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def is_empty(self) -> bool:
        """Whether there is no map."""
        return self._values is None

    def show_map(
        self, seen: npt.NDArray[np.uint8], values: Values, is_signed: bool, unit: str, is_smooth: bool
    ) -> None:
        """Show ``values`` (h, w) over ``seen``, uint8 (H, W, 1 or 3); ``is_smooth`` interpolates between them."""
        gray = np.rint(seen.mean(2, keepdims=True)).astype(np.uint8)
        self._under, self._over = image_of(gray), image_of(drawn_map(values, is_signed))
        self._values, self._unit, self._is_smooth = values, unit, is_smooth
        finite = np.where(np.isfinite(values), values, 0.0)
        row, column = np.unravel_index(int(finite.argmax()), finite.shape)
        where = f"row {row + 1} of {finite.shape[0]}, column {column + 1} of {finite.shape[1]}"
        self.setAccessibleDescription(f"The highest value is {short(float(finite.max()), 3)} {unit}, in {where}.")
        self.update()

    def clear(self) -> None:
        """Show what will be here."""
        self._values = self._under = self._over = None
        self.setAccessibleDescription("")
        self.update()

    def set_opacity(self, share: float) -> None:
        """How much the map covers the picture, 0 to 1."""
        self._opacity = share
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 70), rhythm(self, 40))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 24), rhythm(self, 24))

    def place(self) -> QRect:
        """Where the picture is."""
        size = self._under.size() if self._under is not None else QSize(1, 1)
        made = QRect(QPoint(0, 0), size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio))
        made.moveCenter(self.rect().center())
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, place = QPainter(self), self.place()
        if self._under is None or self._over is None:
            painter.fillRect(place, self.palette().base())
            painter.setPen(self.palette().color(MUTED))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._name)
        else:
            hint = QPainter.RenderHint.SmoothPixmapTransform
            painter.setRenderHint(hint, self._under.width() > place.width())
            painter.drawImage(place, self._under)
            painter.setOpacity(self._opacity)
            painter.setRenderHint(hint, self._is_smooth or self._over.width() > place.width())
            painter.drawImage(place, self._over)
        painter.end()

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self._tip) or super().event(event)

    def _tip(self, at: QPoint) -> str:
        place, values = self.place(), self._values
        if values is None or not place.contains(at):
            return ""
        row = (at.y() - place.top()) * values.shape[0] // place.height()
        column = (at.x() - place.left()) * values.shape[1] // place.width()
        return f"Row {row + 1}, column {column + 1}: {short(float(values[row, column]), 3)} {self._unit}"


class MapView(Box):
    """A picture with its title and its scale."""

    def __init__(self, title: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self.title, self.picture, self.scale = Words(title), MapPicture(empty), ColourScale()
        self.add(self.title)
        self.add(self.picture, 1)
        self.add(self.scale)

    def show_map(
        self, seen: npt.NDArray[np.uint8], values: Values, is_signed: bool, unit: str, is_smooth: bool
    ) -> None:
        """As ``MapPicture.show_map``; the scale is that of these values."""
        self.picture.show_map(seen, values, is_signed, unit, is_smooth)
        finite = np.where(np.isfinite(values), values, 0.0)
        self.scale.show_scale(limit_of(finite) if finite.any() else 0.0, is_signed, unit)

    def clear(self) -> None:
        """Show what will be here."""
        self.picture.clear()
        self.scale.clear()
