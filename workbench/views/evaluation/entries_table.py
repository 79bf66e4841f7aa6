"""The table of weights to evaluate: what they are, how far each is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QFont, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTreeWidgetItem, QVBoxLayout, QWidget

from workbench.engine.core.text import grouped, percent
from workbench.engine.evaluation.entries import expanded, short_name
from workbench.engine.evaluation.results import FOLDS_NOTE, EntryFailed, Evaluation, EvaluationProgress, Outcome
from workbench.views.evaluation.evaluation_words import reason_in_a_row, whole_reason
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.tables import fit_columns, plain_table, squeeze_columns
from workbench.views.widgets.theme import ERROR

_HEADS: Final = ("Weights", "State", "Accuracy", "Loss", "Parameters", "Network", "Note")
STATE, ACCURACY, NETWORK, NOTE = 1, 2, 5, 6
_WHOLE: Final = Qt.ItemDataRole.UserRole  #: all that a row says; in its column there is often no room
WAITING, DONE, NOT_MEASURED = "waiting", "done", "not measured"


class EntriesTable(QWidget):
    """A row for each entry; after an evaluation two more: the mean, and the average of the predictions."""

    changed = Signal()  #: entries were added or removed, or the selection changed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paths: list[Path] = []
        self.is_locked = False  #: whether rows can be removed
        self.tree = plain_table(_HEADS, "Weights to evaluate")
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their end
        self.tree.setItemDelegateForColumn(NOTE, _Sentence(self.tree))
        self.tree.installEventFilter(self)
        self.tree.itemSelectionChanged.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tree)
        self.fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The Delete key takes the selected entry off the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Delete:
            self.remove()
            return True
        return super().eventFilter(watched, event)

    # --- entries -------------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path]) -> None:
        """Append files and run folders, each once; an ensemble's folder adds its members."""
        for path in expanded([*self.paths, *paths])[len(self.paths) :]:
            item = QTreeWidgetItem([short_name(path), *[""] * (len(_HEADS) - 1)])
            item.setToolTip(0, plain_tip(str(path)))
            self.tree.insertTopLevelItem(len(self.paths), item)
            self.paths.append(path)
        self.fit()
        self.changed.emit()

    @Slot()
    def remove(self) -> None:
        """Take the selected entry off the list; its files stay."""
        for item in [] if self.is_locked else self.tree.selectedItems():
            row = self.tree.indexOfTopLevelItem(item)
            if row < len(self.paths):
                del self.paths[row]
                self.tree.takeTopLevelItem(row)
                self._drop_summary()
        self.changed.emit()

    def is_selected(self) -> bool:
        """Whether an entry is selected that can be removed."""
        return any(self.tree.indexOfTopLevelItem(item) < len(self.paths) for item in self.tree.selectedItems())

    def selected_words(self) -> tuple[str, bool]:
        """All that the selected row says, with its name, and whether that is why it was not measured."""
        for item in self.tree.selectedItems():
            words = item.data(NOTE, _WHOLE) or ""
            return (f"{item.text(0)}: {words}" if words else ""), item.text(STATE) == NOT_MEASURED
        return "", False

    # --- what came of them ---------------------------------------------------------------------------------------

    def begin(self) -> None:
        """All entries wait; earlier figures are taken away."""
        self._empty(WAITING)

    def forget(self) -> bool:
        """Take earlier figures away; False if there were none."""
        had = any(item.text(STATE) for item in self._items())
        self._empty("")
        return had

    def _empty(self, state: str) -> None:
        self._drop_summary()
        for item in self._items():
            for column in range(STATE, len(_HEADS)):
                item.setText(column, state if column == STATE else "")
                item.setToolTip(column, "")
                item.setData(column, Qt.ItemDataRole.ForegroundRole, None)
            item.setData(NOTE, _WHOLE, None)

    def show_progress(self, now: EvaluationProgress) -> None:
        """The outcomes so far, and the share of the examples that the next entry has seen."""
        self._fill(now.outcomes)
        for item in self._items()[now.done : now.done + 1]:
            item.setText(STATE, f"measuring {round(100 * now.share)} %" if now.share else "reading")
        self.fit()

    def show_result(self, result: Evaluation) -> None:
        """All outcomes, their mean and the average."""
        self._fill(result.outcomes)
        self._select_first_failed()
        if result.mean_of_folds is not None:
            of, spread = result.mean_of_folds
            of_folds = _summary_row((of, "", spread))
            of_folds.setToolTip(ACCURACY, plain_tip(f"Mean ± standard deviation. {FOLDS_NOTE}"))
            self.tree.addTopLevelItem(of_folds)
        if result.averaged is not None:
            whole = result.averaged
            mean = (f"Mean of {len(result.measured)}", "", percent(result.mean_accuracy, 2))
            self.tree.addTopLevelItem(_summary_row(mean))
            figures = (percent(whole.accuracy, 2), grouped(whole.loss, 4), grouped(result.parameters))
            row = _summary_row((result.average_words, DONE, *figures))
            row.setToolTip(ACCURACY, plain_tip(_standard_error(whole.accuracy_se)))
            bold = QFont(self.font())
            bold.setBold(True)
            for column in range(len(_HEADS)):
                row.setFont(column, bold)
            self.tree.addTopLevelItem(row)
        self.fit()

    def end(self) -> None:
        """The entries without an outcome wait for nothing any more."""
        for item in self._items():
            if item.text(STATE) not in (DONE, NOT_MEASURED):
                item.setText(STATE, "")

    def fit(self) -> None:
        """Columns as wide as their texts, within limits; in a narrow window names give way to figures."""
        fit_columns(self.tree, 70)
        squeeze_columns(self.tree, (NETWORK, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def _fill(self, outcomes: Sequence[Outcome]) -> None:
        for item, outcome in zip(self._items(), outcomes, strict=False):
            if item.text(STATE) not in (DONE, NOT_MEASURED):
                _fill_row(item, outcome, self)

    def _select_first_failed(self) -> None:
        """Its reason is then read below the table."""
        failed = next((item for item in self._items() if item.text(STATE) == NOT_MEASURED), None)
        if failed is not None and not self.tree.selectedItems():
            self.tree.setCurrentItem(failed)
        self.changed.emit()

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(row) for row in range(len(self.paths)))
        return [item for item in found if item is not None]

    def _drop_summary(self) -> None:
        while self.tree.topLevelItemCount() > len(self.paths):
            self.tree.takeTopLevelItem(self.tree.topLevelItemCount() - 1)


class _Sentence(QStyledItemDelegate):
    """A sentence without room for all of it keeps its beginning."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideRight


def _fill_row(item: QTreeWidgetItem, outcome: Outcome, table: QWidget) -> None:
    if isinstance(outcome, EntryFailed):
        item.setText(STATE, NOT_MEASURED)
        item.setText(NOTE, reason_in_a_row(outcome))
        item.setData(NOTE, _WHOLE, whole_reason(outcome))
        for column in (STATE, NOTE):
            item.setForeground(column, table.palette().color(ERROR))
            item.setToolTip(column, plain_tip(outcome.message))
        return
    measured = outcome.measured
    figures = (percent(measured.accuracy, 2), grouped(measured.loss, 4), grouped(outcome.parameters))
    doubtful = "; ".join(filter(None, (outcome.doubt, outcome.assumed)))
    notes = tuple(filter(None, (doubtful, *outcome.notes)))
    for column, text in enumerate((DONE, *figures, outcome.title, " ".join(notes)), STATE):
        item.setText(column, text)
        item.setToolTip(column, plain_tip("\n".join(notes)))
    prepared = f"Prepared with: {outcome.preprocessing}." if outcome.preprocessing and not outcome.assumed else ""
    item.setData(NOTE, _WHOLE, "\n".join(filter(None, (*notes, prepared))))
    item.setToolTip(ACCURACY, plain_tip(_standard_error(measured.accuracy_se)))
    item.setToolTip(NETWORK, plain_tip("\n".join((outcome.title, *notes))))
    _align(item)


def _standard_error(accuracy_se: float) -> str:
    return f"± {grouped(100 * accuracy_se, 2)} points (standard error)"


def _summary_row(texts: Sequence[str]) -> QTreeWidgetItem:
    item = QTreeWidgetItem([*texts, *[""] * (len(_HEADS) - len(texts))])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    _align(item)
    return item


def _align(item: QTreeWidgetItem) -> None:
    for column in range(ACCURACY, NETWORK):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
