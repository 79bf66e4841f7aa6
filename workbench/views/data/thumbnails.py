"""Small pictures in rows, decoded only where they are looked at: thousands can be scrolled through."""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
    QStaticText,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.engine.data.browse import Catalogue, Part
from workbench.views.widgets.basics import draw_sign, plain_tip
from workbench.views.widgets.qimage import image_of
from workbench.views.widgets.theme import ERROR, MUTED, rhythm, theme

PART_WORDS: Final = {
    Part.TRAINING: "training",
    Part.VALIDATION: "validation",
    Part.TEST: "test",
    Part.UNUSED: "not used",
    Part.LEFT_OUT: "left out",
    Part.UNKNOWN: "not known",
}
#: The same by number: an enumeration costs too much where a hundred cells are drawn.
_WORDS_OF: Final = {int(part): words for part, words in PART_WORDS.items()}
_LEFT_OUT: Final = int(Part.LEFT_OUT)
#: At most this many small pictures are kept.
KEPT: Final = 1_500
#: A moment after scrolling, so that what only flies by is not decoded.
LOOK_MS: Final = 30
#: At most this many texts are kept ready to draw.
KEPT_WORDS: Final = 3_000

Index = QModelIndex | QPersistentModelIndex
_KEYS = tuple(getattr(Qt.Key, f"Key_{digit}") for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))


