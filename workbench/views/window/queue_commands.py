"""What the menu Run has for the queue, for races and for searches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from workbench.bridge.services import Services
from workbench.engine.core.text import counted
from workbench.views.runs.queue_messages import QueueMessages
from workbench.views.runs.runs_page import RunsPage
from workbench.views.window.notifier import Notifier
from workbench.views.window.pages import Pages


class QueueCommands(QObject):
    """The actions of the queue, its messages, and the notifications of the desktop."""

    def __init__(self, window: QMainWindow, services: Services, pages: Pages, actions: Mapping[str, QAction]) -> None:
        super().__init__(window)
        self._desk, self._pages, self._actions = services.run_desk, pages, actions
        self.messages = QueueMessages(services.run_desk, pages.banner)
        self.notifier = Notifier(window, services)
        self.notifier.wanted.connect(self.show_runs)
        self.messages.report_wanted.connect(self.show_report)
        self._desk.queue_wanted.connect(self.show)
        self._desk.race.shown_wanted.connect(self.show_race)
        for changed in (self._desk.queue.changed, self._desk.worker.changed):
            changed.connect(self._on_changed)
        self._on_changed()

    @property
    def slots(self) -> dict[str, Callable[[], None]]:
        """What the menus' actions do, by name."""
        return {
            "queue_add": self.add,
            "queue_show": self.show,
            "queue_on": self.switch,
            "race": self._desk.race.begin,
            "search": self.search,
        }

    @Slot()
    def add(self) -> None:
        """Add the current settings, and say so where the queue is not seen."""
        before = len(self._desk.queue.cards)
        self._desk.add_current()
        if len(self._desk.queue.cards) > before and self._pages.current != "runs":
            waiting = counted(self._desk.queue.waiting, "card waits", "cards wait")
            self._desk.queue.told.emit(f"Added to the queue: {self._desk.queue.cards[-1].title}. {waiting}.", "undo")

    @Slot()
    def show(self) -> None:
        """Show the queue."""
        self._page().show_queue()

    @Slot()
    def show_race(self) -> None:
        """Show the race."""
        self._page().show_race()

    @Slot()
    def search(self) -> None:
        """Show the searches, and set up another one."""
        self._page().show_search()

    @Slot()
    def show_report(self) -> None:
        """Show the queue and its last report."""
        page = self._page()
        page.show_queue()
        page.queue.open_report()

    def _page(self) -> RunsPage:
        self._pages.show_page("runs")
        page = self._pages.page("runs")
        assert isinstance(page, RunsPage)
        return page

    @Slot()
    def show_runs(self) -> None:
        """Show the page of runs as it was left."""
        self._pages.show_page("runs")

    @Slot()
    def switch(self) -> None:
        """Switch the queue on or off."""
        self._desk.worker.switch(not self._desk.worker.is_on)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        queue, worker, action = self._desk.queue, self._desk.worker, self._actions["queue_on"]
        action.setChecked(worker.is_on)
        action.setEnabled(worker.is_on or bool(queue.waiting or worker.lost))
