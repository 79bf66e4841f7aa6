"""The table of runs with its filter, and what stands in its place while there is nothing to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QSplitter, QStackedWidget, QWidget

from workbench.bridge.runs.listing import Choice, RowFinder, differing_settings
from workbench.bridge.runs.run_list import RunList
from workbench.engine.core.text import counted, grouped, size_text
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.columns import PLACES
from workbench.views.runs.disk_dialog import LIMIT_GB, MOST_GB
from workbench.views.runs.filter_bar import FilterBar
from workbench.views.runs.runs_model import RunsModel
from workbench.views.runs.runs_table import RunsTable
from workbench.views.widgets.basics import Box
from workbench.views.widgets.empty_place import EmptyPlace

EMPTY = "No runs yet. Train one: it is kept here with its curves, settings and weights."
_SORTS = frozenset(place.sorts_by for place in PLACES)


class RunsListView(Box):
    """Follows ``runs``. ``rows_shown`` tells that the table has been filled."""

    command = Signal(str)  #: the name of an entry of ``RUN_ENTRIES`` that was asked for by a key
    menu_wanted = Signal(QPoint)  #: the place on the screen
    train_wanted = Signal()  #: the empty page's button

    def __init__(self, runs: RunList, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self._runs = runs
        self.model = RunsModel(self)
        self.table = RunsTable(self.model)
        self.bar = FilterBar()
        self._finder = RowFinder()
        #: From how many gigabytes on the page warns.
        self.limit = LIMIT_GB
        self._shown: tuple[tuple[RunRecord, ...], Choice] | None = None
        self.button = QPushButton()
        self.button.clicked.connect(self._on_button)
        place = EmptyPlace("", (self.button,))
        self.notice = place.words
        self.stack = QStackedWidget()
        self.stack.addWidget(place)
        self.stack.addWidget(self.table)
        self.add(self.bar)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.stack)
        self.splitter.setChildrenCollapsible(False)
        self.add(self.splitter, 1)
        self._connect()
        self.refresh()

    def put_below(self, widget: QWidget) -> None:
        """Add what is shown below the table; the table keeps two fifths of the height."""
        self.splitter.addWidget(widget)
        for at, share in enumerate((2, 3)):
            self.splitter.setStretchFactor(at, share)
        self.splitter.setSizes([2_000, 3_000])  # in proportion

    def _connect(self) -> None:
        table, bar = self.table, self.bar
        self._runs.changed.connect(self.refresh)
        bar.changed.connect(self._on_choice)
        bar.grouping_opened.connect(self._on_grouping)
        bar.columns.setMenu(table.columns_menu(bar.columns))
        bar.columns.menu().aboutToShow.connect(self._check_columns)
        table.sort_wanted.connect(self._on_sort)
        table.fold_wanted.connect(self._on_fold)
        table.open_wanted.connect(self._on_open)
        table.remove_wanted.connect(self._on_remove)
        table.menu_wanted.connect(self._on_menu)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self._on_find)

    # --- What is remembered

    def choices(self) -> dict[str, str]:
        """Columns, order, grouping, as words to keep."""
        choice = self.bar.choice
        way = "down" if choice.descending else "up"
        hidden = "yes" if choice.shows_hidden else "no"
        return {
            **self.table.choices(),
            "sort": f"{choice.sort} {way}",
            "group": choice.group_by,
            "hidden": hidden,
            "limit": str(self.limit),
            "ticked": self.model.choices(),
        }

    def choose(self, words: Mapping[str, str]) -> None:
        """Bring back what ``choices`` gave."""
        self.table.choose(words)
        sort, _, way = words.get("sort", "").partition(" ")
        choice = Choice(shows_hidden=words.get("hidden") == "yes", group_by=words.get("group", ""))
        if sort in _SORTS:
            choice = replace(choice, sort=sort, descending=way != "up")
        limit = words.get("limit", "")
        self.limit = int(limit) if limit.isascii() and limit.isdigit() and 0 < int(limit) <= MOST_GB else LIMIT_GB
        self.bar.show_choice(choice)
        self.refresh()
        self.model.choose(words.get("ticked", ""))

    # --- Filling

    @Slot()
    def refresh(self) -> None:
        """Show the runs as they were read last, if anything has changed."""
        wanted = self._runs.records, self.bar.choice
        if self.table.is_editing:
            return  # the field would vanish; the next reading shows what has changed
        if self._shown is None or wanted[0] is not self._shown[0] or wanted[1] != self._shown[1]:
            self._shown = wanted
            rows = self._finder.rows(*wanted)
            self.table.show_rows(rows, self.bar.group_label, self.bar.choice.folded)
            self.table.show_sort(self.bar.choice.sort, self.bar.choice.descending)
        self._write()

    def _write(self) -> None:
        records, seen = self._runs.records, sum(isinstance(row, RunRecord) for row in self.model.rows)
        of = f"{grouped(seen)} of " if seen != len(records) and not self.bar.choice.folded else ""
        reading = self._runs.words or "Reading runs…" if self._runs.is_reading and not self._runs.is_read else ""
        self.bar.count.setText(" · ".join(filter(None, (reading, f"{of}{counted(len(records), 'run')}"))))
        self._write_size(sum(record.size for record in records))
        is_first = bool(self.model.rows) and self.stack.currentIndex() == 0
        self.stack.setCurrentIndex(1 if self.model.rows else 0)
        if is_first and self.bar.text.hasFocus() and not self.bar.text.text():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)  # keys were the filter's while there were no rows
        if not self.model.rows:
            self._say_why(bool(records))

    def _write_size(self, size: int) -> None:
        """What the runs take, of what they may take; what is too much is said."""
        is_over = size > 1e9 * self.limit
        self.bar.disk.setVisible(bool(self._runs.records))
        self.bar.disk.setText(f"{size_text(size)}, over {self.limit} GB" if is_over else f"{size_text(size)} on disk")
        self.bar.disk.setAccessibleName(f"Disk use: {size_text(size)} of {self.limit} GB")

    @Slot(int)
    def set_limit(self, limit: int) -> None:
        """Warn from ``limit`` gigabytes on."""
        self.limit = limit
        self._write()

    def _say_why(self, are_runs: bool) -> None:
        self.button.setVisible(are_runs or self._runs.is_read)
        self.button.setText("Show every run" if are_runs else "Go to the Train page")
        if are_runs:
            words = "No run is like that. The filter above leaves them all out."
        elif self._runs.trouble:
            words = self._runs.trouble
        else:
            words = EMPTY if self._runs.is_read else self._runs.words or "Reading runs…"
        self.notice.setText(words)

    # --- What the user does

    @Slot()
    def _on_button(self) -> None:
        if self._runs.records:
            self.bar.hidden.setChecked(True) if not self.bar.choice.text and not self.bar.choice.status else None
            self.bar.clear()
        else:
            self.train_wanted.emit()

    @Slot(object)
    def _on_choice(self, _choice: Choice) -> None:
        self.refresh()

    @Slot()
    def _on_grouping(self) -> None:
        self.bar.set_groupings(differing_settings(self._runs.records))

    @Slot(str, bool)
    def _on_sort(self, key: str, descending: bool) -> None:
        self.bar.choice = replace(self.bar.choice, sort=key, descending=descending)
        self.refresh()

    @Slot(str)
    def _on_fold(self, value: str) -> None:
        self.bar.choice = replace(self.bar.choice, folded=self.bar.choice.folded ^ {value})
        self.refresh()

    @Slot()
    def _on_open(self) -> None:
        self.command.emit("open")

    @Slot()
    def _on_remove(self) -> None:
        self.command.emit("remove")

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self.menu_wanted.emit(self.table.viewport().mapToGlobal(place))

    @Slot()
    def _on_find(self) -> None:
        self.bar.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.text.selectAll()

    @Slot()
    def _check_columns(self) -> None:
        for action in self.bar.columns.menu().actions():
            action.setChecked(not self.table.isColumnHidden(int(action.data())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc and the arrow down in the filter go to the table."""
        if self.bar.text.hasFocus() and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return):
            if event.key() == Qt.Key.Key_Escape:
                self.bar.text.clear()
            self.table.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)
