"""The trials of a study as rows: number, state, accuracy, time, the value of each field, why it ended."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workbench.bridge.runs.study_work import Snapshot
from workbench.engine.core.text import duration, grouped, percent, short
from workbench.engine.search.trial import Trial
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.tables import scale_columns_with_font
from workbench.views.widgets.theme import rhythm

_Index = QModelIndex | QPersistentModelIndex
_HEADS: Final = ("Trial", "State", "Accuracy", "Time")
_STATES: Final = {
    "waiting": "waiting",
    "running": "running…",
    "complete": "complete",
    "pruned": "ended early",
    "failed": "failed",
}
#: Columns that the first click sorts with the newest, or the best, on top.
_FALLING: Final = (0, 2)
#: Number of rows from which column widths are computed.
_MEASURED: Final = 40
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class TrialsModel(QAbstractTableModel):
    """Rows in the order that the user has chosen: by number, newest first, until then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.trials: tuple[Trial, ...] = ()
        self._paths: tuple[str, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._order: list[int] = []
        self._column, self._way = 0, Qt.SortOrder.DescendingOrder

    def show_study(self, snapshot: Snapshot | None, labels: tuple[str, ...]) -> None:
        """Show other trials."""
        self.beginResetModel()
        self.trials = snapshot.trials if snapshot is not None else ()
        self._paths = tuple(field.path for field in snapshot.plan.fields) if snapshot is not None else ()
        self._labels = labels
        self._sort()
        self.endResetModel()

    def trial(self, row: int) -> Trial | None:
        """The trial of a row."""
        return self.trials[self._order[row]] if 0 <= row < len(self._order) else None

    def row_of(self, number: int) -> int:
        """The row of the trial with this number; -1 if there is none."""
        return next((row for row, at in enumerate(self._order) if self.trials[at].number == number), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS) + len(self._paths) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (*_HEADS, *self._labels, "Words")[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.InitialSortOrderRole:
            return Qt.SortOrder.DescendingOrder if section in _FALLING else Qt.SortOrder.AscendingOrder
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        trial = self.trial(index.row())
        if trial is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(trial, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() in (0, 2, 3) else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole and trial.words:
            return plain_tip(trial.words)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.beginResetModel()
        self._column, self._way = column, order
        self._sort()
        self.endResetModel()

    def _sort(self) -> None:
        """Trials without a value of the column come last both ways."""
        keys = [self._key(trial, self._column) for trial in self.trials]
        present = [at for at, key in enumerate(keys) if key is not None]
        down = self._way is Qt.SortOrder.DescendingOrder
        present.sort(key=lambda at: keys[at], reverse=down)  # type: ignore[arg-type,return-value]
        self._order = [*present, *(at for at, key in enumerate(keys) if key is None)]

    def _key(self, trial: Trial, column: int) -> tuple[int, Any] | None:
        fixed = (trial.number, trial.state, trial.reached, trial.seconds or None)
        at = column - len(_HEADS)
        value = fixed[column] if at < 0 else trial.words or None
        if 0 <= at < len(self._paths):
            value = trial.settings.get(self._paths[at])
        if value is None:
            return None
        return (0, float(value)) if isinstance(value, (int, float)) else (1, str(value))

    def _text(self, trial: Trial, column: int) -> str:
        at = column - len(_HEADS)
        if column == 0:
            return f"{grouped(trial.number)}{' by hand' * trial.by_hand}"
        if column == 1:
            return _STATES[trial.state]
        if column == 2:
            return "–" if trial.reached is None else percent(trial.reached, 2)
        if column == 3:
            return duration(trial.seconds) if trial.seconds else "–"
        if at < len(self._paths):
            value = trial.settings.get(self._paths[at])
            return "–" if value is None else short(value, 4) if isinstance(value, float) else str(value)
        return trial.words


class TrialsTable(QTableView):
    """``chosen`` with the trial that is chosen, or None; ``opened`` with one whose run should be shown."""

    chosen = Signal(object)
    opened = Signal(object)
    menu_wanted = Signal(QPoint)  #: the place on the screen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TrialsModel(self)
        self.setModel(self.rows)
        self.setAccessibleName("Trials")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSortingEnabled(True)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setResizeContentsPrecision(_MEASURED)
        scale_columns_with_font(self, self.horizontalHeader())
        self.horizontalHeader().setSortIndicator(0, Qt.SortOrder.DescendingOrder)
        self.selectionModel().currentRowChanged.connect(self._on_row)
        self.activated.connect(self._on_activated)
        self._fitted: tuple[str, ...] = ()

    @property
    def trial(self) -> Trial | None:
        """The trial that is chosen."""
        return self.rows.trial(self.currentIndex().row())

    def show_study(self, snapshot: Snapshot | None, labels: tuple[str, ...]) -> None:
        """Show other trials; the chosen one stays chosen where it is still there, and the view where it was."""
        before, place = self.trial, self.verticalScrollBar().value()
        self.rows.show_study(snapshot, labels)
        if before is not None and (row := self.rows.row_of(before.number)) >= 0:
            self.setCurrentIndex(self.rows.index(row, 0))
        self.verticalScrollBar().setValue(place)
        self._fit_rows()
        if labels != self._fitted and snapshot is not None and snapshot.trials:
            self._fitted = labels
            self.resizeColumnsToContents()
            self._widen_states()

    def _widen_states(self) -> None:
        """Give the column of states room for each of them: trials change theirs while it is shown."""
        widest = max(self.fontMetrics().horizontalAdvance(words) for words in _STATES.values())
        self.setColumnWidth(1, max(self.columnWidth(1), widest + rhythm(self, 2)))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_fitted"):
            self._fit_rows()

    def _fit_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(round(1.5 * self.fontMetrics().height()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    @Slot(QModelIndex, QModelIndex)
    def _on_row(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self.trial)

    @Slot(QModelIndex)
    def _on_activated(self, _index: QModelIndex) -> None:
        self.opened.emit(self.trial)
