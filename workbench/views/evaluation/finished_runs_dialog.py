"""Choose finished runs, and snapshots and averages that they have saved, from a list with check boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTreeWidgetItem, QVBoxLayout, QWidget

from workbench.bridge.threads.background import Task, TaskFailure, Tasks
from workbench.bridge.weights.evaluation import listing
from workbench.engine.core.text import percent
from workbench.engine.run_store.finished_runs import FinishedRun
from workbench.engine.shelf.about import name_of
from workbench.views.widgets.basics import Words, plain_tip
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.tables import fit_columns, plain_table
from workbench.views.widgets.theme import ERROR, MUTED

_PATH: Final = Qt.ItemDataRole.UserRole
_HEADS: Final = ("Run", "Date", "Experiment", "Data", "Best validation")
_HELP: Final = (
    "Tick one run or several. Snapshots and averages of the weights that a run has saved are listed below it; "
    "each counts as an entry of its own."
)
_NONE: Final = "No run has finished yet. Train one, then another with a different seed."


class FinishedRunsDialog(QDialog):
    """Looks for runs whenever it is shown; what is ticked stays ticked until it is added."""

    added = Signal(object)  #: the ticked runs' folders and files, a tuple of Path

    def __init__(self, tasks: Tasks, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "weights", "What is compared")
        self._tasks, self._folder = tasks, folder
        self._listing: Task | None = None
        self.setWindowTitle("Add finished runs")
        self.runs = plain_table(_HEADS, "Finished runs")
        self.runs.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # members and snapshots differ at the end of the name
        self.words = Words(tone=MUTED)
        buttons = QDialogButtonBox(self)
        self.add_button = buttons.addButton("&Add", QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel_button = buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        column = QVBoxLayout(self)
        for widget in (Words(_HELP, tone=MUTED), self.runs, self.words, buttons):
            column.addWidget(widget)
        column.setStretchFactor(self.runs, 1)
        self.runs.itemChanged.connect(self._show_state)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        set_size(self, 218, 110)
        self._show_state()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._listing is not None:
            self._listing.cancel()

    def accept(self) -> None:
        """Add what is ticked and untick it."""
        ticked = self.ticked()
        self._list_again((), ())
        self.added.emit(ticked)
        super().accept()

    @Slot()
    def look(self) -> None:
        """Look for finished runs."""
        self._say("Looking for finished runs…")
        self._listing = self._tasks.submit("Looking for runs", listing(self._folder), key="evaluation.runs")
        self._listing.done.connect(self._on_listed)
        self._listing.failed.connect(self._on_failed)
        self._listing.cancelled.connect(self._on_cancelled)

    def ticked(self) -> tuple[Path, ...]:
        """The folders of the ticked runs and the files of the ticked snapshots and averages, as listed."""
        items = (self.runs.topLevelItem(row) for row in range(self.runs.topLevelItemCount()))
        return tuple(
            Path(item.data(0, _PATH))
            for item in items
            if item is not None and item.checkState(0) is Qt.CheckState.Checked
        )

    @Slot(object)
    def _on_listed(self, runs: Sequence[FinishedRun]) -> None:
        self._listing = None
        self._list_again(runs, self.ticked())
        self._say("" if runs else _NONE)

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self._listing = None
        self._say(failure.message, wrong=True)

    @Slot()
    def _on_cancelled(self) -> None:
        self._listing = None

    def _list_again(self, runs: Sequence[FinishedRun], ticked: Sequence[Path]) -> None:
        self.runs.blockSignals(True)
        self.runs.clear()
        for run in runs:
            self.runs.addTopLevelItem(_item(run, run.path in ticked))
        self.runs.blockSignals(False)
        fit_columns(self.runs, 80)
        self._show_state()

    def _say(self, words: str, wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if wrong else MUTED)
        self.words.say(words)

    @Slot()
    def _show_state(self) -> None:
        self.add_button.setEnabled(bool(self.ticked()))
        self.add_button.setToolTip("" if self.ticked() else "Tick at least one run")


def _item(run: FinishedRun, is_ticked: bool) -> QTreeWidgetItem:
    best = percent(run.best) if run.best is not None else "–"
    item = QTreeWidgetItem([name_of(run), f"{run.when:%Y-%m-%d %H:%M}", run.title, run.spec.data.source.title, best])
    item.setTextAlignment(len(_HEADS) - 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    item.setData(0, _PATH, str(run.path))
    item.setToolTip(0, plain_tip(str(run.path)))
    item.setCheckState(0, Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked)
    return item
