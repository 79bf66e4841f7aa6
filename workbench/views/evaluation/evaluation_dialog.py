"""Evaluate saved weights: files and finished runs on a data set, and the average of their predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QPalette
from PySide6.QtWidgets import QDialog, QFileDialog, QPushButton, QVBoxLayout, QWidget

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Task, TaskFailure, Tasks
from workbench.bridge.weights.evaluation import evaluating
from workbench.engine.evaluation.entries import is_of_a_run
from workbench.views.evaluation.data_choice import DataChoice
from workbench.views.evaluation.entries_table import EntriesTable
from workbench.views.evaluation.evaluation_words import summary
from workbench.views.evaluation.finished_runs_dialog import FinishedRunsDialog
from workbench.views.evaluation.input_choice import InputChoice
from workbench.views.evaluation.order_panel import OrderPanel
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.scrolled import scrolled
from workbench.views.widgets.theme import ERROR, MUTED, WARNING, rhythm

if TYPE_CHECKING:
    from workbench.engine.evaluation.results import Evaluation, EvaluationProgress

_HELP: Final = (
    "Add files of trained weights or finished runs. Each is measured on the data chosen below, with the preprocessing "
    "that its file says; what a file does not say is assumed, and its row says so. For several, the average of their "
    "predictions (not of their weights) is measured too."
)


class EvaluationDialog(QDialog):
    """Stays open beside the window. Files and run folders can be dropped on it."""

    data_wanted = Signal(object)  #: open these paths in the window: a tuple of Path

    def __init__(self, tasks: Tasks, store: SpecStore, runs_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "weights")
        self._tasks, self._runs_folder = tasks, runs_folder
        self._task: Task | None = None
        self._runs_dialog: FinishedRunsDialog | None = None
        self._folder = str(Path.home())
        self.setWindowTitle("Evaluate trained weights")
        self.setAcceptDrops(True)
        self.entries, self.choice, self.inputs = EntriesTable(self), DataChoice(store, self), InputChoice(self)
        self.orders = OrderPanel(self)
        self.words, self.details = Words(tone=MUTED), Words()
        self.open_button = QPushButton("Open &this data")
        self.open_button.setAutoDefault(False)
        self.open_button.setToolTip(plain_tip("Opens it in the window, where how it is read can be chosen."))
        self._make_buttons()
        self._lay_out()
        self._connect()
        set_size(self, 300, 140)
        self._on_entries_changed()

    def _make_buttons(self) -> None:
        self.files_button, self.runs_button = QPushButton("Add &files…"), QPushButton("Add finished &runs…")
        self.remove_button = QPushButton("Re&move")
        self.bar = ProgressBar()
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName("Progress of the evaluation")
        self.evaluate_button, self.cancel_button = QPushButton("&Evaluate"), QPushButton("&Cancel")
        self.evaluate_button.setDefault(True)
        for button in (self.files_button, self.runs_button, self.remove_button, self.cancel_button):
            button.setAutoDefault(False)

    def _lay_out(self) -> None:
        under = Box(self, spacing=2, horizontal=True)  # beside the table they would take the room of its columns
        for button in (self.files_button, self.runs_button, self.remove_button):
            under.add(button)
        under.box.addStretch(1)
        below = Box(self, spacing=2, horizontal=True)
        below.add(self.bar, 1)
        below.add(self.evaluate_button)
        below.add(self.cancel_button)
        column = QVBoxLayout(self)
        self.help = Words(_HELP, tone=MUTED)
        said = Box(spacing=1)
        said.add(self.details)
        said.add(self.words)
        said.box.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignLeft)
        said.box.addStretch(1)
        self.open_button.hide()
        self.said = scrolled(said, "What came of it")  # its height stays, whatever is said
        self.said.setMinimumHeight(rhythm(self, 22))
        for widget in (self.help, self.entries, under, self.choice, self.inputs, self.said, self.orders, below):
            column.addWidget(widget)
        column.setStretchFactor(self.entries, 3)
        column.setStretchFactor(self.said, 2)

    def _connect(self) -> None:
        self.files_button.clicked.connect(self._on_add_files)
        self.runs_button.clicked.connect(self.choose_runs)
        self.remove_button.clicked.connect(self.entries.remove)
        self.entries.changed.connect(self._on_entries_changed)
        self.choice.changed.connect(self._on_choice_changed)
        self.inputs.changed.connect(self._on_choice_changed)
        self.inputs.refused.connect(self._on_refused)
        self.entries.changed.connect(self._show_details)
        self.open_button.clicked.connect(self._on_open_data)
        self.orders.chosen.connect(self.begin)
        self.evaluate_button.clicked.connect(self.begin)
        self.cancel_button.clicked.connect(self.cancel)

    # --- entries -------------------------------------------------------------------------------------------------

    @Slot()
    def _on_add_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Add files of weights", self._folder, "All files (*)")
        self.add([Path(each) for each in chosen])

    @Slot()
    def choose_runs(self) -> None:
        """Open the list of finished runs; made when it is first wanted."""
        self.runs_dialog.open()

    @property
    def runs_dialog(self) -> FinishedRunsDialog:
        """The list of finished runs."""
        if self._runs_dialog is None:
            self._runs_dialog = FinishedRunsDialog(self._tasks, self._runs_folder, self)
            self._runs_dialog.added.connect(self.add)
        return self._runs_dialog

    @Slot(object)
    def add(self, paths: Sequence[Path]) -> None:
        """Put files and run folders on the list, each once; what was measured before stays until the next time."""
        files = [path for path in paths if path.is_file()]
        if files:
            self._folder = str(files[-1].parent)
        self._say("")
        self.entries.add(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add(self._dropped(event))
        event.acceptProposedAction()

    def _dropped(self, event: QDropEvent) -> list[Path]:
        """Files and run folders; other folders are no weights."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        good = [path for path in paths if path.is_file() or (path / "spec.toml").is_file()]
        return good if self._task is None else []

    # --- evaluating ----------------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Evaluate all entries in the background."""
        if self._task is not None or self._why_not():
            return
        self.entries.begin()
        self._say("Reading the weights…")
        work = evaluating(
            tuple(self.entries.paths),
            self.choice.data(),
            self.choice.chosen_part(),
            self.orders.order,
            self.inputs.chosen(),
        )
        self._task = self._tasks.submit("Evaluating weights", work)
        self._task.progressed.connect(self._on_progressed)
        self._task.done.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self._show_state()

    @Slot()
    def cancel(self) -> None:
        """End the evaluation; the entries that are done keep their figures."""
        if self._task is not None:
            self._task.cancel()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.cancel()

    @Slot(object, object)
    def _on_progressed(self, share: float, now: EvaluationProgress) -> None:
        self.bar.setValue(round(100 * share))
        self._say(f"{now.words}…")
        self.entries.show_progress(now)

    @Slot(object)
    def _on_done(self, result: Evaluation) -> None:
        self.entries.show_result(result)
        choice = next((each.choice for each in result.failed if each.choice is not None), None)
        if choice is not None:
            self.orders.ask(choice)
        elif any(each.needs_names for each in result.failed):
            self.orders.ask_for_names()
        self.help.setVisible(self.orders.isHidden())  # what is asked needs the room
        self._end(summary(result), _tone(result))

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self._end(failure.message, ERROR)
        self.open_button.setVisible(failure.is_doubt and isinstance(self.choice.data(), Path))

    @Slot()
    def _on_open_data(self) -> None:
        """Open the data in the window, where its doubts have buttons, and measure on the settings' data from now on."""
        data = self.choice.data()
        if isinstance(data, Path):
            self.open_button.hide()
            self.choice.own_data.click()
            self._say("The data is open in the window. Choose there how it is read, then evaluate here.")
            self.data_wanted.emit((data,))

    @Slot()
    def _on_cancelled(self) -> None:
        self._end("Cancelled. What was measured before stays.", MUTED)

    def _end(self, words: str, tone: QPalette.ColorRole) -> None:
        self._task = None
        self.entries.end()
        self._say(words, tone)
        self._show_state()

    # --- state ---------------------------------------------------------------------------------------------------

    @Slot()
    def _show_details(self) -> None:
        """All that the selected row says, which has no room in it."""
        words, is_wrong = self.entries.selected_words()
        self.details.setForegroundRole(ERROR if is_wrong else self.foregroundRole())
        self.details.say(words)

    def _say(self, words: str, tone: QPalette.ColorRole = MUTED) -> None:
        self.open_button.hide()
        self.words.setForegroundRole(tone)
        self.words.say(words)

    def _why_not(self) -> str:
        if not self.entries.paths:
            return "Add a file of weights or a finished run first, or drop one here."
        return "Choose the data to measure on." if self.choice.is_missing() else ""

    @Slot()
    def _on_entries_changed(self) -> None:
        if self._task is None and not self.entries.paths:
            self.orders.forget()
        runs = sum(is_of_a_run(path) for path in self.entries.paths)
        self.choice.follow(runs, len(self.entries.paths) - runs)
        self._show_state()

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        self._say(words, ERROR)

    @Slot()
    def _on_choice_changed(self) -> None:
        """Figures belong to the data that they were measured on: they go with it."""
        if self._task is None:
            self.orders.forget()
            if self.entries.forget():
                self._say("What is measured has been changed; evaluate again.")
        self._show_state()

    @Slot()
    def _show_state(self) -> None:
        busy, why_not = self._task is not None, self._why_not()
        self.entries.is_locked = busy
        self.evaluate_button.setEnabled(not busy and not why_not)
        self.evaluate_button.setToolTip(plain_tip(why_not))
        self.cancel_button.setEnabled(busy)
        self.remove_button.setEnabled(not busy and self.entries.is_selected())
        for widget in (self.files_button, self.runs_button, self.choice, self.inputs, self.orders):
            widget.setEnabled(not busy)
        self.bar.setTextVisible(busy)
        if not busy:
            self.bar.setValue(0)
            if not self.entries.paths:
                self._say(why_not)


def _tone(result: Evaluation) -> QPalette.ColorRole:
    if not result.measured:
        return ERROR
    return WARNING if result.failed or any(each.doubt for each in result.measured) else MUTED
