"""Projector mode: large letters, the state of the run and its sentence, and no panels; light unless Dark is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QShortcut
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from workbench.views.widgets.on_stage import OnStage
from workbench.views.widgets.theme import Mode, theme
from workbench.views.window.docks import Docks
from workbench.views.window.pages import Pages


class Projector(QObject):
    """Turns projector mode on and off; afterwards everything is as it was. ``bars`` are hidden meanwhile."""

    changed = Signal(bool)  #: whether it is on

    def __init__(
        self,
        window: QMainWindow,
        actions: Mapping[str, QAction],
        docks: Docks,
        pages: Pages,
        bars: Sequence[QWidget],
    ) -> None:
        super().__init__(window)
        self._window, self._docks, self._pages, self._bars = window, docks, pages, bars
        self._action, self._plots_alone = actions["projector"], actions["full_screen"]
        self._before: tuple[Mode, bool, bool] = (theme().mode, theme().large, False)
        self._hidden: list[QDockWidget] = []
        self._leave = QShortcut(Qt.Key.Key_Escape, window, self.leave)
        self._leave.setEnabled(False)
        self._action.toggled.connect(self._on_toggled)
        self._plots_alone.toggled.connect(self._on_plots_alone)
        pages.changed.connect(self._on_page)

    @Slot()
    def leave(self) -> None:
        """Back to the usual window."""
        self._action.setChecked(False)

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        if on:
            self._plots_alone.setChecked(False)
            self._before = theme().mode, theme().large, self._window.isMaximized()
            self._hidden = [dock for dock in self._docks.all if dock.isVisible()]
        for part in (*self._hidden, *self._bars, self._window.menuBar(), self._window.statusBar()):
            part.setVisible(not on)
        self._look(on)
        self._leave.setEnabled(on)
        self._show_page(self._pages.current, on)
        self.changed.emit(on)
        if on:
            self._window.showFullScreen()
        else:
            self._window.showMaximized() if self._before[2] else self._window.showNormal()

    def _look(self, on: bool) -> None:
        mode, large, _ = self._before
        if on and not large:
            self._docks.hold()
        if mode == "system":  # a mode that was chosen stays
            theme().set_mode("light" if on else mode)
        theme().set_large(True if on else large)

    @Slot(bool)
    def _on_plots_alone(self, on: bool) -> None:
        if on:
            self.leave()

    @Slot(str)
    def _on_page(self, name: str) -> None:
        if self._action.isChecked():
            self._show_page(name, on=True)

    def _show_page(self, name: str, on: bool) -> None:
        page = self._pages.page(name)
        if isinstance(page, OnStage):
            page.set_on_stage(on)
