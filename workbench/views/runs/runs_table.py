"""The table of runs: columns that are chosen, moved and remembered, and keys for what can be done with rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from workbench.bridge.runs.listing import Row
from workbench.engine.core.text import for_file
from workbench.engine.shelf.choose import Group
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.columns import CURVE, PLACES
from workbench.views.runs.run_delegates import CurveDelegate, NameDelegate, StatusDelegate
from workbench.views.runs.runs_model import NAME, STATUS, RunsModel
from workbench.views.widgets.menu import is_menu_key
from workbench.views.widgets.row_delegate import RowDelegate
from workbench.views.widgets.theme import rhythm

_AT: Final = {place.key: at for at, place in enumerate(PLACES)}
#: As many rows are always seen.
_LEAST_ROWS: Final = 3
_Extend = QItemSelectionModel.SelectionFlag


class RunsTable(QTableView):
    """Shows ``RunsModel``. What is chosen in the header comes back with ``choose`` from what ``choices`` gave."""

    sort_wanted = Signal(str, bool)  #: the key of a column, and whether the largest comes first
    open_wanted = Signal()
    fold_wanted = Signal(str)  #: the value of a group that is to be folded or unfolded
    remove_wanted = Signal()
    undo_wanted = Signal()  #: the last removal should be undone
    menu_wanted = Signal(QPoint)

    def __init__(self, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Runs")
        self.runs = model
        #: Whether there is a removal to be undone: then Ctrl+Z is the table's, not the window's.
        self.can_undo: Callable[[], bool] = lambda: False
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setItemDelegate(RowDelegate(self))
        self.setItemDelegateForColumn(NAME, NameDelegate(self))
        self.setItemDelegateForColumn(STATUS, StatusDelegate(self))
        self.setItemDelegateForColumn(_AT[CURVE], CurveDelegate(self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.menu_wanted)
        self.doubleClicked.connect(self._on_double_clicked)
        self._prepare_header()
        self._fit()

    def _prepare_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setSortIndicatorShown(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._on_header_menu)
        header.sectionClicked.connect(self._on_head)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "runs"):
            self._fit()

    def minimumSizeHint(self) -> QSize:
        """Beside a comparison and a message there is room for some rows."""
        rows = _LEAST_ROWS * self.verticalHeader().defaultSectionSize()
        around = self.horizontalHeader().sizeHint().height() + self.horizontalScrollBar().sizeHint().height()
        return QSize(super().minimumSizeHint().width(), rows + around + 2 * self.frameWidth())

    def _fit(self) -> None:
        """Rows and columns as large as the letters need; a new choice of columns starts from the usual one."""
        self.verticalHeader().setDefaultSectionSize(rhythm(self, 6.5))
        for at, place in enumerate(PLACES):
            self.setColumnWidth(at, rhythm(self, place.width))
            self.setColumnHidden(at, not place.is_shown) if not hasattr(self, "_fitted") else None
        self._fitted = True

    # --- Columns

    @property
    def shown_columns(self) -> list[str]:
        """The keys of the shown columns from left to right."""
        header = self.horizontalHeader()
        order = (header.logicalIndex(place) for place in range(header.count()))
        return [PLACES[at].key for at in order if not self.isColumnHidden(at)]

    def choices(self) -> dict[str, str]:
        """The shown columns and their widths in quarters of a line, as words to keep."""
        line = rhythm(self, 100) / 100
        return {
            "columns": " ".join(f"{key}:{for_file(self.columnWidth(_AT[key]) / line, 4)}" for key in self.shown_columns)
        }

    def choose(self, words: Mapping[str, str]) -> None:
        """Show the columns that ``choices`` gave; unknown ones are passed over."""
        wanted = [part.partition(":") for part in words.get("columns", "").split()]
        known = [(key, width) for key, _, width in wanted if key in _AT]
        if not known or "name" not in {key for key, _ in known}:
            return
        header = self.horizontalHeader()
        for at in range(len(PLACES)):
            self.setColumnHidden(at, PLACES[at].key not in {key for key, _ in known})
        for place, (key, width) in enumerate(known):
            header.moveSection(header.visualIndex(_AT[key]), place)
            try:
                self.setColumnWidth(_AT[key], max(rhythm(self, 6), rhythm(self, min(400.0, float(width)))))
            except ValueError:
                continue

    def show_sort(self, key: str, descending: bool) -> None:
        """Show by which column the rows are sorted."""
        at = next((at for at, place in enumerate(PLACES) if place.sorts_by == key), -1)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(at, order)

    def columns_menu(self, parent: QWidget) -> QMenu:
        """A menu with a check mark for each column that is shown; the run's name always is."""
        menu = QMenu(parent)
        for at, place in enumerate(PLACES):
            if at == NAME:
                continue
            action = menu.addAction(place.title)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(at))
            action.setData(at)
            action.setToolTip(place.help)
        menu.setToolTipsVisible(True)
        menu.triggered.connect(self._on_column)
        return menu

    def _on_column(self, action: object) -> None:
        at, shown = int(action.data()), action.isChecked()  # type: ignore[attr-defined]
        self.setColumnHidden(at, not shown)
        if shown and self.columnWidth(at) == 0:
            self.setColumnWidth(at, rhythm(self, PLACES[at].width))

    @Slot(QPoint)
    def _on_header_menu(self, place: QPoint) -> None:
        menu = self.columns_menu(self)
        menu.exec(self.horizontalHeader().mapToGlobal(place))
        menu.deleteLater()

    @Slot(int)
    def _on_head(self, at: int) -> None:
        header = self.horizontalHeader()
        descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        self.sort_wanted.emit(PLACES[at].sorts_by, descending)

    # --- Rows

    @property
    def current_row(self) -> Row | None:
        """The run or group that the keyboard is at."""
        return self.runs.row(self.currentIndex())

    @property
    def chosen(self) -> list[RunRecord]:
        """The selected runs from top to bottom; a selected group means its runs."""
        found: dict[Path, RunRecord] = {}
        for index in sorted(self.selectionModel().selectedRows(NAME), key=QModelIndex.row):
            row = self.runs.row(index)
            for record in row.records if isinstance(row, Group) else (row,) if row is not None else ():
                found[record.folder] = record
        return list(found.values())

    @property
    def is_editing(self) -> bool:
        """Whether a name is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    def show_rows(self, rows: list[Row], group_label: str, folded: frozenset[str]) -> None:
        """Show other rows; selection, the keyboard's place and the scroll position stay where they can."""
        chosen = {record.folder for record in self.chosen}
        left = _left_of(self.runs.rows, chosen, rows)
        current, before = self.current_row, self.verticalScrollBar().value()
        old = self.currentIndex().row()
        self.runs.show(rows, group_label, folded)
        selection, place = QItemSelection(), -1
        for at, row in enumerate(rows):
            if isinstance(row, RunRecord) and row.folder in left:
                selection.select(self.runs.index(at, 0), self.runs.index(at, len(PLACES) - 1))
                place = at if left != chosen else place
            if _is_same(row, current):
                place = at
        place = place if place >= 0 else min(max(old, 0), len(rows) - 1)
        if place >= 0:
            self.selectionModel().setCurrentIndex(self.runs.index(place, NAME), _Extend.NoUpdate)
        self.selectionModel().select(selection, _Extend.ClearAndSelect)
        self.verticalScrollBar().setValue(before)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """By keys a row is always chosen, so that it can be seen what the next key is about."""
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.MouseFocusReason and self.runs.rows and not self.chosen:
            self._choose_only(max(0, self.currentIndex().row()))

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z is not the window's while it brings runs back."""
        if event.type() == QEvent.Type.ShortcutOverride and self._undoes(event):
            event.accept()
            return True
        return bool(super().event(event))

    def _undoes(self, event: QEvent) -> bool:
        is_undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        return is_undo and not self.is_editing and self.can_undo()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = Qt.Key(event.key()), self.current_row
        if self.is_editing:  # a name is being typed: its field leaves some keys to the table
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(row)
        elif key == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        elif self._undoes(event):
            self.undo_wanted.emit()
        elif key == Qt.Key.Key_Space:
            self._tick_chosen()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and isinstance(row, Group):
            self._fold(row, key == Qt.Key.Key_Left)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and not event.modifiers() and self.runs.rows:
            self._choose_only(0 if key == Qt.Key.Key_Home else len(self.runs.rows) - 1)
        elif key == Qt.Key.Key_F2:
            self.edit_name()
        elif is_menu_key(event):
            self.menu_wanted.emit(self.visualRect(self.currentIndex()).bottomLeft())
        else:
            super().keyPressEvent(event)

    def edit_name(self) -> None:
        """Rename the run that the keyboard is at."""
        if isinstance(self.current_row, RunRecord):
            self.edit(self.runs.index(self.currentIndex().row(), NAME))

    def _choose_only(self, row: int) -> None:
        """``selectRow`` would take a chosen row out while Ctrl is held."""
        how = _Extend.ClearAndSelect | _Extend.Rows
        self.selectionModel().setCurrentIndex(self.runs.index(row, NAME), how)

    def _tick_chosen(self) -> None:
        folders = [record.folder for record in self.chosen]
        self.runs.tick(folders, not all(folder in self.runs.ticked for folder in folders))

    def _fold(self, group: Group, fold: bool) -> None:
        if fold != (group.value in self.runs.folded):
            self.fold_wanted.emit(group.value)

    def _open(self, row: Row | None) -> None:
        if isinstance(row, Group):
            self.fold_wanted.emit(row.value)
        elif row is not None:
            if row not in self.chosen:  # Ctrl and an arrow have moved the frame without choosing
                self._choose_only(self.currentIndex().row())
            self.open_wanted.emit()

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self._open(self.runs.row(index))


def _left_of(before: Sequence[Row], chosen: Set[Path], now: Sequence[Row]) -> Set[Path]:
    """Those of the ``chosen`` runs that are still there; where all have gone, the one that was next to them."""
    there = {row.folder for row in now if isinstance(row, RunRecord)}
    kept = chosen & there
    if kept or not chosen:
        return kept
    order = [row.folder for row in before if isinstance(row, RunRecord)]
    last = max((at for at, folder in enumerate(order) if folder in chosen), default=-1)
    near = (folder for folder in (*order[last + 1 :], *reversed(order[: last + 1])) if folder in there)
    return {folder} if (folder := next(near, None)) is not None else set()


def _is_same(row: Row, other: Row | None) -> bool:
    """Whether both are the same run, or groups of the same value."""
    if isinstance(row, RunRecord):
        return isinstance(other, RunRecord) and row.folder == other.folder
    return isinstance(other, Group) and row.value == other.value
