"""F1: the help for the place that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QMainWindow

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.help.pages import CONTENTS, load_pages
from workbench.engine.help.places import Place
from workbench.views.help.help_window import HelpWindow
from workbench.views.widgets.banner import Banner
from workbench.views.widgets.help_place import help_of
from workbench.views.window.pages import Pages


class HelpDesk(QObject):
    """Opens the window of help; made when it is first wanted."""

    def __init__(self, window: QMainWindow, pages: Pages, banner: Banner) -> None:
        super().__init__(window)
        self._main, self._pages, self._banner = window, pages, banner
        self.window: HelpWindow | None = None

    @Slot()
    def show_here(self) -> None:
        """The help for the widget with the focus, else for the page that is shown."""
        if self.window is not None and self.window.isActiveWindow():
            self.show_contents()
            return
        self.show_place(help_of(QApplication.focusWidget()) or Place(self._pages.current))

    @Slot()
    def show_contents(self) -> None:
        """The contents of the help."""
        self.show_place(Place(CONTENTS))

    def show_place(self, place: Place) -> None:
        """Open the help at a place."""
        if self.window is None:
            try:
                self.window = HelpWindow(load_pages(), self._main)
            except WorkbenchError as error:
                self._banner.say(str(error), "error")
                return
            self.window.resize(self.window.sizeHint().boundedTo(self._main.size()))
        self.window.show_place(place)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
