"""Average finished runs: tick several, and see what the average of their predictions gives."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.threads.background import Failure, Task, Tasks
from workbench.bridge.weights.average_runs import averaging, listing
from workbench.engine.core.text import grouped, percent
from workbench.engine.experiments.average_runs import PotResult
from workbench.engine.run_store.finished_runs import FinishedRun
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, rhythm

_FOLDER: Final = Qt.ItemDataRole.UserRole
_RUNS: Final = ("Run", "Date", "Experiment", "Data", "Best validation")
_RESULT: Final = ("", "Accuracy", "Loss", "Parameters", "Note")
_HELP: Final = (
    "Any finished runs on the same classes can be averaged: their predictions, not their weights. "
    "All are measured on the validation examples of the first ticked one; classes are matched by name. "
    "A snapshot of a run counts as a run of its own."
)


class PotDialog(QDialog):
    """Stays open beside the window; looks for runs whenever it is shown."""

    def __init__(self, tasks: Tasks, parent_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._folder = tasks, parent_folder
        self._task: Task | None = None
        self._listing: Task | None = None
        self.setWindowTitle("Average finished runs")
        self.runs = plain_table(_RUNS, "Finished runs")
        self.figures = plain_table(_RESULT, "Result")
        for table in (self.runs, self.figures):  # the end of a name tells one member or snapshot from the next
            table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.words = Words(tone=MUTED)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName("Progress of averaging")
        self.average_button, self.cancel_button = QPushButton("&Average"), QPushButton("&Cancel")
        self._lay_out()
        self.runs.itemChanged.connect(self._on_ticked)
        self.average_button.clicked.connect(self.begin)
        self.cancel_button.clicked.connect(self.cancel)
        self.resize(rhythm(self, 218), rhythm(self, 130))
        self._show_state()

    def _lay_out(self) -> None:
        parts = QSplitter(Qt.Orientation.Vertical, self)
        for table in (self.runs, self.figures):
            parts.addWidget(table)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        parts.setChildrenCollapsible(False)
        buttons = Box(self, spacing=2, horizontal=True)
        buttons.add(self.bar, 1)
        buttons.add(self.average_button)
        buttons.add(self.cancel_button)
        column = QVBoxLayout(self)
        for widget in (Words(_HELP, tone=MUTED), parts, self.words, buttons):
            column.addWidget(widget)
        column.setStretchFactor(parts, 1)

    # --- the list ------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.cancel()

    @Slot()
    def look(self) -> None:
        """Look for finished runs."""
        self.words.say("Looking for finished runs…")
        self._listing = self._tasks.submit("Looking for runs", listing(self._folder), key="pot.list")
        self._listing.done.connect(self._on_listed)
        self._listing.failed.connect(self._on_failed)

    @Slot(object)
    def _on_listed(self, runs: Sequence[FinishedRun]) -> None:
        ticked = set(self.ticked())
        self.runs.blockSignals(True)
        self.runs.clear()
        for run in runs:
            best = percent(run.best) if run.best is not None else "–"
            item = QTreeWidgetItem(
                [run.name, f"{run.when:%Y-%m-%d %H:%M}", run.title, run.spec.data.source.title, best]
            )
            item.setTextAlignment(len(_RUNS) - 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setData(0, _FOLDER, str(run.path))
            item.setToolTip(0, str(run.path))
            item.setCheckState(0, Qt.CheckState.Checked if run.path in ticked else Qt.CheckState.Unchecked)
            self.runs.addTopLevelItem(item)
        self.runs.blockSignals(False)
        self._fit(self.runs)
        self._listing = None
        self._say("" if runs else "No run has finished yet. Train one, then another with a different seed.")
        self._show_state()

    def ticked(self) -> tuple[Path, ...]:
        """The folders of the ticked runs and the files of the ticked snapshots, as listed."""
        items = (self.runs.topLevelItem(row) for row in range(self.runs.topLevelItemCount()))
        return tuple(
            Path(item.data(0, _FOLDER))
            for item in items
            if item is not None and item.checkState(0) is Qt.CheckState.Checked
        )

    @Slot()
    def _on_ticked(self) -> None:
        self._show_state()

    # --- averaging -----------------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Average the ticked runs in the background."""
        if self._task is not None or len(self.ticked()) < 2:
            return
        self.figures.clear()
        self._say("Averaging…")
        self._task = self._tasks.submit("Averaging runs", averaging(self.ticked()))
        self._task.progressed.connect(self._on_progressed)
        self._task.done.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self._show_state()

    @Slot()
    def cancel(self) -> None:
        """End the averaging that goes on; nothing of it is shown."""
        if self._task is not None:
            self._task.cancel()

    @Slot(object, object)
    def _on_progressed(self, share: float, words: str) -> None:
        self.bar.setValue(round(100 * share))
        self._say(words)

    @Slot(object)
    def _on_done(self, result: PotResult) -> None:
        self._task = None
        for member in result.members:
            measured, parameters = member.measured, grouped(member.run.parameters)
            self._add(member.run.name, percent(measured.accuracy), grouped(measured.loss, 3), parameters, member.note)
        self._add("Mean member", percent(result.mean_member), "", "")
        whole = result.averaged
        bold = self._add(
            "Average of the predictions", percent(whole.accuracy), grouped(whole.loss, 3), grouped(result.parameters)
        )
        font = QFont(self.font())
        font.setBold(True)
        for column in range(len(_RESULT)):
            bold.setFont(column, font)
        self._fit(self.figures)
        gain = 100 * (whole.accuracy - result.mean_member)
        sign = "above" if gain >= 0 else "below"
        self._say(
            f"The average is {grouped(abs(gain), 1)} points {sign} the mean member, "
            f"on {grouped(whole.n)} validation examples."
        )
        self._show_state()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self._task = self._listing = None
        self._say(failure.message, wrong=True)
        self._show_state()

    @Slot()
    def _on_cancelled(self) -> None:
        self._task = None
        self._say("Cancelled.")
        self._show_state()

    def _add(self, *texts: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(list(texts))
        for column in (1, 2, 3):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.figures.addTopLevelItem(item)
        return item

    def _fit(self, table: QTreeWidget) -> None:
        for column in range(table.columnCount() - 1):  # the last one takes what is left
            table.resizeColumnToContents(column)
            most = rhythm(self, 80 if column == 0 else 45)
            table.setColumnWidth(column, min(table.columnWidth(column) + rhythm(self, 3), most))

    def _say(self, words: str, wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if wrong else MUTED)
        self.words.say(words)

    def _show_state(self) -> None:
        busy, count = self._task is not None, len(self.ticked())
        self.average_button.setEnabled(not busy and count >= 2)
        self.average_button.setToolTip("" if count >= 2 else "Tick at least two runs")
        self.cancel_button.setEnabled(busy)
        self.runs.setEnabled(not busy)
        self.bar.setTextVisible(busy)
        if not busy:
            self.bar.setValue(0)
