"""Light or dark, large letters, and the plots on the full screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMainWindow, QWidget

from workbench.views.widgets.theme import theme
from workbench.views.window.docks import Docks
from workbench.views.window.layout import MODES


class Appearance(QObject):
    """What the View menu changes of the look of ``window``. ``bars`` are hidden on the full screen."""

    def __init__(
        self, window: QMainWindow, actions: Mapping[str, QAction], docks: Docks, bars: Sequence[QWidget]
    ) -> None:
        super().__init__(window)
        self._window, self._actions, self._docks, self._bars = window, actions, docks, bars
        self._hidden: list[QWidget] = []
        self._was_maximized = False
        self._modes = QActionGroup(self)
        for name in MODES:
            self._modes.addAction(actions[name])
        self._modes.triggered.connect(self._on_mode)
        actions["large"].toggled.connect(self._on_large)
        actions["full_screen"].toggled.connect(self._on_full_screen)
        # Actions in menus only work while the menu bar is shown; on the full screen it is not.
        window.addActions(list(actions.values()))

    def show_theme(self) -> None:
        """Check the actions that describe the present theme."""
        self._actions[theme().mode].setChecked(True)
        self._actions["large"].setChecked(theme().large)

    @Slot(object)
    def _on_mode(self, action: QObject) -> None:
        theme().set_mode(MODES[action.objectName()])

    @Slot(bool)
    def _on_large(self, on: bool) -> None:
        if on and not theme().large:
            self._docks.hold()
        theme().set_large(on)

    @Slot(bool)
    def _on_full_screen(self, on: bool) -> None:
        if on:
            self._hidden = [dock for dock in self._docks.all if dock.isVisible()]
            self._was_maximized = self._window.isMaximized()
        for part in (*self._hidden, *self._bars, self._window.menuBar(), self._window.statusBar()):
            part.setVisible(not on)
        if on:
            self._window.showFullScreen()
        elif self._was_maximized:
            self._window.showMaximized()
        else:
            self._window.showNormal()
