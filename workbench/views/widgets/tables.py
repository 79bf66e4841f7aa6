"""Plain tables of words and figures: rows to read, at most one of them selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTreeWidget,
)

from workbench.views.widgets.row_delegate import RowDelegate, wrapped_height
from workbench.views.widgets.theme import rhythm


def plain_table(heads: Sequence[str], name: str) -> QTreeWidget:
    """An empty table with these column heads; ``name`` is what a screen reader calls it."""
    table = QTreeWidget()
    make_plain(table, heads, name)
    return table


def make_plain(table: QTreeWidget, heads: Sequence[str], name: str) -> None:
    """Let ``table`` have these column heads, rows without branches, and one selected row at most."""
    table.setAccessibleName(name)
    table.setHeaderLabels(list(heads))
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setItemDelegate(RowDelegate(table))
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    scale_columns_with_font(table, table.header())


def scale_columns_with_font(table: QAbstractItemView, header: QHeaderView) -> None:
    """Let the columns of ``header`` grow and shrink with the font of ``table``, whoever has set their widths."""
    _ColumnsOfFont(table, header)


class _ColumnsOfFont(QObject):
    """Multiplies the widths of columns by the factor by which the line height of the font changes."""

    def __init__(self, table: QAbstractItemView, header: QHeaderView) -> None:
        super().__init__(table)
        self._header, self._line = header, table.fontMetrics().height()
        table.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange and isinstance(watched, QAbstractItemView):
            before, self._line = self._line, watched.fontMetrics().height()
            if self._line != before:
                for column in range(self._header.count()):
                    width = self._header.sectionSize(column)
                    self._header.resizeSection(column, round(width * self._line / before))
        return False


def wrap_rows(table: QTreeWidget) -> None:
    """Let rows be as high as their texts need at the widths of the columns: nothing is cut short."""
    table.setUniformRowHeights(False)
    table.setWordWrap(True)
    table.setItemDelegate(_Wrapped(table))
    table.header().sectionResized.connect(table.scheduleDelayedItemsLayout)


class _Wrapped(RowDelegate):
    """Asks for the height of its text in the width of its column: a tree asks for that of a single line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        table = self.parent()
        assert isinstance(table, QTreeWidget)
        high = wrapped_height(table, str(index.data() or ""), table.columnWidth(index.column()))
        return QSize(super().sizeHint(option, index).width(), high + rhythm(table, 1))


def fit_columns(table: QTreeWidget, first: float, others: float = 45) -> None:
    """Make each column but the last as wide as its texts, at most ``first`` or ``others`` times the font's rhythm."""
    for column in range(table.columnCount() - 1):  # the last one takes what is left
        table.resizeColumnToContents(column)
        most = rhythm(table, first if column == 0 else others)
        table.setColumnWidth(column, min(table.columnWidth(column) + rhythm(table, 3), most))


def squeeze_columns(table: QTreeWidget, columns: Sequence[int], least: float = 20, last: float = 24) -> None:
    """Where the table is too narrow, make ``columns`` narrower in turn, down to ``least`` times the font's rhythm.

    The last column keeps ``last`` times the rhythm. Texts that are cut short need a tooltip.
    """
    needed = sum(table.columnWidth(column) for column in range(table.columnCount() - 1)) + rhythm(table, last)
    over = needed - table.viewport().width()
    for column in columns:
        width = table.columnWidth(column)
        given = max(0, min(over, width - rhythm(table, least)))
        table.setColumnWidth(column, width - given)
        over -= given
