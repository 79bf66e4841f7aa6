"""The base of tables whose rows can be acted on by keys, a double click and a menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from workbench.views.widgets.menu import is_menu_key, key_name
from workbench.views.widgets.tables import make_plain
from workbench.views.widgets.theme import rhythm


class KeyedTable(QTreeWidget):
    """``wanted`` names the action on the chosen rows, by a key or by a double click (the action of Return)."""

    wanted = Signal(str)
    menu_wanted = Signal(QPoint)  #: the place on the screen

    #: The actions by their keys. They take precedence over the window's while the table has the focus.
    keys: ClassVar[Mapping[str, str]]
    #: Widths of the columns but for the last one, in quarters of a line.
    widths: ClassVar[tuple[float, ...]]

    def __init__(self, heads: tuple[str, ...], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        make_plain(self, heads, name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.itemDoubleClicked.connect(self._on_double_clicked)

    @property
    def is_editing(self) -> bool:
        """Whether a text is being typed in a cell."""
        return self.state() == QAbstractItemView.State.EditingState

    def fit_columns(self) -> None:
        """Give the columns and the icons sizes that follow the font."""
        for column, width in enumerate(self.widths):
            self.setColumnWidth(column, rhythm(self, width))
        self.setIconSize(QSize(rhythm(self, 3.6), rhythm(self, 3.6)))

    def event(self, event: QEvent) -> bool:
        """The table's keys are not the window's while the focus is here."""
        if event.type() == QEvent.Type.ShortcutOverride and not self.is_editing:
            assert isinstance(event, QKeyEvent)
            if key_name(event) in self.keys:
                event.accept()
                return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_editing:
            super().keyPressEvent(event)
        elif key_name(event) in self.keys:
            self.wanted.emit(self.keys[key_name(event)])
        elif is_menu_key(event):
            self._on_menu(self.visualRect(self.currentIndex()).bottomLeft())
        else:
            super().keyPressEvent(event)

    @Slot(QTreeWidgetItem, int)
    def _on_double_clicked(self, _item: QTreeWidgetItem, _column: int) -> None:
        self.wanted.emit(self.keys["Return"])

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self.menu_wanted.emit(self.viewport().mapToGlobal(place))
