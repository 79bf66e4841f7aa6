"""Data and settings files that were opened lately, as a menu."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import grouped
from workbench.views.widgets.menu import Menu

#: Number of entries that are kept.
KEPT: Final = 8


class Recent(QObject):
    """The newest first; each path once. What is gone is said when it is opened, and leaves the list."""

    wanted = Signal(object)  #: a tuple with the Path that was chosen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paths: list[Path] = []
        self.menu = Menu("Open &recent", parent)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._on_triggered)
        self._show_whether_empty()

    def recall(self, words: dict[str, str]) -> None:
        """Take over what ``words`` of an earlier window gave."""
        self.paths = [Path(words[key]) for key in sorted(words) if words[key]][:KEPT]
        self._show_whether_empty()

    def words(self) -> dict[str, str]:
        """What is kept for the next window: the paths under their numbers, empty where there is none."""
        return {str(number): str(path) for number, path in enumerate([*self.paths, *[""] * KEPT][:KEPT])}

    @Slot(object)
    def add(self, path: Path) -> None:
        """``path`` was opened."""
        self.paths = [path, *(each for each in self.paths if each != path)][:KEPT]
        self._show_whether_empty()

    @Slot()
    def clear(self) -> None:
        """Forget all of them; no file is touched."""
        self.paths = []
        self._show_whether_empty()

    def _show_whether_empty(self) -> None:
        self.menu.setEnabled(bool(self.paths))

    @Slot()
    def _fill(self) -> None:
        self.menu.clear()
        for number, (path, name) in enumerate(zip(self.paths, _names(self.paths), strict=True), 1):
            action = self.menu.addAction(f"&{grouped(number)}  {name.replace('&', '&&')}")
            action.setToolTip(str(path))
            action.setData(str(path))
        self.menu.addSeparator()
        self.menu.addAction("&Clear this list")

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        if not action.data():
            self.clear()
            return
        path = Path(str(action.data()))
        if not path.exists():
            self.paths.remove(path)
            self._show_whether_empty()
        self.wanted.emit((path,))


def _names(paths: Sequence[Path]) -> list[str]:
    """The names; of those that are there twice with the folder that holds them."""
    names = [path.name for path in paths]
    return [f"{path.name} in {path.parent}" if names.count(path.name) > 1 else path.name or str(path) for path in paths]
