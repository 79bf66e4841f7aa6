"""The strips that are chosen, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.engine.playground.strips import STRIPS
from workbench.views.playground.strip_view import StripView
from workbench.views.plots.picture_menu import PictureMenu
from workbench.views.widgets.basics import Box, Words, drop, plain_tip
from workbench.views.widgets.theme import MUTED

_AT_FIRST: Final = ("loss", "rate")
_EMPTY: Final = "Choose what is shown here with the button Choose strips."


class StripsPanel(Box):
    """Follows the desk's paths and cursor while it is visible."""

    def __init__(self, desk: PlaygroundDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1, horizontal=True)
        self._desk = desk
        self._chosen = 0
        self.views: dict[str, StripView] = {}
        self.button = QToolButton()
        self.button.setText("&Choose strips")
        self.button.setToolTip(plain_tip("Which numbers are drawn against the updates."))
        self.button.setAutoRaise(True)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        for strip in STRIPS:
            action = QAction(strip.title, self.menu, checkable=True)
            action.setData(strip.name)
            action.setToolTip(plain_tip(strip.help))
            self.menu.addAction(action)
        self.button.setMenu(self.menu)
        self._empty = Words(_EMPTY, self, MUTED)
        self.add(self._empty)
        self.menu.triggered.connect(self._on_triggered)
        desk.laid.connect(self.refresh)
        desk.troubled.connect(self._on_trouble)
        desk.cursor.moved.connect(self._on_moved)
        self.picture_menu = PictureMenu(self, lambda: "strips")
        self.show_strips(_AT_FIRST)

    @property
    def names(self) -> tuple[str, ...]:
        """The strips that are shown."""
        return tuple(self.views)

    def show_strips(self, names: Sequence[str]) -> None:
        """Show these strips, in the order of the list; unknown names are left out."""
        for view in self.views.values():
            drop(view)
        self.views = {strip.name: StripView(strip, self) for strip in STRIPS if strip.name in names}
        for view in self.views.values():
            self.add(view, 1)
            view.show_cursor(self._desk.cursor.at)
        for action in self.menu.actions():
            action.setChecked(action.data() in self.views)
        self._empty.setVisible(not self.views)
        self.refresh()

    def choose(self, number: int) -> None:
        """Draw this racer in front."""
        self._chosen = number
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw the present paths."""
        for view in self.views.values():
            view.show_paths(self._desk.paths, self._desk.cursor.end, self._chosen)

    @Slot(str)
    def _on_trouble(self, _words: str) -> None:
        self.refresh()

    @Slot(int)
    def _on_moved(self, at: int) -> None:
        for view in self.views.values():
            view.show_cursor(at)

    @Slot(QAction)
    def _on_triggered(self, _action: QAction) -> None:
        self.show_strips([str(action.data()) for action in self.menu.actions() if action.isChecked()])
