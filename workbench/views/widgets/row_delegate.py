"""Cells of tables whose selected row can be read in every theme."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem


class RowDelegate(QStyledItemDelegate):
    """Leaves out the mark of the current cell where its row is selected: Fusion (Qt 6.11) fills it with the colour of
    the selection, over the text, which makes the text pale."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        if option.state & QStyle.StateFlag.State_Selected:
            option.state &= ~QStyle.StateFlag.State_HasFocus


def wrapped_height(view: QAbstractItemView, words: str, width: int) -> int:
    """The height (pixels) of ``words``, wrapped, in a cell of ``view`` that is ``width`` pixels wide."""
    margin = view.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, view) + 1
    room = QRect(0, 0, width - 2 * margin, 1 << 20)
    return view.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, words).height()


def icon_as_drawn(pixmap: QPixmap) -> QIcon:
    """An icon that looks the same in a selected row: the style would mix it with the colour of the selection."""
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
