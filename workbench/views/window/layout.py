"""What the window remembers from one start to the next: place, docks, colours, size. In one readable file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QSplitter

from workbench.views.widgets.theme import Mode, Theme

#: Counts up when docks are renamed or removed, so that an old layout is not applied to a new window.
VERSION = 1


class Layout:
    """Saves and restores the layout of one main window."""

    def __init__(self, home: Path, window: QMainWindow, theme: Theme) -> None:
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)
        self._window = window
        self._theme = theme
        self._splitters: dict[str, QSplitter] = {}
        self._held: QByteArray | None = None
        self._docks: Sequence[QDockWidget] = ()
        self._hidden: dict[QDockWidget, bool] = {}
        self._widths: dict[QDockWidget, int] = {}

    def add_splitter(self, name: str, splitter: QSplitter) -> None:
        """Remember this splitter too."""
        self._splitters[name] = splitter

    def add_number(self, name: str, take: Callable[[float], object]) -> None:
        """Tell ``take`` the number kept as ``name``, if there is one."""
        try:
            take(float(str(self._settings.value(f"number/{name}"))))
        except ValueError:
            return

    def set_number(self, name: str, value: float) -> None:
        """Keep a number; ``save`` writes it down."""
        self._settings.setValue(f"number/{name}", repr(value))

    def words(self, group: str) -> dict[str, str]:
        """The words kept as ``group`` by ``set_words``, each under its name."""
        self._settings.beginGroup(group)
        found = {name: str(self._settings.value(name, "")) for name in self._settings.childKeys()}
        self._settings.endGroup()
        return found

    def set_words(self, group: str, words: Mapping[str, str]) -> None:
        """Keep words; ``save`` writes them down."""
        for name, text in words.items():
            self._settings.setValue(f"{group}/{name}", text)

    def restore_look(self) -> None:
        """Colours, size of the letters and the window's place."""
        mode = str(self._settings.value("mode", "system"))
        modes: dict[str, Mode] = {"system": "system", "light": "light", "dark": "dark"}
        self._theme.set_mode(modes.get(mode, "system"))
        self._theme.set_large(str(self._settings.value("large", "false")) == "true")
        geometry = self._settings.value("geometry")
        if isinstance(geometry, QByteArray):
            self._window.restoreGeometry(geometry)

    @property
    def holds_docks(self) -> bool:
        """Whether there is an arrangement of the docks to come back to."""
        return self._held is not None

    def hold_docks(self, docks: Sequence[QDockWidget]) -> None:
        """Hold the docks' present arrangement, because large letters need another one."""
        self._held, self._docks = self._window.saveState(VERSION), docks
        self._widths = {dock: dock.width() for dock in docks if dock.isVisible() and not dock.isFloating()}
        self._hidden = {}

    def note_docks(self) -> None:
        """The arrangement for large letters stands: what is opened or closed from here on, the user has done."""
        self._hidden = self._hidden or {dock: dock.isHidden() for dock in self._docks}

    def bring_docks_back(self) -> None:
        """The arrangement that was held; docks that were opened or closed meanwhile stay so."""
        held, self._held = self._held, None
        changed = {
            dock: dock.isHidden() for dock in self._docks if dock.isHidden() != self._hidden.get(dock, dock.isHidden())
        }
        if held is not None:
            self._window.restoreState(held, VERSION)
        for dock, hidden in changed.items():
            dock.setHidden(hidden)

    def forget_widths(self) -> None:
        """The docks' widths are not wanted back: the layout was reset."""
        self._widths = {}

    def bring_widths_back(self) -> bool:
        """The docks' widths, once the window has been laid out for the letters that it has again; False if unknown."""
        docks = [dock for dock in self._widths if dock.isVisible() and not dock.isFloating()]
        self._window.resizeDocks(docks, [self._widths[dock] for dock in docks], Qt.Orientation.Horizontal)
        return bool(docks)

    def restore_docks(self) -> None:
        """Docks and splitters. Only once the window has been laid out: before that Qt gives docks wrong widths."""
        state = self._settings.value("state")
        if isinstance(state, QByteArray):
            self._window.restoreState(state, VERSION)
        for name, splitter in self._splitters.items():
            saved = self._settings.value(f"splitter/{name}")
            if isinstance(saved, QByteArray):
                splitter.restoreState(saved)

    def restore_large_docks(self) -> None:
        """The arrangement that the window had with large letters when it was closed."""
        state = self._settings.value("state_large")
        if isinstance(state, QByteArray):
            self._window.restoreState(state, VERSION)

    def _save_docks(self) -> None:
        """With large letters both arrangements; the usual one is asked for with what the user has closed since."""
        present, is_large = self._window.saveState(VERSION), self.holds_docks
        usual = present
        if is_large:
            self._window.setUpdatesEnabled(False)
            self.bring_docks_back()
            usual = self._window.saveState(VERSION)
            self._window.restoreState(present, VERSION)
            self._held, self._hidden = usual, {}
            self.note_docks()
            self._window.setUpdatesEnabled(True)
        self._settings.setValue("state", usual)
        self._settings.setValue("state_large", present if is_large else None)

    def save(self) -> None:
        """Write everything down."""
        self._settings.setValue("mode", self._theme.mode)
        self._settings.setValue("large", "true" if self._theme.large else "false")
        self._settings.setValue("geometry", self._window.saveGeometry())
        self._save_docks()
        for name, splitter in self._splitters.items():
            self._settings.setValue(f"splitter/{name}", splitter.saveState())
        self._settings.sync()
