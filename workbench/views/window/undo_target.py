"""What Undo and Redo act on: the settings of the page that is shown."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from workbench.bridge.settings_store import SettingsStore
from workbench.views.window.pages import Pages


@runtime_checkable
class HasUndo(Protocol):
    """A page with settings of its own."""

    @property
    def undo_store(self) -> SettingsStore[Any]:
        """Its settings."""


@runtime_checkable
class ChangesUndo(Protocol):
    """A page that has other settings at other times."""

    undo_store_changed: SignalInstance


class UndoTarget(QObject):
    """The experiment's ``store`` unless the page that is shown has settings of its own."""

    changed = Signal()  #: whether something can be undone or redone

    def __init__(self, store: SettingsStore[Any], pages: Pages, parent: QObject) -> None:
        super().__init__(parent)
        self._own, self._pages = store, pages
        self._heard: list[SettingsStore[Any]] = []
        self._pages_heard: list[ChangesUndo] = []
        pages.changed.connect(self._on_page)
        self._on_page()

    @property
    def store(self) -> SettingsStore[Any]:
        """The settings that are shown."""
        page = self._pages.stack.currentWidget()
        return page.undo_store if isinstance(page, HasUndo) else self._own

    @Slot()
    def undo(self) -> None:
        """Undo the last change."""
        self.store.undo()

    @Slot()
    def redo(self) -> None:
        """Redo it."""
        self.store.redo()

    @Slot()
    @Slot(str)
    def _on_page(self, _name: str = "") -> None:
        page = self._pages.stack.currentWidget()
        if isinstance(page, ChangesUndo) and page not in self._pages_heard:
            self._pages_heard.append(page)
            page.undo_store_changed.connect(self._on_store)
        self._on_store()

    @Slot()
    def _on_store(self) -> None:
        store = self.store
        if store not in self._heard:
            self._heard.append(store)
            store.can_undo_changed.connect(self._on_changed)
            store.can_redo_changed.connect(self._on_changed)
        self.changed.emit()

    @Slot(bool)
    def _on_changed(self, _can: bool) -> None:
        self.changed.emit()
