"""The page of all runs: the table, or one run that is opened, and what can be done with runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.report.suggestions import Suggestion
from workbench.engine.shelf.disk import ThinPlan
from workbench.engine.shelf.export import csv_of_runs, markdown_of_runs
from workbench.engine.shelf.record import RunRecord
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.columns import CURVE, SETTINGS
from workbench.views.runs.compare_pane import ComparePane, compared_plots
from workbench.views.runs.disk_dialog import DiskDialog, confirm_thinning
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.runs.opened_run import OpenedRun
from workbench.views.runs.path_dialog import PathDialog
from workbench.views.runs.queue_view import QueueView
from workbench.views.runs.race_view import RaceView
from workbench.views.runs.run_menu import run_menu
from workbench.views.runs.runs_list_view import RunsListView
from workbench.views.runs.search_view import SearchView
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.open_folder import open_folder

#: Parts of the page that are made ahead come this long (milliseconds) after the runs were read, and after each other.
_REST_MS: Final = 250


class RunsPage(QWidget):
    """Reads the runs while it is shown."""

    export_wanted = Signal(object)  #: of the run in this folder
    choices_changed = Signal()  #: other runs are compared

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "runs")
        self.setAccessibleName("Runs page")
        self._desk = desk
        self.list = RunsListView(desk.runs)
        self._plots: TrainPlots | None = None
        self._compare: ComparePane | None = None
        self._opened: OpenedRun | None = None
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self._make_ahead = QTimer(self)
        self._make_ahead.setSingleShot(True)
        self._make_ahead.setInterval(_REST_MS)
        self._make_ahead.timeout.connect(self._make_part)
        desk.runs.changed.connect(self._on_read)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.queue = QueueView(desk)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.stack, "&All runs")
        self.tabs.addTab(self.queue, self.queue.title)
        self.race = RaceView(desk.race)
        self.tabs.addTab(self.race, self.race.title)
        self.search = SearchView(desk.search)
        self.tabs.addTab(self.search, self.search.title)
        column.addWidget(self.tabs)
        self.tabs.currentChanged.connect(self._on_tab)
        self.queue.tab_changed.connect(self._on_queue_title)
        self.queue.run_wanted.connect(self.open_run)
        desk.queue_wanted.connect(self.show_queue)
        desk.race.shown_wanted.connect(self.show_race)
        desk.race.changed.connect(self._on_race)
        self.race.run_wanted.connect(self._on_racers_run)
        desk.search.changed.connect(self._on_search)
        self.search.run_wanted.connect(self._on_racers_run)
        self.list.command.connect(self._on_command)
        self.list.menu_wanted.connect(self._on_menu)
        self.list.model.ticks_changed.connect(self._on_ticks)
        self.list.bar.disk.clicked.connect(self._on_disk)
        self.list.table.can_undo = lambda: desk.can_undo_removal
        self.list.table.undo_wanted.connect(desk.undo_removal)
        desk.disk.planned.connect(self._on_planned)
        self.list.train_wanted.connect(desk.train_wanted)
        # Later: the table may not be filled anew while it still takes the name from its field.
        self.list.model.renamed.connect(desk.rename, Qt.ConnectionType.QueuedConnection)

    # --- Parts that are made when they are first wanted: plots take most of the time that the page takes to open

    @property
    def compare(self) -> ComparePane:
        """The ticked runs beside each other, below the table."""
        if self._compare is None:
            self._make_ahead.stop()
            plots = self._plots or compared_plots(self)
            self._plots, self._compare = None, ComparePane(self._desk, self.list.model, plots, self.list.splitter)
            self.list.put_below(self._compare)
            self._compare.beside_changed.connect(self._desk.beside_changed)
        return self._compare

    @Slot()
    def _on_read(self) -> None:
        if self.isVisible() and self._compare is None and self._desk.runs.is_read and self._desk.runs.records:
            self._make_ahead.start()

    @Slot()
    def _make_part(self) -> None:
        """Make a part of the comparison before the first run is ticked, so that the tick is not held up by it."""
        if self._plots is None and self._compare is None:
            self._plots = compared_plots(self)
            self._make_ahead.start()
        else:
            self.compare.refresh()

    @property
    def opened(self) -> OpenedRun:
        """One run instead of the table."""
        if self._opened is None:
            self._opened = OpenedRun(self._desk, self.stack)
            self.stack.addWidget(self._opened)
            self._opened.back_wanted.connect(self.show_list)
            self._opened.menu_wanted.connect(self._on_opened_menu)
            self._opened.plots.fork_requested.connect(self._on_fork_here)
            self._opened.verdict.suggested.connect(self._on_suggested)
        return self._opened

    @property
    def _opened_record(self) -> RunRecord | None:
        """The run that is shown instead of the table; None while the table is."""
        is_shown = self._opened is not None and self.stack.currentWidget() is self._opened
        return self._opened.record if is_shown and self._opened is not None else None

    # --- What is remembered

    def choices(self) -> dict[str, str]:
        """What the next window brings back."""
        names: dict[QWidget, str] = {self.queue: "queue", self.race: "race", self.search: "search"}
        return {**self.list.choices(), "tab": names.get(self.tabs.currentWidget(), "runs")}

    def choose(self, words: Mapping[str, str]) -> None:
        """Bring back what ``choices`` gave."""
        self.list.choose(words)
        tabs = {"queue": self.queue, "race": self.race, "search": self.search}
        self.tabs.setCurrentWidget(tabs.get(words.get("tab", ""), self.stack))

    # --- Showing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._desk.runs.watch(True)
        self._desk.queue.read_anew()
        self._take_focus()

    @Slot(int)
    def _on_tab(self, _at: int) -> None:
        if self.isVisible():
            self._take_focus()

    def _take_focus(self) -> None:
        """Keys belong to the page at once: to the table, or to the filter while there are no rows."""
        if self.tabs.currentWidget() is self.queue:
            self.queue.take_focus()
        elif self.tabs.currentWidget() is self.race:
            self.race.take_focus()
        elif self.tabs.currentWidget() is self.search:
            self.search.take_focus()
        elif self._opened_record is not None:
            self.opened.back.setFocus()
        elif self.list.table.isVisible():
            self.list.table.setFocus()
        else:
            self.list.bar.text.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._desk.runs.watch(False)
        self._make_ahead.stop()

    @Slot()
    def show_queue(self) -> None:
        """Show the queue."""
        self.tabs.setCurrentWidget(self.queue)
        self.queue.take_focus()

    @Slot()
    def show_race(self) -> None:
        """Show the race."""
        self.tabs.setCurrentWidget(self.race)
        self.race.take_focus()

    @Slot()
    def show_search(self) -> None:
        """Show the searches, and the dialog of a new one."""
        self.tabs.setCurrentWidget(self.search)
        self.search.set_up()

    @Slot(str)
    def _on_racers_run(self, folder: str) -> None:
        record = self._desk.runs.record(Path(folder))
        if record is not None:
            self.open_run(record)
        else:
            self._desk.told.emit("This run is not in the list (any more).", "info")

    @Slot()
    def _on_race(self) -> None:
        self._show_title(self.race)

    @Slot()
    def _on_search(self) -> None:
        self._show_title(self.search)

    def _show_title(self, tab: RaceView | SearchView) -> None:
        at = self.tabs.indexOf(tab)
        if self.tabs.tabText(at) != tab.title:
            self.tabs.setTabText(at, tab.title)

    @Slot(str)
    def _on_queue_title(self, title: str) -> None:
        self.tabs.setTabText(self.tabs.indexOf(self.queue), title)

    @Slot(object)
    def open_run(self, record: RunRecord) -> None:
        """Show one run instead of the table."""
        self.tabs.setCurrentWidget(self.stack)
        opened = self.opened
        self.stack.setCurrentWidget(opened)
        opened.show_run(record)
        opened.back.setFocus()

    @Slot()
    def show_list(self) -> None:
        """Show the table again."""
        self.stack.setCurrentWidget(self.list)
        self.list.table.setFocus()
        self.list.refresh()

    @Slot()
    def _on_ticks(self) -> None:
        if self._compare is None and self.list.model.ticked:
            self.compare.refresh()
        record = self._opened.record if self._opened is not None else None
        self._desk.opened.keep_only({*self.list.model.ticked, *([record.folder] if record is not None else ())})
        self.choices_changed.emit()

    # --- Doing

    @property
    def chosen(self) -> list[RunRecord]:
        """The runs that a command is about."""
        record = self._opened_record
        return self.list.table.chosen if record is None else [record]

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self._ask(place)

    @Slot(QWidget)
    def _on_opened_menu(self, button: QWidget) -> None:
        self._ask(button.mapToGlobal(QPoint(0, button.height())))

    def _ask(self, place: QPoint) -> None:
        menu = run_menu(self.chosen, self)
        chosen = menu.exec(place)
        menu.deleteLater()
        if chosen is not None:
            self.do(str(chosen.data()))

    @Slot(int)
    def _on_fork_here(self, step: int) -> None:
        if self._opened_record is not None:
            ForkDialog(self._desk, self._opened_record, self, step).open()

    @Slot(object)
    def _on_suggested(self, suggestion: Suggestion) -> None:
        """What the verdict on the opened run advises, as a fork that can be looked at before it begins."""
        if self._opened_record is not None:
            dialog = ForkDialog(self._desk, self._opened_record, self, suggestion.step)
            dialog.propose(suggestion.path, suggestion.value)
            dialog.open()

    @Slot(str)
    def _on_command(self, name: str) -> None:
        self.do(name)

    def do(self, name: str) -> None:
        """Do what the entry ``name`` of ``RUN_ENTRIES`` says with the chosen runs."""
        records = self.chosen
        if not records:
            return
        if name in ("open", "go_on", "fork", "train", "repeat", "path", "scene", "rename", "folder", "export"):
            self._with_one(name, records[0])
        elif name == "tick":
            ticked = self.list.model.ticked
            folders = [record.folder for record in records]
            self.list.model.tick(folders, not all(folder in ticked for folder in folders))
        elif name == "pin":
            self._desk.pin(records, not all(record.about.pinned for record in records))
        elif name == "hide":
            self._desk.hide(records, not all(record.about.hidden for record in records))
        elif name == "remove":
            self._remove(records)
        elif name == "thin":
            self._desk.disk.plan(records)
        elif name == "tensorboard":
            self._export(records)
        else:
            self._copy(records, markdown_of_runs if name == "copy_markdown" else csv_of_runs)

    def _with_one(self, name: str, record: RunRecord) -> None:
        if name == "open":
            self.open_run(record)
        elif name == "export":
            self.export_wanted.emit(record.folder)
        elif name == "train":
            self._desk.train_again(record)
        elif name == "go_on":
            self._desk.go_on(record)
        elif name == "fork":
            ForkDialog(self._desk, record, self).open()
        elif name == "repeat":
            self._desk.repeat(record)
        elif name == "path":
            PathDialog(self._desk.path, record.folder, record.name, self).open()
        elif name == "scene":
            self._desk.scene_wanted.emit(record.folder, record.shown_name)
        elif name == "folder":
            trouble = open_folder(record.folder)
            if trouble:
                self._desk.told.emit(trouble, "warning")
        elif self._opened_record is not None:
            self.opened.tabs.setCurrentWidget(self.opened.about)
            self.opened.about.name.setFocus()
        else:
            self.list.table.edit_name()

    def _remove(self, records: Sequence[RunRecord]) -> None:
        if self._opened_record is not None:
            self.show_list()
        self._desk.remove(records)

    def _export(self, records: Sequence[RunRecord]) -> None:
        """TensorBoard's files into a folder that the user chooses; where its package is missing, what to do."""
        why_not = self._desk.disk.why_no_tensorboard
        if why_not:
            self._desk.told.emit(why_not, "info")
        elif name := QFileDialog.getExistingDirectory(self, "Folder for TensorBoard's event files"):
            self._desk.disk.export(records, Path(name))

    @Slot()
    def _on_disk(self) -> None:
        dialog = DiskDialog(self._desk.disk, self.list.limit, self)
        dialog.limit_changed.connect(self.list.set_limit)
        dialog.open()

    @Slot(object)
    def _on_planned(self, plan: ThinPlan) -> None:
        confirm_thinning(self._desk.disk, plan, self)

    def _copy(self, records: Sequence[RunRecord], as_text: object) -> None:
        keys = [key for key in self.list.table.shown_columns if key not in (CURVE, SETTINGS)]
        QGuiApplication.clipboard().setText(as_text(records, keys))  # type: ignore[operator]
