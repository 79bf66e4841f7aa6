"""The docks of the Train page: where they are, how wide, and what large letters change of that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from workbench.views.widgets.qt_workarounds import tabify, widen
from workbench.views.widgets.theme import theme
from workbench.views.window.dock_title import DockTitle
from workbench.views.window.layout import Layout

#: A window narrower than this many lines of text has no room for three columns.
NARROW = 70
#: In a window narrower than this many lines of text the layers are below plots and insight.
COMPACT = 105
_Area = Qt.DockWidgetArea


class Docks(QObject):
    """Settings on the left, insight and frozen layers on the right, layers below. Each can be moved and closed.

    ``frame`` is the Train page, a main window inside the window, so that its docks come and go with it.
    """

    restored = Signal()  #: the saved arrangement is there; from now on the page may be left

    def __init__(
        self,
        frame: QMainWindow,
        layout: Layout,
        *,
        settings: QWidget,
        insight: QWidget,
        layers: QWidget,
        frozen: QWidget,
    ) -> None:
        super().__init__(frame)
        self._window, self._layout = frame, layout
        self._floating: list[QDockWidget] = []
        self._letters_changed = False
        # The layers are below the plots alone, not below the settings.
        frame.setCorner(Qt.Corner.BottomLeftCorner, _Area.LeftDockWidgetArea)
        self.settings = self._add("Settings", settings, _Area.LeftDockWidgetArea)
        self.insight = self._add("Insight", insight, _Area.RightDockWidgetArea)
        # Layouts that were saved when the dock had this title still find it.
        self.insight.setObjectName("What you see")
        self.layers = self._add("Layers", layers, _Area.BottomDockWidgetArea)
        self.layers.hide()
        self._give_corner()
        self.layers.visibilityChanged.connect(self._give_corner)
        self.frozen = self._add("Frozen layers", frozen, _Area.RightDockWidgetArea)
        self._close_frozen_behind_insight()
        self._was_closed_empty = False
        self._was_large = theme().large
        self.frozen.toggleViewAction().triggered.connect(self._on_frozen_toggled)
        self._later_widths = _once_idle(self, self._bring_widths_back)
        self._later_fit = _once_idle(self, self.fit_letters)
        self._later_restore = _once_idle(self, self._restore)

    @property
    def all(self) -> tuple[QDockWidget, ...]:
        """Every dock, in the order of the View menu."""
        return self.settings, self.insight, self.layers, self.frozen

    def toggle_actions(self) -> list[QAction]:
        """The actions that open and close the docks."""
        return [dock.toggleViewAction() for dock in self.all]

    def start(self) -> None:
        """Restore the saved arrangement when the window has been laid out, and follow the size of the letters."""
        theme().changed.connect(self._fit_later)
        if self._window.isVisible():
            self._later_restore.start()
        else:  # on X11 the event loop may be idle before the frame is shown; Qt then keeps no widths of docks
            self._window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._window.removeEventFilter(self)
            self._later_restore.start()
        return super().eventFilter(watched, event)

    def hold(self) -> None:
        """Remember the usual arrangement, before large letters push the docks apart."""
        self._layout.held.hold(self.all)

    @Slot()
    def show_frozen(self) -> None:
        """Open the frozen layers and bring them to the front."""
        self.frozen.show()
        self.frozen.raise_()

    @Slot(bool)
    def follow_frozen(self, is_filled: bool) -> None:
        """Close the dock of frozen layers when nothing is left to show, and open it again if that had closed it."""
        if is_filled and self._was_closed_empty:
            self.frozen.show()
        self._was_closed_empty = not is_filled and not self.frozen.isHidden()
        if self._was_closed_empty:
            self.frozen.hide()

    @Slot()
    def _on_frozen_toggled(self) -> None:
        """From here on it is as the user wants it."""
        self._was_closed_empty = False

    @Slot()
    def reset(self) -> None:
        """Every dock back in its place."""
        self._window.addDockWidget(_Area.LeftDockWidgetArea, self.settings)
        self._window.addDockWidget(_Area.RightDockWidgetArea, self.insight)
        self._window.addDockWidget(_Area.BottomDockWidgetArea, self.layers)
        self.layers.hide()
        self._window.addDockWidget(_Area.RightDockWidgetArea, self.frozen)
        self._close_frozen_behind_insight()
        for part in (self.settings, self.insight):
            part.show()
        for dock in self.all:
            dock.setFloating(False)
        if self._layout.held.is_holding:
            self.hold()
            self._layout.held.forget_widths()
        self.fit_letters()

    @Slot()
    def fit_letters(self) -> None:
        """Large letters need other docks; with the usual ones everything comes back as it was before."""
        held = self._layout.held
        if theme().large:
            if not held.is_holding:  # the program was started with large letters
                self.hold()
                self._layout.restore_large_docks()
            self._fit()
            held.note_changes_from_here()
        elif held.is_holding:
            held.bring_back()
            self._later_widths.start()
        else:
            self._fit()

    @Slot()
    def _fit_later(self) -> None:
        """Other colours change no widths."""
        if theme().large == self._was_large:
            return
        self._was_large = theme().large
        if self._window.isVisible():
            self._later_fit.start()
        else:  # docks of a page that is not shown get wrong widths
            self._letters_changed = True

    @Slot(str)
    def follow_page(self, name: str) -> None:
        """Floating docks leave and come back with the page ``train``, and its docks follow what changed meanwhile."""
        is_shown = name == "train"
        for action in self.toggle_actions():
            action.setVisible(is_shown)
        if is_shown:
            self.bring_floating_back()
            if self._letters_changed:
                self._letters_changed = False
                self._later_fit.start()
        elif not self._floating:
            self._floating = [dock for dock in self.all if dock.isFloating() and not dock.isHidden()]
            for dock in self._floating:
                dock.hide()

    def bring_floating_back(self) -> None:
        """Show the floating docks again that were hidden with the page."""
        floating, self._floating = self._floating, []
        for dock in floating:
            dock.show()

    @Slot()
    def _restore(self) -> None:
        self._size()  # now that the frame is laid out; before, Qt passes over it
        self._layout.restore_docks()
        if theme().large:
            self.fit_letters()
        self.restored.emit()

    @Slot()
    def _bring_widths_back(self) -> None:
        if not self._layout.held.bring_widths_back():
            self._size()

    def _add(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(title)
        dock.setWidget(widget)
        dock.setTitleBarWidget(DockTitle(dock))
        self._window.addDockWidget(area, dock)
        return dock

    @Slot()
    def _give_corner(self) -> None:
        """Below the insight as well, where the plots alone are too narrow for the columns of the layers."""
        narrow = self._window.window().width() < COMPACT * QFontMetrics(QApplication.font()).height()
        area = _Area.BottomDockWidgetArea if narrow else _Area.RightDockWidgetArea
        if self._window.corner(Qt.Corner.BottomRightCorner) != area:
            self._window.setCorner(Qt.Corner.BottomRightCorner, area)

    def _close_frozen_behind_insight(self) -> None:
        tabify(self._window, self.insight, self.frozen)
        self.frozen.hide()

    def _fit(self) -> None:
        """Docks as wide as their words need; in a window too narrow for three columns the insight is a second tab."""
        narrow = self._window.window().width() < NARROW * QFontMetrics(QApplication.font()).height()
        tabbed = self.insight in self._window.tabifiedDockWidgets(self.settings)
        if narrow and not tabbed:
            tabify(self._window, self.settings, self.insight)
            self.settings.raise_()
        elif not narrow and tabbed:
            self._window.addDockWidget(_Area.RightDockWidgetArea, self.insight)
            if not self.frozen.isFloating():
                tabify(self._window, self.insight, self.frozen)
        self._size()

    def _size(self) -> None:
        line = QFontMetrics(QApplication.font()).height()
        widen(self._window, {self.settings: 20 * line, self.insight: 17 * line})


def _once_idle(owner: QObject, slot: Callable[[], None]) -> QTimer:
    """A timer that calls ``slot`` when the event loop has no other work left, once for each start."""
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(0)
    timer.timeout.connect(slot)
    return timer
