"""Small pictures in rows, decoded only where they are looked at: thousands can be scrolled through."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.engine.browse import Catalogue, Part
from workbench.views.blocks import draw_sign, plain_tip
from workbench.views.theme import ERROR, MUTED, rhythm, theme

PART_WORDS: Final = {
    Part.TRAINING: "training",
    Part.VALIDATION: "validation",
    Part.TEST: "test",
    Part.UNUSED: "not used",
    Part.LEFT_OUT: "left out",
    Part.UNKNOWN: "not known",
}
#: So many small pictures are kept.
KEPT: Final = 1_500
#: A moment after scrolling, so that what only flies by is not decoded.
LOOK_MS: Final = 30

Index = QModelIndex | QPersistentModelIndex
_KEYS = tuple(getattr(Qt.Key, f"Key_{digit}") for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))


class ThumbnailModel(QAbstractListModel):
    """The shown examples of a catalogue; ``shown`` are their indices in it."""

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
        lines.append(f"Class {now}" + (f", by you; its folder says {own}" if own != now else ""))
        lines.append(PART_WORDS[Part(found.parts[example])].capitalize())
        picture = self.picture(example)
        return "\n".join((*lines, f"Cannot be read: {picture}") if isinstance(picture, str) else lines)

    # --- Pictures ------------------------------------------------------------------------------------------------

    def picture(self, example: int) -> QImage | str | None:
        """The picture, or why there is none, or None while it is not known."""
        return self._images.get(self._key(example))

    def take(self, found: Catalogue, pictures: dict[int, Any]) -> None:
        """Small pictures have come; they may be of the catalogue that was shown before."""
        if self.found is None or (found.files != self.found.files and found.pictures is not self.found.pictures):
            return
        for example, picture in pictures.items():
            self._images[self._key(example)] = picture if isinstance(picture, str) else _image(picture)
        while len(self._images) > KEPT:
            self._images.popitem(last=False)

    def _key(self, example: int) -> object:
        assert self.found is not None
        return self.found.files[example] if self.found.files else int(self.found.rows[example])


class ThumbnailView(QListView):
    """The pictures; says which it needs, and which keys were pressed on them."""

    needed = Signal(object, int)  #: examples whose pictures are in sight and not known, and their side in pixels
    left_out = Signal()  #: Delete was pressed
    numbered = Signal(int)  #: a digit: 1 is class 0, and 0 is class 9

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = ThumbnailModel(self)
        self.setModel(self.thumbnails)
        self.setItemDelegate(_Delegate(self))
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
        return rhythm(self, 22)

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
        self.viewport().update()  # dataChanged would lay out all rows anew: 80 ms of 60,000
        self.look()

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
        gap = rhythm(self, 2)
        self.setGridSize(QSize(self.side + 2 * gap, self.side + 2 * self.fontMetrics().height() + 2 * gap))
        self.thumbnails.set_side(self.side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and event.key() == Qt.Key.Key_Delete:
            self.left_out.emit()
        elif plain and event.key() in _KEYS:
            self.numbered.emit(_KEYS.index(Qt.Key(event.key())))
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Draws one picture with its words below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        assert isinstance(view, ThumbnailView)
        return view.gridSize()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = self.parent()
        assert isinstance(view, ThumbnailView)
        state, palette = option.state, option.palette
        area: QRect = option.rect
        gap, line = rhythm(view, 2), view.fontMetrics().height()
        painter.save()
        cell = area.adjusted(gap // 2, gap // 2, -gap // 2, -gap // 2)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, palette.color(QPalette.ColorRole.Highlight))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1, Qt.PenStyle.DotLine))
            painter.drawRect(cell.adjusted(0, 0, -1, -1))
        example = view.thumbnails.example(index.row())
        square = QRect(area.left() + gap, area.top() + gap, view.side, view.side)
        self._draw_picture(painter, square, view, example, palette)
        below = QRect(square.left(), square.bottom() + gap // 2, square.width(), line)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        self._draw_words(painter, below, view, example, palette, selected)
        painter.restore()

    def _draw_picture(
        self, painter: QPainter, square: QRect, view: ThumbnailView, example: int, palette: QPalette
    ) -> None:
        found, picture = view.thumbnails.found, view.thumbnails.picture(example)
        assert found is not None
        out = found.parts[example] == Part.LEFT_OUT
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
        if found.labels[example] != found.own[example]:  # given another class: the tooltip says which it had
            corner = QRectF(square.right() - rhythm(view, 3), square.top(), rhythm(view, 3), rhythm(view, 3))
            painter.fillRect(corner, palette.color(QPalette.ColorRole.Base))
            draw_sign(painter, "dot", corner, palette)
        if out:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(palette.color(ERROR), rhythm(view, 0.5)))
            painter.drawLine(square.topLeft(), square.bottomRight())

    def _draw_words(
        self,
        painter: QPainter,
        line: QRect,
        view: ThumbnailView,
        example: int,
        palette: QPalette,
        selected: bool,
    ) -> None:
        found = view.thumbnails.found
        assert found is not None
        name = Path(found.names[example]).name if view.thumbnails.by_file_name else found.classes[found.labels[example]]
        plain = palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        part = Part(found.parts[example])
        for text, colour in ((name, plain), (PART_WORDS[part], plain if selected else _part_colour(part, palette))):
            painter.setPen(colour)
            shown = view.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
            line = line.translated(0, line.height())


def _part_colour(part: Part, palette: QPalette) -> QColor:
    colours = theme().colours
    if part in (Part.TRAINING, Part.VALIDATION):
        return QColor(colours.train_text if part is Part.TRAINING else colours.val_text)
    return palette.color(ERROR if part is Part.LEFT_OUT else MUTED)


def _image(picture: npt.NDArray[np.uint8]) -> QImage:
    """A copy of uint8 (H, W, 1 or 3)."""
    height, width, channels = picture.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(picture.tobytes(), width, height, width * channels, kind).copy()
