"""What the window remembers from one start to the next: place, docks, colours, size. In one readable file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

from workbench.views.widgets.theme import Mode, Theme
from workbench.views.window.held_docks import VERSION, HeldDocks

#: The modes by the words that are saved.
MODES: Final[dict[str, Mode]] = {"system": "system", "light": "light", "dark": "dark"}


class Layout:
    """Saves and restores the layout of one main window. ``held`` is what large letters have replaced for now.

    ``frame`` is the part of ``window`` that the docks are in.
    """

    def __init__(self, home: Path, window: QMainWindow, frame: QMainWindow, theme: Theme) -> None:
        self._settings = QSettings(str(home / "window.ini"), QSettings.Format.IniFormat)
        self._window, self._frame = window, frame
        self._theme = theme
        self._splitters: dict[str, QSplitter] = {}
        self.held = HeldDocks(frame)

    def add_splitter(self, name: str, splitter: QSplitter) -> None:
        """Remember this splitter too."""
        self._splitters[name] = splitter

    def add_number(self, name: str, take: Callable[[float], object]) -> None:
        """Call ``take`` with the number kept as ``name``, if there is one."""
        try:
            take(float(str(self._settings.value(f"number/{name}"))))
        except ValueError:
            return

    def set_number(self, name: str, value: float) -> None:
        """Keep a number; ``save`` writes it down."""
        self._settings.setValue(f"number/{name}", repr(value))

    def keep_now(self, name: str, value: float) -> None:
        """Write a number down at once: a crash may come before the window is closed."""
        self.set_number(name, value)
        self._settings.sync()

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
        self._theme.set_mode(MODES.get(mode, "system"))
        self._theme.set_large(str(self._settings.value("large", "false")) == "true")
        geometry = self._settings.value("geometry")
        if isinstance(geometry, QByteArray):
            self._window.restoreGeometry(geometry)

    def restore_docks(self) -> None:
        """Docks and splitters. Only once the window has been laid out: before that Qt gives docks wrong widths."""
        state = self._settings.value("state")
        if isinstance(state, QByteArray):
            self._frame.restoreState(state, VERSION)
        for name, splitter in self._splitters.items():
            saved = self._settings.value(f"splitter/{name}")
            if isinstance(saved, QByteArray):
                splitter.restoreState(saved)

    def restore_large_docks(self) -> None:
        """The arrangement that the window had with large letters when it was closed."""
        state = self._settings.value("state_large")
        if isinstance(state, QByteArray):
            self._frame.restoreState(state, VERSION)

    def save(self) -> None:
        """Write everything down."""
        self._settings.setValue("mode", self._theme.mode)
        self._settings.setValue("large", "true" if self._theme.large else "false")
        self._settings.setValue("geometry", self._window.saveGeometry())
        usual, large = self.held.usual_and_large()
        self._settings.setValue("state", usual)
        self._settings.setValue("state_large", large)
        for name, splitter in self._splitters.items():
            self._settings.setValue(f"splitter/{name}", splitter.saveState())
        self._settings.sync()
