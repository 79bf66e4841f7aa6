"""The page of the playground: settings, the picture with its transport bar, strips and studies, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QSplitter, QTabWidget, QWidget

from workbench.bridge.playground.cursor import Cursor
from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.settings_store import SettingsStore
from workbench.views.playground.landscape import Landscape
from workbench.views.playground.numbers_column import NumbersColumn
from workbench.views.playground.settings_column import SettingsColumn
from workbench.views.playground.strips_panel import StripsPanel
from workbench.views.playground.study_panels import MinimaPanel, RatesPanel, RestartsPanel
from workbench.views.playground.transport import Transport
from workbench.views.widgets.banner import Banner
from workbench.views.widgets.basics import Box
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import rhythm

#: In quarters of a line: in a narrower page the numbers are a tab beside the settings.
_ROOMY: Final = 290
_LEFT, _RIGHT = 76, 117


class PlaygroundPage(QWidget):
    """Runs only while it is shown. Space, Home and the arrow keys act where the picture has the focus."""

    told = Signal(str, str)  #: a sentence for the user, and "info" or "error"

    def __init__(self, desk: PlaygroundDesk) -> None:
        super().__init__()
        self.desk = desk
        self._chosen = 0
        self.banner = Banner()
        self.landscape = Landscape(desk)
        self.transport = Transport(desk.cursor)
        self.settings = SettingsColumn(desk)
        self.numbers = NumbersColumn(desk)
        self.strips = StripsPanel(desk)
        self.rates, self.restarts, self.minima = RatesPanel(desk), RestartsPanel(desk), MinimaPanel(desk)
        self._lay_out()
        self._set_help()
        self._join()
        if desk.greeting:
            self.banner.say(desk.greeting, "warning")
        self.choose_racer(min(1, len(desk.spec.racers) - 1))

    def _set_help(self) -> None:
        set_help(self, "playground")
        for part, heading in (
            (self.transport, "Play"),
            (self.numbers, "What you see"),
            (self.strips, "What you see"),
            (self.rates, "Fair rates"),
            (self.restarts, "More"),
            (self.minima, "More"),
        ):
            set_help(part, "playground", heading)

    def _lay_out(self) -> None:
        column = Box(self, spacing=0)
        self.left = QTabWidget()
        self.left.setTabBarAutoHide(True)
        self.left.setDocumentMode(True)
        self.left.addTab(self.settings, "Se&ttings")
        self.stage = Box(spacing=0)
        self.stage.add(self.landscape, 1)
        self.stage.add(self.transport)
        self.below = QTabWidget()
        self.below.setDocumentMode(True)
        for panel, title in (
            (self.strips, "Stri&ps"),
            (self.rates, "Fair rate&s"),
            (self.restarts, "Rand&om restarts"),
            (self.minima, "Mi&nima"),
        ):
            self.below.addTab(panel, title)
        self.below.setCornerWidget(self.strips.button)
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self.middle.addWidget(self.stage)
        self.middle.addWidget(self.below)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.left, self.middle, self.numbers):
            self.splitter.addWidget(part)
        for splitter in (self.middle, self.splitter):
            splitter.setChildrenCollapsible(False)
            splitter.splitterMoved.connect(self._on_splitter)
        self.middle.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        column.add(self.banner)
        column.add(self.splitter, 1)
        self._column = column
        self._is_roomy: bool | None = None
        self._is_moved = False

    def _join(self) -> None:
        self.landscape.chosen_changed.connect(self.choose_racer)
        for part in (self.landscape, self.strips, self.rates, self.restarts, self.minima):
            part.picture_menu.told.connect(self.told)
        self.numbers.chosen_changed.connect(self.choose_racer)
        self.settings.chosen.connect(self.choose_racer)
        self.restarts.ends_changed.connect(self.landscape.show_ends)
        self.below.currentChanged.connect(self._on_tab)
        self.desk.store.changed.connect(self._on_changed)

    @property
    def undo_store(self) -> SettingsStore[Any]:
        """The settings that Undo and Redo act on while this page is shown."""
        return self.desk.store

    @property
    def chosen(self) -> int:
        """The racer whose arrows, rates and formula are shown."""
        return self._chosen

    @Slot(int)
    def choose_racer(self, number: int) -> None:
        """Show the arrows, rates and formula of a racer."""
        self._chosen = max(0, number)
        for part in (self.landscape, self.numbers, self.strips):
            part.choose(self._chosen)

    def choices(self) -> dict[str, str]:
        """Strips, tab and speed, for the next window."""
        names = ",".join(self.strips.names)
        return {"strips": names, "tab": str(self.below.currentIndex()), "speed": str(self.desk.cursor.speed)}

    def choose(self, words: Mapping[str, str]) -> None:
        """Bring back what ``choices`` gave; what cannot be read is left as it is."""
        if "strips" in words:
            self.strips.show_strips(words["strips"].split(","))
        if words.get("tab", "").isdigit():
            self.below.setCurrentIndex(int(words["tab"]))
        try:
            self.desk.cursor.set_speed(float(words.get("speed", "1")))
        except ValueError:
            return

    @Slot(object)
    def _on_changed(self, spec: Any) -> None:
        self.transport.show_length()
        if self._chosen >= len(spec.racers) > 0:
            self.choose_racer(len(spec.racers) - 1)

    @Slot(int)
    def _on_tab(self, index: int) -> None:
        self.strips.button.setVisible(self.below.widget(index) is self.strips)

    # --- Showing ------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.desk.set_shown(True)
        self.settings.surface.ask_pictures()
        focus = QApplication.focusWidget()
        if focus is None or not focus.isVisible():
            self.landscape.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        self.desk.set_shown(False)
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._column.setGeometry(self.rect())
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_column"):
            self._is_roomy = None
            self._arrange()

    def _arrange(self) -> None:
        """The numbers have a column of their own where there is room for it."""
        roomy = self.width() >= rhythm(self, _ROOMY)
        if roomy != self._is_roomy:
            self._is_roomy, self._is_moved = roomy, False
            if roomy:
                self.splitter.addWidget(self.numbers)
                self.numbers.show()
            else:
                self.left.addTab(self.numbers, "N&umbers")
        if not self._is_moved:
            self._share_out(roomy)

    def _share_out(self, roomy: bool) -> None:
        """The widths of the columns until the user moves one."""
        left, right = rhythm(self, _LEFT), rhythm(self, _RIGHT)
        if roomy:
            self.splitter.setSizes([left, self.width() - left - right, right])
        else:
            left = max(left, min(right, self.width() * 2 // 5))
            self.splitter.setSizes([left, self.width() - left])
        below = rhythm(self, 46)
        self.middle.setSizes([self.height() - below, below])

    @Slot()
    def _on_splitter(self) -> None:
        self._is_moved = True

    def minimumSizeHint(self) -> QSize:
        """That of the narrow arrangement, which the page takes on by itself."""
        left = max(part.minimumSizeHint().width() for part in (self.settings, self.numbers))
        middle = self.middle.minimumSizeHint().width()
        room = self.splitter.handleWidth() + rhythm(self, 3)
        return QSize(left + middle + room, self._column.minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = _KEYS.get(Qt.Key(event.key()))
        focus = QApplication.focusWidget()
        if act is not None and focus is not None and self.stage.isAncestorOf(focus):
            act(self.desk.cursor)
        else:
            super().keyPressEvent(event)


_KEYS: Final = {
    Qt.Key.Key_Space: Cursor.play_or_pause,
    Qt.Key.Key_Home: Cursor.restart,
    Qt.Key.Key_Left: Cursor.step_back,
    Qt.Key.Key_Right: Cursor.step,
}
