"""Measure weights: files of trained weights, from here or from others, on a data set, and the average of them all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QHideEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Failure, Task, Tasks
from workbench.bridge.weights.measure_files import Standing, evaluating
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.core.text import grouped, percent
from workbench.engine.experiments.data_source import PARTS, Part
from workbench.engine.experiments.measure_files import FileFailed, average_words
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.tables import plain_table
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, resize_within_screen, rhythm

if TYPE_CHECKING:
    from workbench.engine.experiments.measure_files import Evaluation, Outcome

_PATH: Final = Qt.ItemDataRole.UserRole
_HEADS: Final = ("File", "State", "Accuracy", "Loss", "Parameters", "Network")
_STATE, _NETWORK = 1, len(_HEADS) - 1
#: So many reasons why files were not measured stand below the table too; more stand in their rows alone.
_REASONS: Final = 2
_WAITING, _DONE, _NOT = "waiting", "done", "not measured"
_HELP: Final = (
    "Files of trained weights are recognised by what is in them and measured on the data below, each with the "
    "preprocessing it was trained with. With several files the average of their predictions is measured too."
)
_PART_WORDS: Final[dict[Part, str]] = {
    "all": "Training and validation together",
    "train": "The training part",
    "validation": "The validation part",
    "test": "The test part",
}


class EvaluateDialog(QDialog):
    """Stays open beside the window. Files can be dropped on it."""

    def __init__(self, tasks: Tasks, store: SpecStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._store = tasks, store
        self._task: Task | None = None
        self._files: list[Path] = []
        self._folder = str(Path.home())
        self.setWindowTitle("Measure weights")
        self.setAcceptDrops(True)
        self._make_parts()
        self._lay_out()
        self._connect()
        resize_within_screen(self, rhythm(self, 290), rhythm(self, 140))
        self._show_source()
        self._show_state()

    def _make_parts(self) -> None:
        self.table = plain_table(_HEADS, "Files of weights")
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their end
        self.add_button, self.remove_button = QPushButton("Add &files…"), QPushButton("&Remove")
        self.own_data = QRadioButton("The &data of the settings")
        self.other_data = QRadioButton("&Other data:")
        self._which = QButtonGroup(self)  # they stand in two rows
        for choice in (self.own_data, self.other_data):
            self._which.addButton(choice)
        self.own_data.setChecked(True)
        self.path = QLineEdit()
        self.path.setAccessibleName("Other data")
        self.path.setPlaceholderText("An .npz file, a folder of IDX files, or a folder with one folder for each class")
        self.folder_button, self.file_button = QPushButton("F&older…"), QPushButton("F&ile…")
        self.part = QComboBox()
        self.part.setAccessibleName("Part of the data")
        for part in PARTS:
            self.part.addItem(_PART_WORDS[part], part)
        self.words = Words(tone=MUTED)
        self.bar = QProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName("Progress of measuring")
        self.measure_button, self.cancel_button = QPushButton("&Measure"), QPushButton("&Cancel")
        self.measure_button.setDefault(True)
        for button in (self.add_button, self.remove_button, self.folder_button, self.file_button, self.cancel_button):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        beside = Box(self, spacing=2)
        beside.add(self.add_button)
        beside.add(self.remove_button)
        beside.box.addStretch(1)
        top = Box(self, spacing=2, horizontal=True)
        top.add(self.table, 1)
        top.add(beside)
        which = Box(self, spacing=2, horizontal=True)
        which.add(self.own_data)
        which.add(self.part)
        which.box.addStretch(1)
        where = Box(self, spacing=2, horizontal=True)
        where.add(self.other_data)
        where.add(self.path, 1)
        where.add(self.folder_button)
        where.add(self.file_button)
        below = Box(self, spacing=2, horizontal=True)
        below.add(self.bar, 1)
        below.add(self.measure_button)
        below.add(self.cancel_button)
        column = QVBoxLayout(self)
        for widget in (Words(_HELP, tone=MUTED), top, which, where, self.words, below):
            column.addWidget(widget)
        column.setStretchFactor(top, 1)

    def _connect(self) -> None:
        self.add_button.clicked.connect(self._on_add)
        self.remove_button.clicked.connect(self.remove)
        self.folder_button.clicked.connect(self._on_folder)
        self.file_button.clicked.connect(self._on_file)
        self.path.textEdited.connect(self._on_path)
        self.own_data.toggled.connect(self._show_state)
        self.table.itemSelectionChanged.connect(self._show_state)
        self.measure_button.clicked.connect(self.begin)
        self.cancel_button.clicked.connect(self.cancel)
        self._store.changed.connect(self._show_source)
        self.table.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The Delete key takes the selected file off the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Delete:
            self.remove()
            return True
        return super().eventFilter(watched, event)

    # --- files ---------------------------------------------------------------------------------------------------

    @Slot()
    def _on_add(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Add files of weights", self._folder, "All files (*)")
        self.add([Path(each) for each in chosen])

    def add(self, files: Sequence[Path]) -> None:
        """Put files on the list, each once; what was measured before stays until the next measurement."""
        for file in files:
            if file in self._files:
                continue
            self._files.append(file)
            self._folder = str(file.parent)
            item = QTreeWidgetItem([file.name, *[""] * _NETWORK])
            item.setData(0, _PATH, str(file))
            item.setToolTip(0, plain_tip(str(file)))
            self.table.insertTopLevelItem(len(self._files) - 1, item)
        self._say(self._why_not())
        self._fit()
        self._show_state()

    @Slot()
    def remove(self) -> None:
        """Take the selected file off the list; the file itself stays."""
        if self._task is not None:
            return
        for item in self.table.selectedItems():
            row = self.table.indexOfTopLevelItem(item)
            if row < len(self._files):
                del self._files[row]
                self.table.takeTopLevelItem(row)
                self._drop_average()
        self._show_state()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add(self._dropped(event))
        event.acceptProposedAction()

    def _dropped(self, event: QDropEvent) -> list[Path]:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        return [file for file in files if file.is_file()] if self._task is None else []

    # --- data ----------------------------------------------------------------------------------------------------

    @Slot()
    def _on_folder(self) -> None:
        self._choose(QFileDialog.getExistingDirectory(self, "Choose a data folder", self._folder))

    @Slot()
    def _on_file(self) -> None:
        self._choose(QFileDialog.getOpenFileName(self, "Choose a data file", self._folder, "All files (*)")[0])

    def _choose(self, path: str) -> None:
        if path:
            self.path.setText(path)
            self._on_path()

    @Slot()
    def _on_path(self) -> None:
        self.other_data.setChecked(True)
        self._show_state()

    def data(self) -> Path | DataSource:
        """What is measured on."""
        if self.own_data.isChecked():
            return self._store.spec.data.source
        return Path(self.path.text().strip()).expanduser()

    @Slot()
    def _show_source(self, _spec: object = None) -> None:
        source = self._store.spec.data.source
        self.own_data.setText(f"The &data of the settings: {source.title}".replace("&&", "&"))
        self.own_data.setToolTip(plain_tip(source.brief()))

    # --- measuring -----------------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Measure all files in the background."""
        if self._task is not None or self._why_not():
            return
        self._forget()
        self._say("Reading the files…")
        part: Part = self.part.currentData()
        self._task = self._tasks.submit("Measuring weights", evaluating(tuple(self._files), self.data(), part))
        self._task.progressed.connect(self._on_progressed)
        self._task.done.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self._show_state()

    @Slot()
    def cancel(self) -> None:
        """End the measuring that goes on; the files that are done keep their figures."""
        if self._task is not None:
            self._task.cancel()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.cancel()

    @Slot(object, object)
    def _on_progressed(self, share: float, standing: Standing) -> None:
        self.bar.setValue(round(100 * share))
        self._say(f"{standing.words}…")
        for row, outcome in enumerate(standing.outcomes):
            self._fill(row, outcome)
        row = len(standing.outcomes)
        item = self.table.topLevelItem(row)
        if item is not None and row < len(self._files):
            item.setText(_STATE, f"measuring {round(100 * standing.share)} %" if standing.share else "reading")
        self._fit()

    @Slot(object)
    def _on_done(self, result: Evaluation) -> None:
        self._task = None
        outcomes: dict[Path, Outcome] = {each.path: each for each in result.files}
        outcomes.update({each.path: each for each in result.failed})
        for row, file in enumerate(self._files):
            self._fill(row, outcomes[file])
        if result.averaged is not None:
            self._add_average(result)
        self._fit()
        self._say(_summary(result), ERROR if not result.files else WARNING if result.failed else MUTED)
        self._show_state()

    def _add_average(self, result: Evaluation) -> None:
        assert result.averaged is not None
        total = sum(each.parameters for each in result.files)
        figures = (_percent(result.averaged.accuracy), grouped(result.averaged.loss, 4), grouped(total))
        item = QTreeWidgetItem([average_words(result), _DONE, *figures, ""])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        bold = QFont(self.font())
        bold.setBold(True)
        for column in range(len(_HEADS)):
            item.setFont(column, bold)
        _align(item)
        self.table.addTopLevelItem(item)

    def _fill(self, row: int, outcome: Outcome) -> None:
        item = self.table.topLevelItem(row)
        if item is None or item.text(_STATE) in (_DONE, _NOT):
            return
        if isinstance(outcome, FileFailed):
            item.setText(_STATE, _NOT)
            item.setText(_NETWORK, _in_a_row(outcome.message, outcome.path))
            for column in (_STATE, _NETWORK):
                item.setForeground(column, self.palette().color(ERROR))
                item.setToolTip(column, plain_tip(outcome.message))
            return
        figures = (_percent(outcome.measured.accuracy), grouped(outcome.measured.loss, 4), grouped(outcome.parameters))
        for column, text in enumerate((_DONE, *figures, outcome.title), _STATE):
            item.setText(column, text)
            notes = (outcome.title, *outcome.notes) if column == _NETWORK else outcome.notes
            item.setToolTip(column, plain_tip("\n".join(notes)))
        _align(item)

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self._end(failure.message, ERROR)

    @Slot()
    def _on_cancelled(self) -> None:
        self._end("Cancelled. What was measured before stays.", MUTED)

    def _end(self, words: str, tone: QPalette.ColorRole) -> None:
        """The rows that are not done wait for nothing any more."""
        self._task = None
        for row in range(len(self._files)):
            item = self.table.topLevelItem(row)
            if item is not None and item.text(_STATE) not in (_DONE, _NOT):
                item.setText(_STATE, "")
        self._say(words, tone)
        self._show_state()

    def _forget(self) -> None:
        self._drop_average()
        for row in range(len(self._files)):
            item = self.table.topLevelItem(row)
            for column in range(_STATE, len(_HEADS)):
                if item is not None:
                    item.setText(column, _WAITING if column == _STATE else "")
                    item.setToolTip(column, "")
                    item.setData(column, Qt.ItemDataRole.ForegroundRole, None)

    def _drop_average(self) -> None:
        while self.table.topLevelItemCount() > len(self._files):
            self.table.takeTopLevelItem(self.table.topLevelItemCount() - 1)

    def _fit(self) -> None:
        for column in range(len(_HEADS) - 1):
            self.table.resizeColumnToContents(column)
            most = rhythm(self, 70 if column == 0 else 45)
            self.table.setColumnWidth(column, min(self.table.columnWidth(column) + rhythm(self, 3), most))

    def _say(self, words: str, tone: QPalette.ColorRole = MUTED) -> None:
        self.words.setForegroundRole(tone)
        self.words.say(words)

    def _why_not(self) -> str:
        if not self._files:
            return "Add a file of weights first, or drop one here."
        if self.other_data.isChecked() and not self.path.text().strip():
            return "Choose the data to measure on."
        return ""

    @Slot()
    def _show_state(self, _news: object = None) -> None:
        busy, why_not = self._task is not None, self._why_not()
        self.measure_button.setEnabled(not busy and not why_not)
        self.measure_button.setToolTip(plain_tip(why_not))
        self.cancel_button.setEnabled(busy)
        self.remove_button.setEnabled(not busy and bool(self.table.selectedItems()))
        for widget in (self.add_button, self.own_data, self.other_data, self.part, self.path):
            widget.setEnabled(not busy)
        for button in (self.folder_button, self.file_button):
            button.setEnabled(not busy)
        self.bar.setTextVisible(busy)
        if not busy:
            self.bar.setValue(0)
            if not self._files:
                self._say(why_not)