class ThumbnailModel(QAbstractListModel):
    """The shown examples of a catalogue; ``shown`` are their indices in it."""

    #: Whether the second line below a picture is its part, in the colour of that.
    shows_parts: ClassVar[bool] = True
    #: The number of lines below a picture; its side and their width in quarters of a line.
    line_count: ClassVar[int] = 2
    side_quarters: ClassVar[int] = 22
    words_quarters: ClassVar[int] = 22

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: Catalogue | None = None
        self.shown: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self.by_file_name = False
        self._images: OrderedDict[object, QImage | str] = OrderedDict()
        self._side = 0

    def show(self, found: Catalogue | None, shown: npt.NDArray[np.int64]) -> None:
        """Show these examples; pictures that are known stay known as long as they belong to files."""
        self.beginResetModel()
        if found is None or found.pictures is not None:
            self._images.clear()
        self.found, self.shown = found, shown
        self.endResetModel()

    def amend(self, found: Catalogue) -> None:
        """The same examples with other classes or parts; nothing scrolls."""
        self.found = found

    def set_side(self, side: int) -> None:
        """Pictures of another size are wanted from now on."""
        if side != self._side:
            self._side = side
            self._images.clear()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.found is None or not index.isValid():
            return None
        example = self.example(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.found.names[example]
        return plain_tip(self.words(example)) if role == Qt.ItemDataRole.ToolTipRole else None

    def example(self, row: int) -> int:
        """The example shown at ``row``."""
        return int(self.shown[row])

    def words(self, example: int) -> str:
        """Everything about an example."""
        found = self.found
        assert found is not None
        lines = [found.files[example] if found.files else found.names[example]]
        own, now = found.classes[found.own[example]], found.classes[found.labels[example]]
        lines.append(f"Class {now}" + (f" (your label; its folder is {own})" if own != now else ""))
        lines.append(PART_WORDS[Part(found.parts[example])].capitalize())
        picture = self.picture(example)
        return "\n".join((*lines, f"Cannot be read: {picture}") if isinstance(picture, str) else lines)

    def lines(self, example: int) -> tuple[str, ...]:
        """The ``line_count`` lines below a picture."""
        found = self.found
        assert found is not None
        part = _WORDS_OF[int(found.parts[example])]
        if self.by_file_name:
            return os.path.basename(found.names[example]), part
        return found.classes[int(found.labels[example])], part

    # --- Pictures ------------------------------------------------------------------------------------------------

    def picture(self, example: int) -> QImage | str | None:
        """The picture, or why there is none, or None while it is not known."""
        assert self.found is not None
        return self._images.get(_key(self.found, example))

    def take(self, found: Catalogue, pictures: dict[int, Any]) -> None:
        """Small pictures have come; those of an array that is shown no more are of no use."""
        if self.found is None or found.pictures is not self.found.pictures:
            return
        for example, picture in pictures.items():
            self._images[_key(found, example)] = picture if isinstance(picture, str) else image_of(picture)
        while len(self._images) > KEPT:
            self._images.popitem(last=False)


def _key(found: Catalogue, example: int) -> object:
    """What a picture is known by: its file and how it becomes square, or its row of the array."""
    return (found.files[example], found.fit) if found.files else int(found.rows[example])


class ThumbnailView(QListView):
    """The pictures; says which it needs, and which keys were pressed on them."""

    needed = Signal(object, int)  #: examples whose pictures are in sight and not known, and their side in pixels
    left_out = Signal()  #: Delete was pressed
    numbered = Signal(int)  #: a digit: 1 is class 0, and 0 is class 9

    def __init__(self, parent: QWidget | None = None, model: ThumbnailModel | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = model if model is not None else ThumbnailModel(self)
        self.setModel(self.thumbnails)
        self._cells = _Delegate(self)
        self.setItemDelegate(self._cells)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName("Pictures")
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.look)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.thumbnails.modelReset.connect(self._look.start)
        self._keep_rhythm()

    @property
    def side(self) -> int:
        """The side of a picture in the window's units."""
        return self._cells.sizes.side

    def chosen(self) -> list[int]:
        """The selected examples, in the order shown."""
        return [self.thumbnails.example(row) for row in sorted(index.row() for index in self.selectedIndexes())]

    def in_sight(self) -> range:
        """The rows on the screen, and a screenful below them."""
        grid, place = self.gridSize(), self.viewport().rect()
        columns = max(1, (place.width() - 1) // grid.width())
        top = self.verticalScrollBar().value() // grid.height()
        lines = place.height() // grid.height() + 2
        return range(min(top * columns, len(self.thumbnails.shown)), len(self.thumbnails.shown))[: 2 * lines * columns]

    @Slot()
    def look(self) -> None:
        """Ask for the pictures that are in sight and not known."""
        model = self.thumbnails
        if not self.isVisible() or model.found is None:
            return
        missing = [model.example(row) for row in self.in_sight() if model.picture(model.example(row)) is None]
        if missing:
            self.needed.emit(missing, round(self.side * self.devicePixelRatioF()))

    def take(self, found: Catalogue, pictures: dict[int, Any]) -> None:
        """Small pictures have come: show them and look for more."""
        self.thumbnails.take(found, pictures)
        for row in self.in_sight():  # dataChanged would lay out all rows anew: 80 ms of 60,000
            if self.thumbnails.example(row) in pictures:
                self.update(self.thumbnails.index(row))
        self.look()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw in one go: called from here, no cell has to ask for the interpreter while pictures are decoded."""
        self._cells.choose_colours(self.palette())
        super().paintEvent(event)

    @Slot()
    def _on_scrolled(self) -> None:
        if not self._look.isActive():
            self._look.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_rhythm()

    def _keep_rhythm(self) -> None:
        sizes = self._cells.measure()
        words = self.thumbnails.line_count * sizes.line
        self.setGridSize(QSize(sizes.width + 2 * sizes.gap, sizes.side + words + 2 * sizes.gap))
        self.thumbnails.set_side(sizes.side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and event.key() == Qt.Key.Key_Delete:
            self.left_out.emit()
        elif plain and event.key() in _KEYS:
            self.numbered.emit(_KEYS.index(Qt.Key(event.key())))
        else:
            super().keyPressEvent(event)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Of a cell, in the window's units."""

    side: int
    width: int
    gap: int
    line: int
    sign: int
    stroke: int


class _Delegate(QStyledItemDelegate):
    """Draws one picture with its words below.

    There are a hundred in sight, so sizes, colours and words are made ready. ``drawText`` would also let the thread
    that decodes take the interpreter at each word: up to 0.3 ms; ``drawStaticText`` keeps it.
    """

    def __init__(self, view: ThumbnailView) -> None:
        super().__init__(view)
        self._view = view
        self._drawn: OrderedDict[str, QStaticText] = OrderedDict()
        self._part_colours: dict[int, QColor] = {}
        self.sizes = self.measure()

    def measure(self) -> _Sizes:
        """Take the sizes of the view's font."""
        view = self._view
        self._drawn.clear()
        self._font, self._metrics = QFont(view.font()), QFontMetrics(view.font())
        model = view.thumbnails
        side, width, gap, sign, stroke = (
            rhythm(view, n) for n in (model.side_quarters, model.words_quarters, 2, 3, 0.5)
        )
        self.sizes = _Sizes(side, width, gap, self._metrics.height(), sign, stroke)
        return self.sizes

    def choose_colours(self, palette: QPalette) -> None:
        """Take the theme's colours; called before each picture of the view."""
        colours = theme().colours
        self._part_colours = dict.fromkeys(map(int, Part), palette.color(MUTED))
        self._part_colours |= {
            int(Part.TRAINING): QColor(colours.train_text),
            int(Part.VALIDATION): QColor(colours.val_text),
            int(Part.LEFT_OUT): palette.color(ERROR),
        }

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self._view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        state, palette, sizes = option.state, option.palette, self.sizes
        area: QRect = option.rect
        gap, half = sizes.gap, sizes.gap // 2
        painter.save()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(area.adjusted(half, half, -half, -half), palette.color(QPalette.ColorRole.Highlight))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1, Qt.PenStyle.DotLine))
            painter.drawRect(area.adjusted(half, half, -half - 1, -half - 1))
        example = self._view.thumbnails.example(index.row())
        square = QRect(area.left() + gap, area.top() + gap, sizes.side, sizes.side)
        self._draw_picture(painter, square, example, palette)
        self._draw_words(painter, QPoint(square.left(), square.bottom() + half), example, palette, selected)
        painter.restore()

    def _draw_picture(self, painter: QPainter, square: QRect, example: int, palette: QPalette) -> None:
        found, picture = self._view.thumbnails.found, self._view.thumbnails.picture(example)
        assert found is not None
        out = int(found.parts[example]) == _LEFT_OUT
        if isinstance(picture, QImage):
            # What is drawn larger than it is shows its real pixels.
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, picture.width() >= square.width())
            painter.setOpacity(0.3 if out else 1.0)
            painter.drawImage(square, picture)
            painter.setOpacity(1.0)
        else:
            painter.fillRect(square, palette.color(QPalette.ColorRole.AlternateBase))
        if isinstance(picture, str):
            painter.setPen(palette.color(ERROR))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(square, flags, "Cannot be read")
        if int(found.labels[example]) != int(found.own[example]):  # by the user: the tooltip says which it had
            side = self.sizes.sign
            corner = QRectF(square.right() - side, square.top(), side, side)
            painter.fillRect(corner, palette.color(QPalette.ColorRole.Base))
            draw_sign(painter, "dot", corner, palette)
        if out:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(palette.color(ERROR), self.sizes.stroke))
            painter.drawLine(square.topLeft(), square.bottomRight())

    def _draw_words(self, painter: QPainter, at: QPoint, example: int, palette: QPalette, selected: bool) -> None:
        model = self._view.thumbnails
        found = model.found
        assert found is not None
        first, *others = model.lines(example)
        plain = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        painter.setPen(plain)
        painter.drawStaticText(at, self._words(first))
        below = self._part_colours[int(found.parts[example])] if model.shows_parts else palette.color(MUTED)
        painter.setPen(plain if selected else below)
        for number, line in enumerate(others, 1):
            painter.drawStaticText(at + QPoint(0, number * self.sizes.line), self._words(line))

    def _words(self, text: str) -> QStaticText:
        """Words as they are drawn, cut to the width of a cell."""
        if (drawn := self._drawn.get(text)) is None:
            drawn = QStaticText(self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self.sizes.width))
            drawn.setTextFormat(Qt.TextFormat.PlainText)
            drawn.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            drawn.prepare(font=self._font)
            self._drawn[text] = drawn
            if len(self._drawn) > KEPT_WORDS:
                self._drawn.popitem(last=False)
        return drawn
