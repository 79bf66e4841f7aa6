"""A layout that places widgets in lines, like words in a text."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Left to right, top to bottom, each item that is not hidden in its preferred size, ``gap`` pixels apart.

    A geometry is set only if it differs: otherwise the outer layouts would be invalidated again. With a parent whose
    width alternates (a scroll bar that appears and disappears) this would never end.
    """

    def __init__(self, parent: QWidget, gap: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._placing = False
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max((place.bottom() + 1 for place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """The size of the widest and the highest item."""
        sizes = [item.sizeHint() for item in self._items]
        return QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        if self._placing:  # called again by a widget that was just placed: the next pass handles it
            return
        self._placing = True
        try:
            for item, place in zip(self._shown(), self._places(rect.width()), strict=True):
                there = place.translated(rect.topLeft())
                if item.geometry() != there:
                    item.setGeometry(there)
        finally:
            self._placing = False

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _places(self, width: int) -> list[QRect]:
        places: list[QRect] = []
        line: list[QSize] = []
        y = 0
        for size in (item.sizeHint() for item in self._shown()):
            if line and self._length([*line, size]) > width:
                places += self._line(line, y)
                y += max(each.height() for each in line)
                line = []
            line.append(size)
        return places + self._line(line, y)

    def _length(self, line: list[QSize]) -> int:
        return sum(size.width() for size in line) + self._gap * (len(line) - 1)

    def _line(self, line: list[QSize], y: int) -> list[QRect]:
        """The places of a line's items, each in the middle of its height."""
        height = max((size.height() for size in line), default=0)
        lefts = [self._length(line[:at]) + self._gap if at else 0 for at in range(len(line))]
        return [
            QRect(x, y + (height - size.height()) // 2, size.width(), size.height())
            for x, size in zip(lefts, line, strict=True)
        ]