def _percent(share: float) -> str:
    """Two digits behind the point: published figures have them."""
    return percent(share, 2)


def _align(item: QTreeWidgetItem) -> None:
    for column in range(_STATE + 1, _NETWORK):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _in_a_row(message: str, path: Path) -> str:
    """The reason in one line, without the name that stands at its beginning."""
    words = " ".join(message.split())
    for name in (str(path), path.name):
        words = words.removeprefix(name).strip()
    return words


def _summary(result: Evaluation) -> str:
    lines = []
    if result.failed:
        many = len(result.failed)
        total = many + len(result.files)
        lines = [f"{many} of {total} files could not be measured; the {'row says' if many == 1 else 'rows say'} why."]
        lines += [
            f"{each.path.name}: {_in_a_row(each.message, each.path)}" for each in result.failed if many <= _REASONS
        ]
    if not result.files:
        return "\n".join(lines)
    words = f"Measured on {grouped(result.files[0].measured.n)} examples, in float32."
    if result.averaged is not None:
        mean = sum(each.measured.accuracy for each in result.files) / len(result.files)
        gain = 100 * (result.averaged.accuracy - mean)
        of = f"The average of the {len(result.files)} measured" if result.failed else "The average"
        words += f" {of} is {grouped(abs(gain), 2)} points {'above' if gain >= 0 else 'below'} the mean file."
    said = list(dict.fromkeys(note for each in result.files for note in each.notes))
    return "\n".join([*lines, words, *said])
