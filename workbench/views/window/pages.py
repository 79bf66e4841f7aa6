"""The middle of the window: the rail, the messages that every page shows, and the page that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from workbench.bridge.services import Services
from workbench.views.widgets.banner import Banner
from workbench.views.widgets.qt_workarounds import delete_now
from workbench.views.window.page_list import PAGES, PageEntry
from workbench.views.window.press_guard import PressGuard
from workbench.views.window.rail import Rail
from workbench.views.window.refusal_line import RefusalLine


@runtime_checkable
class Remembering(Protocol):
    """A page that has choices which the next window brings back; it tells of those that a crash may not take."""

    choices_changed: SignalInstance

    def choices(self) -> dict[str, str]:
        """What is to be remembered."""

    def choose(self, words: Mapping[str, str]) -> None:
        """Bring back what ``choices`` gave."""


class Pages(QWidget):
    """Shows one page at a time. Each is made when it is first shown; its actions belong to the window."""

    changed = Signal(str)  #: the name of the page that is shown from now on
    choices_changed = Signal()  #: those of a page

    def __init__(
        self, services: Services, actions: Mapping[str, QAction], entries: Sequence[PageEntry] = PAGES
    ) -> None:
        super().__init__()
        self._services, self._entries = services, entries
        #: The page that the last window showed.
        self.remembered = ""
        #: What each page remembers, by its name.
        self.words: dict[str, dict[str, str]] = {}
        self._pages: dict[str, QWidget] = {}
        self._group = QActionGroup(self)
        for page in entries:
            self._group.addAction(actions[page.action]).setData(page.name)
        self._group.triggered.connect(self._on_chosen)
        self.rail = Rail(entries, actions)
        self.refusal = RefusalLine(services.store)
        self.banner = Banner()
        self.stack = QStackedWidget()
        self.stack.currentChanged.connect(self._on_current)
        self.guard = PressGuard(self.stack, (self.refusal, self.banner))
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        column = QVBoxLayout()
        for layout in (row, column):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(column, 1)
        column.addWidget(self.refusal)
        column.addWidget(self.banner)
        column.addWidget(self.stack, 1)

    @property
    def current(self) -> str:
        """The name of the page that is shown."""
        return next((name for name, page in self._pages.items() if page is self.stack.currentWidget()), "")

    def page(self, name: str) -> QWidget:
        """A page, made now if it was not shown before. Raises StopIteration for a name that is not in the list."""
        if name not in self._pages:
            make = next(page.make for page in self._entries if page.name == name)
            assert make is not None, f"the window makes the page {name}"
            made = make(self._services)
            if isinstance(made, Remembering):
                made.choose(self.words.get(name, {}))
                made.choices_changed.connect(self.choices_changed)
            self.put(name, made)
        return self._pages[name]

    def put(self, name: str, page: QWidget) -> None:
        """Add a page that exists already; the first one is shown."""
        self._pages[name] = page
        self.stack.addWidget(page)
        if len(self._pages) == 1:
            self._check(name)

    @Slot()
    def _on_current(self) -> None:
        """Only the page that is shown says how small the window may be."""
        for page in self._pages.values():
            policy = page.sizePolicy()
            is_shown = page is self.stack.currentWidget()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred if is_shown else QSizePolicy.Policy.Ignored)
            policy.setVerticalPolicy(policy.horizontalPolicy())
            page.setSizePolicy(policy)

    @Slot()
    def recall(self) -> None:
        """Show the page that the last window showed; a name that no page has is ignored."""
        if any(page.name == self.remembered for page in self._entries):
            self.show_page(self.remembered)

    def choices(self) -> dict[str, dict[str, str]]:
        """What each page that was made wants to have remembered."""
        return {name: page.choices() for name, page in self._pages.items() if isinstance(page, Remembering)}

    def show_page(self, name: str) -> None:
        """Show a page."""
        if name == self.current:
            return
        self.stack.setCurrentWidget(self.page(name))
        self._check(name)
        self.changed.emit(name)

    def dispose(self) -> None:
        """Delete the pages that were made here, whose plots are closed, before a change of colours reaches them."""
        for page in self._entries:
            if page.make is not None and page.name in self._pages:
                delete_now(self._pages.pop(page.name))

    @Slot()
    def show_train(self) -> None:
        """Show the page of the run that trains, where the settings are."""
        self.show_page("train")

    @Slot()
    def show_lessons(self) -> None:
        """Show the page of the lessons."""
        self.show_page("lessons")

    @Slot(QAction)
    def _on_chosen(self, action: QAction) -> None:
        self.show_page(str(action.data()))

    def _check(self, name: str) -> None:
        for action in self._group.actions():
            action.setChecked(action.data() == name)
