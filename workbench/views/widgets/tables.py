"""Plain tables of words and figures: rows to read, at most one of them selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget


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
    table.setAllColumnsShowFocus(True)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
