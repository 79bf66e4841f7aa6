"""Searches: the study that is shown, its trials as a table and as pictures, and what can be done with them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox, QSplitter, QStackedWidget, QWidget

from workbench.bridge.runner import State
from workbench.bridge.runs.search_desk import SearchDesk
from workbench.bridge.runs.study_work import Snapshot
from workbench.engine.core.text import counted, grouped
from workbench.engine.search.plan import WHEN
from workbench.engine.search.trial import Trial, best_of
from workbench.engine.search.warnings import edges, time_left
from workbench.engine.shelf.differing import label_at
from workbench.views.runs.search_dialog import MOST_TRIALS, SearchDialog
from workbench.views.runs.search_maps import ContourPlot, ParallelPlot
from workbench.views.runs.search_plots import BestPlot, ImportancePlot, SlicePlot
from workbench.views.runs.search_running import RunningPlot
from workbench.views.runs.search_table import TrialsTable
from workbench.views.runs.shared_study_dialog import SharedStudyDialog
from workbench.views.runs.trial_dialog import TrialDialog
from workbench.views.runs.trial_plot import TrialPlot
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.empty_place import EmptyPlace
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.menu import Menu
from workbench.views.widgets.scrolled import CappedScroll
from workbench.views.widgets.theme import rhythm

EMPTY: Final = (
    "No study yet.\n\nA search trains the settings of the Train page again and again with other values of a few "
    "fields: at random, on a grid, or where earlier trials were good. Each trial is a run. At the end the three best "
    "are trained with other seeds, and it is said whether the first is better by more than noise."
)
#: Maximum share of the height for the words on the noise; longer ones scroll, so that table and plot keep their room.
_WORDS_SHARE: Final = 0.25
_PLOTS: Final = (BestPlot, SlicePlot, ParallelPlot, ContourPlot, ImportancePlot, RunningPlot)


class SearchView(Box):
    """Follows the study of ``desk``."""

    run_wanted = Signal(str)  #: the folder of a trial's run that should be opened

    def __init__(self, desk: SearchDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        set_help(self, "search")
        self.setAccessibleName("Search")
        self._desk = desk
        self.studies, self.words = QComboBox(), Words()
        self.studies.setAccessibleName("Study")
        self.words.setAccessibleName("What the search is doing")
        self.new, self.go, self.pause = QPushButton("&New search…"), QPushButton("S&tart"), QPushButton("&Pause")
        self.take, self.open_run = QPushButton("Ta&ke these settings"), QPushButton("&Open its run")
        self.add_trial, self.finer = QPushButton("A&dd a trial…"), QPushButton("Search the best region &more finely")
        self.shared = QPushButton("Shared st&udy…")
        self.shared.setToolTip(plain_tip("Follow a study that several machines work on, and join it."))
        self.table, self.verdict = TrialsTable(), Words()
        self.verdict.setAccessibleName("What the noise of seeds says")
        self.verdict_area = CappedScroll(self.verdict, "What the noise of seeds says")
        self.plots: tuple[TrialPlot, ...] = tuple(kind() for kind in _PLOTS)
        self.picture, self.across, self.up = QComboBox(), QComboBox(), QComboBox()
        for box in (self.studies, self.across, self.up):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.budget = QSpinBox()
        self.budget.setRange(0, MOST_TRIALS)
        self.budget.setSpecialValueText("no limit")
        self.budget.setAccessibleName("Number of trials")
        self.budget.setPrefix("Trials: ")
        self.budget.setKeyboardTracking(False)
        self._labels: tuple[str, ...] = ()
        self._seen: Snapshot | None = None
        self.stack = QStackedWidget()
        self.first, self.first_shared = QPushButton("New search…"), QPushButton("Shared study…")
        self.empty = EmptyPlace(EMPTY, (self.first, self.first_shared))
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._study())
        self.add(self.stack, 1)
        self._connect()

    # --- Laying out

    def _study(self) -> QWidget:
        whole = Box(margins=(2, 1, 2, 1), spacing=1)
        head = Box(spacing=2, horizontal=True)
        for widget in (self.studies, self.budget, self.go, self.pause):
            head.add(widget)
        head.add(self.words, 1)
        tools = QWidget()
        flow = FlowLayout(tools, rhythm(self, 1))
        for button in (self.new, self.shared, self.add_trial, self.take, self.open_run, self.finer):
            flow.addWidget(button)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(self._pictures())
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setSizes([400, 600])  # else the preferred sizes give large letters a table of two columns
        whole.add(head)
        whole.add(tools)
        whole.add(self.splitter, 1)
        whole.add(self.verdict_area)
        return whole

    def _pictures(self) -> QWidget:
        whole, row = Box(spacing=1), Box(spacing=2, horizontal=True)
        for plot in self.plots:
            self.picture.addItem(plot.title)
        self.picture.setAccessibleName("Picture")
        self.across.setAccessibleName("Field across")
        self.up.setAccessibleName("Field up")
        for widget in (self.picture, self.across, self.up):
            row.add(widget)
        row.box.addStretch(1)
        self._shown = QStackedWidget()
        for plot in self.plots:
            self._shown.addWidget(plot)
        whole.add(row)
        whole.add(self._shown, 1)
        return whole

    def _connect(self) -> None:
        desk = self._desk
        desk.changed.connect(self.refresh)
        desk.importance.changed.connect(self._show_importance)
        for button in (self.new, self.first):
            button.clicked.connect(self.set_up)
        for button in (self.shared, self.first_shared):
            button.clicked.connect(self._on_shared)
        self.go.clicked.connect(self._on_go)
        self.pause.clicked.connect(desk.pause_or_resume)
        self.budget.valueChanged.connect(self._on_budget)
        self.take.clicked.connect(self._on_take)
        self.open_run.clicked.connect(self._on_open)
        self.add_trial.clicked.connect(self._on_add)
        self.finer.clicked.connect(desk.search_finer)
        self.studies.textActivated.connect(desk.show)
        self.picture.currentIndexChanged.connect(self._on_picture)
        for box in (self.across, self.up):
            box.currentIndexChanged.connect(self._on_axes)
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self._on_open)
        self.table.menu_wanted.connect(self._on_menu)

    # --- Showing

    @property
    def title(self) -> str:
        """The text of the tab."""
        return "Search" + (" · on" if self._desk.is_searching else "")

    def take_focus(self) -> None:
        """Let keys act on the trials; while there are none, on the button that begins."""
        (self.table if self._desk.shown is not None else self.first).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._desk.list_studies()
        self._desk.watch(True)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.verdict_area.tallest = round(_WORDS_SHARE * self.height())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._desk.watch(False)

    @Slot()
    def refresh(self) -> None:
        """Show the study as it is now."""
        if not self.isVisible():
            return
        shown = self._desk.shown
        self.stack.setCurrentIndex(0 if shown is None else 1)
        self.empty.words.setText("Reading the studies…" if self._desk.is_reading else EMPTY)
        self._show_names()
        self._show_state()
        if shown is None or shown is self._seen:
            return
        is_other = self._seen is None or (shown.name, shown.url) != (self._seen.name, self._seen.url)
        is_same = self._seen is not None and shown.trials is self._seen.trials
        self._seen = shown
        self._show_running()
        if is_same:
            return
        self._labels = self._desk.labels
        self.table.show_study(shown, self._labels)
        with QSignalBlocker(self.budget):
            self.budget.setValue(shown.plan.trials or 0)
        if is_other:
            self._name_axes()
        self._show_picture()
        self._show_verdict()

    def _show_names(self) -> None:
        names = [*reversed(self._desk.names)]
        shown = self._desk.shown.name if self._desk.shown is not None else ""
        if [self.studies.itemText(at) for at in range(self.studies.count())] != names:
            self.studies.clear()
            self.studies.addItems(names)
        self.studies.setCurrentText(shown)

    def _show_state(self) -> None:
        desk, trial = self._desk, self.table.trial
        why_not = desk.why_not
        goes = "&Join" if desk.is_shared else "Go &on" if desk.has_begun else "S&tart"
        self.go.setText("S&top" if desk.is_searching else goes)
        self.go.setEnabled(desk.state is not State.STOPPING if desk.is_searching else not why_not)
        stop = "Stop the present trial; it is kept, waits, and goes on later."
        self.go.setToolTip(plain_tip(stop if desk.is_searching else why_not or "Train the trials that are left."))
        self.budget.setEnabled(desk.shown is not None and not desk.is_searching)
        self.budget.setToolTip(plain_tip("How many trials the study has in all. With more it can go on."))
        is_held = desk.state in (State.PAUSED, State.PAUSING)
        self.pause.setText("&Go on" if is_held else "&Pause")
        self.pause.setEnabled(desk.is_searching and desk.state is not State.STOPPING)
        self.take.setEnabled(trial is not None)
        no_trial = "" if trial is not None else "Choose a trial in the table first."
        self.take.setToolTip(plain_tip(no_trial or "The Train page gets the settings of this trial."))
        is_here = trial is not None and trial.folder is not None and desk.has_here(trial)
        self.open_run.setEnabled(is_here)
        where = f"Its run is on {trial.worker.rpartition(':')[0]}." if trial is not None and trial.worker else ""
        self.open_run.setToolTip(
            plain_tip(no_trial or ("" if is_here or (trial is not None and trial.folder is None) else where))
        )
        shown = desk.shown
        self.finer.setEnabled(shown is not None and shown.finer is not None and not desk.is_busy)
        self.finer.setToolTip(plain_tip(self._finer_words()))
        self.words.setText(self._words())

    def _finer_words(self) -> str:
        """What a finer search would try."""
        plan = self._desk.shown.finer if self._desk.shown is not None else None
        fields = plan.fields if plan is not None else ()
        ranges = [f"{label_at(plan.base, each.path)}: {each.words}" for each in fields if plan is not None]
        return "\n".join(["Begin a study of a quarter of each range around the best trial.", *ranges])

    def _words(self) -> str:
        desk, shown = self._desk, self._desk.shown
        if shown is None:
            return ""
        done = sum(trial.state in ("complete", "pruned", "failed") for trial in shown.trials)
        of = f" of {grouped(shown.plan.planned)}" if shown.plan.planned is not None else ""
        said = f"{WHEN[shown.plan.sampler][0]}: {counted(done, 'trial')}{of}."
        if desk.is_searching and desk.searched == shown.name:
            names = {State.PAUSED: "Paused.", State.PAUSING: "Pausing.", State.STOPPING: "Stopping."}
            doing = f"{desk.progress.doing}." if desk.progress.doing else ""
            parts = (said, desk.progress.repeat, names.get(desk.state, ""), doing, time_left(shown.plan, shown.trials))
            return " ".join(filter(None, parts))
        if shown.running:
            return f"{said} {counted(len(shown.running), 'worker')} now. {time_left(shown.plan, shown.trials)}".rstrip()
        return said

    def _show_verdict(self) -> None:
        shown = self._desk.shown
        is_known = shown is not None and bool(best_of(shown.trials))
        self.verdict_area.setVisible(is_known)
        if shown is None or not is_known:
            return
        waits = "Which settings are better by more than noise is measured when the trials have ended."
        found = [] if shown.verdict is None else [shown.verdict.means]
        lines = [waits] if shown.verdict is None else shown.verdict.comparisons
        self.verdict.setText("\n".join([*lines, *edges(shown.plan, shown.trials), *found]))

    def _name_axes(self) -> None:
        for box, at in ((self.across, 0), (self.up, 1)):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(list(self._labels))
                box.setCurrentIndex(min(at, len(self._labels) - 1))
        self._on_axes()

    def _show_picture(self) -> None:
        shown, at = self._desk.shown, self.picture.currentIndex()
        plot = self.plots[at]
        chosen = self.table.trial
        row = None
        if shown is not None and chosen is not None:
            row = next((at for at, each in enumerate(shown.trials) if each.number == chosen.number), None)
        plot.show_figures(shown.figures if shown is not None else None, self._labels, row)
        self._shown.setCurrentIndex(at)
        for box in (self.across, self.up):
            box.setVisible(isinstance(plot, ContourPlot))
        if isinstance(plot, ImportancePlot):
            self._desk.find_importance()
            self._show_importance()

    def _show_running(self) -> None:
        for plot in self.plots:
            if isinstance(plot, RunningPlot):
                plot.show_running(self._desk.shown.running if self._desk.shown is not None else ())

    @Slot()
    def _show_importance(self) -> None:
        found = self._desk.importance.value or ()
        paths = [field.path for field in self._desk.shown.plan.fields] if self._desk.shown is not None else []
        known = [each for each in found if each.path in paths]
        request = self._desk.importance
        for plot in self.plots:
            if isinstance(plot, ImportancePlot):
                plot.say("Finding out what matters…" if request.is_pending else request.trouble or plot.empty)
                plot.show_importances(known, [self._labels[paths.index(each.path)] for each in known])

    # --- What the user does

    @Slot()
    def set_up(self) -> None:
        """Ask for a new study."""
        SearchDialog(self._desk, self).open()

    @Slot()
    def _on_shared(self) -> None:
        SharedStudyDialog(self._desk, self).open()

    @Slot()
    def _on_go(self) -> None:
        self._desk.stop() if self._desk.is_searching else self._desk.start()

    @Slot(int)
    def _on_budget(self, trials: int) -> None:
        if self._desk.shown is not None:
            self._desk.set_budget(trials or None, self._desk.shown.plan.minutes)

    @Slot()
    def _on_take(self) -> None:
        if self.table.trial is not None:
            self._desk.take(self.table.trial)

    @Slot()
    @Slot(object)
    def _on_open(self, _trial: object = None) -> None:
        trial = self.table.trial
        if trial is not None and trial.folder is not None:
            self.run_wanted.emit(str(trial.folder))

    @Slot()
    def _on_add(self) -> None:
        if self._desk.shown is not None:
            TrialDialog(self._desk, self._desk.shown, self.table.trial, self).open()

    @Slot(int)
    def _on_picture(self, _at: int) -> None:
        self._show_picture()

    @Slot()
    def _on_axes(self, _at: int = 0) -> None:
        for plot in self.plots:
            if isinstance(plot, ContourPlot):
                plot.show_axes(max(0, self.across.currentIndex()), max(0, self.up.currentIndex()))

    @Slot(object)
    def _on_chosen(self, _trial: Trial | None) -> None:
        self._show_state()
        self._show_picture()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = Menu("", self)
        for button in (self.take, self.open_run, self.add_trial):
            action = menu.addAction(button.text())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(button.click)
        menu.exec(place)
        menu.deleteLater()
