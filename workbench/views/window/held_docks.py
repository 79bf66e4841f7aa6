"""The docks' usual arrangement, held while large letters need another one, so that it can come back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget, QMainWindow

from workbench.views.widgets.qt_workarounds import widen

#: Counts up when docks are renamed or removed, so that an old layout is not applied to a new window.
VERSION = 1


class HeldDocks:
    """Holds one arrangement of the docks of ``window``. Docks that the user opens or closes meanwhile stay so."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._held: QByteArray | None = None
        self._docks: Sequence[QDockWidget] = ()
        self._hidden: dict[QDockWidget, bool] = {}
        self._widths: dict[QDockWidget, int] = {}

    @property
    def is_holding(self) -> bool:
        """Whether there is an arrangement to come back to."""
        return self._held is not None

    def hold(self, docks: Sequence[QDockWidget]) -> None:
        """Hold the present arrangement of ``docks``."""
        self._held, self._docks = self._window.saveState(VERSION), docks
        self._widths = {dock: dock.width() for dock in docks if not dock.isHidden() and not dock.isFloating()}
        self._hidden = {}

    def note_changes_from_here(self) -> None:
        """The arrangement for large letters is complete: what is opened or closed from here on, the user has done."""
        self._hidden = self._hidden or {dock: dock.isHidden() for dock in self._docks}

    def bring_back(self) -> None:
        """Restore the held arrangement, except for docks that were opened or closed meanwhile."""
        held, self._held = self._held, None
        changed = {
            dock: dock.isHidden() for dock in self._docks if dock.isHidden() != self._hidden.get(dock, dock.isHidden())
        }
        if held is not None:
            self._window.restoreState(held, VERSION)
        for dock, hidden in changed.items():
            dock.setHidden(hidden)

    def forget_widths(self) -> None:
        """Do not bring the docks' widths back: the layout was reset."""
        self._widths = {}

    def bring_widths_back(self) -> bool:
        """Restore the docks' widths once the window is laid out for its usual letters; False if they are unknown."""
        shown = {dock: width for dock, width in self._widths.items() if dock.isVisible() and not dock.isFloating()}
        widen(self._window, shown)
        return bool(shown)

    def usual_and_large(self) -> tuple[QByteArray, QByteArray | None]:
        """Qt's states to save: the usual arrangement with the user's later changes, and the one for large letters."""
        present = self._window.saveState(VERSION)
        if not self.is_holding:
            return present, None
        self._window.setUpdatesEnabled(False)
        self.bring_back()
        usual = self._window.saveState(VERSION)
        self._window.restoreState(present, VERSION)
        self._held, self._hidden = usual, {}
        self.note_changes_from_here()
        self._window.setUpdatesEnabled(True)
        return usual, present
