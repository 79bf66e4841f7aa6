"""Filters or channels as a grid of small pictures, page by page; the chosen one is shown large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.engine.core.text import grouped, short
from workbench.engine.report.svg.colours import PlotColours
from workbench.views.use.answer_view import PictureBox
from workbench.views.use.choosable import Choosable
from workbench.views.use.colour_scale import ColourScale
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import MUTED, rhythm

if TYPE_CHECKING:
    from workbench.engine.explain.tiles import Tiles

#: The smallest and the largest side of a tile, in quarters of a line.
_LEAST: Final = 12
_MOST: Final = 60


class TileGrid(Choosable):
    """A page of tiles that fits the widget. Page Up and Page Down turn pages."""

    turned = Signal()  #: another page, or another number of tiles on one

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(name, empty, parent)
        self._tiles: Tiles | None = None
        self._images: dict[int, QImage] = {}
        #: The tile that stays on the page, whatever the size of the page becomes.
        self._kept = 0

    def show_tiles(self, tiles: Tiles | None) -> None:
        """Show ``tiles`` from the first page; of the same number the page stays."""
        is_alike = self._tiles is not None and tiles is not None and len(tiles.names) == len(self._tiles.names)
        self._tiles = tiles
        self._images.clear()
        if not is_alike:
            self._kept, self.current = 0, -1
        self._settle()

    @property
    def side(self) -> int:
        """The side of a tile in pixels of the screen: the largest with which all are on one page, within limits."""
        least, most = self.least_side, rhythm(self, _MOST)
        return next((side for side in range(most, least, -1) if self._room_for(side) >= self.count), least)

    @property
    def least_side(self) -> int:
        """The smallest side of a tile: there are further pages where it leaves too little room."""
        return rhythm(self, _LEAST)

    def _room_for(self, side: int) -> int:
        """How many tiles of this ``side`` there is room for."""
        step = side + rhythm(self, 1)
        return (self.width() // step) * (self.height() // step)

    @property
    def at_once(self) -> int:
        """How many tiles there is room for."""
        return max(1, self._room_for(self.side))

    @property
    def first(self) -> int:
        """The number of the first tile on this page."""
        return self._kept - self._kept % self.at_once

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._tiles.names) if self._tiles is not None else 0

    @property
    def shown(self) -> range:
        """The numbers of the tiles on this page."""
        return range(self.first, min(self.first + self.at_once, self.count))

    def turn(self, by: int) -> None:
        """Go to the next page, or back."""
        last = max(0, self.count - 1) // self.at_once * self.at_once
        self._kept = max(0, min(self.first + by * self.at_once, last))
        self.current = -1
        self._settle()

    def _settle(self) -> None:
        self.update()
        self.turned.emit()

    def image(self, number: int) -> QImage:
        """One tile, reduced to the size of the grid; made when it is first shown."""
        assert self._tiles is not None
        if number not in self._images:
            self._images[number] = image_of(self._tiles.small[number])
        return self._images[number]

    def places(self) -> list[QRectF]:
        side, step = self.side, self.side + rhythm(self, 1)
        columns = max(1, self.width() // step)
        return [QRectF(k % columns * step + 1, k // columns * step + 1, side, side) for k in range(len(self.shown))]

    def words(self, number: int) -> str:
        assert self._tiles is not None
        tile = self.first + number
        values = self._tiles.values[tile]
        low, high = short(float(values.min()), 3), short(float(values.max()), 3)
        return f"{self._tiles.names[tile]}: from {low} to {high}"

    def paint(self, painter: QPainter, colours: PlotColours) -> None:
        for place, number in zip(self.places(), self.shown, strict=True):
            image = self.image(number)
            size = image.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
            at = QRectF(0, 0, size.width(), size.height())
            at.moveCenter(place.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > size.width())
            painter.drawImage(at, image)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self.turn(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._settle()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 120), rhythm(self, 80))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), rhythm(self, 22))


class TilesView(Box):
    """The grid with its pages, the chosen tile, the scale and what all of it is."""

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._tiles: Tiles | None = None
        self.grid, self.words, self.page_words = TileGrid(name, empty), Words(tone=MUTED), Words(tone=MUTED, wrap=False)
        self.back_button, self.next_button = QPushButton("◂"), QPushButton("▸")
        for button, tip in ((self.back_button, "Previous page (Page Up)"), (self.next_button, "Next page (Page Down)")):
            button.setToolTip(tip)
            button.setAccessibleName(tip)
        self.large, self.large_words = PictureBox("Choose a picture to see it large"), Words(tone=MUTED)
        self.scale = ColourScale()
        middle, side, foot = Box(spacing=2, horizontal=True), Box(spacing=1), Box(spacing=2, horizontal=True)
        side.add(self.large, 1)
        side.add(self.large_words)
        side.add(self.scale)
        middle.add(self.grid, 5)
        middle.add(side, 2)
        for widget in (self.back_button, self.page_words, self.next_button):
            foot.add(widget)
        foot.box.addStretch(1)
        self.add(self.words)
        self.add(middle, 1)
        self.add(foot)
        self.grid.chosen.connect(self._on_chosen)
        self.grid.turned.connect(self._show_page)
        self.back_button.clicked.connect(self._on_back)
        self.next_button.clicked.connect(self._on_next)
        self._show_page()

    def show_tiles(self, tiles: Tiles | None) -> None:
        """Show ``tiles``; None shows what will be here."""
        self._tiles = tiles
        self.grid.show_tiles(tiles)
        if tiles is None:
            self.scale.clear()
            self.words.setText("")
        else:
            self.scale.show_scale(tiles.limit, tiles.is_signed, tiles.unit, tiles.are_filters)
            self.words.setText(tiles.words)
        if tiles is not None and self.grid.current in range(len(self.grid.shown)):
            self._on_chosen(self.grid.current)
        else:
            self.large.show_image(None)
            self.large_words.setText("")

    @Slot(int)
    def _on_chosen(self, number: int) -> None:
        assert self._tiles is not None
        self.large.show_image(image_of(self._tiles.drawn(self.grid.first + number)))
        self.large_words.setText(self.grid.words(number))

    @Slot()
    def _on_back(self) -> None:
        self.grid.turn(-1)

    @Slot()
    def _on_next(self) -> None:
        self.grid.turn(1)

    @Slot()
    def _show_page(self) -> None:
        shown, count = self.grid.shown, self.grid.count
        is_paged = count > len(shown)
        for widget in (self.back_button, self.next_button, self.page_words):
            widget.setVisible(is_paged)
        self.back_button.setEnabled(shown.start > 0)
        self.next_button.setEnabled(shown.stop < count)
        self.page_words.setText(f"{grouped(shown.start + 1)} to {grouped(shown.stop)} of {grouped(count)}")
