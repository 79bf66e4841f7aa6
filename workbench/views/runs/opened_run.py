"""One run opened again: its curves, verdict and layers as they were, its settings, tags and note."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QTabWidget, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.text import duration, size_text
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.run_store.history import History
from workbench.engine.shelf.record import RunRecord
from workbench.views.insight.gap_view import GapView
from workbench.views.insight.layer_view import LayerView
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.about_form import AboutForm
from workbench.views.runs.columns import key_settings
from workbench.views.runs.settings_view import SettingsView
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.theme import MUTED, theme


class OpenedRun(Box):
    """Shows one run of the list. ``back_wanted`` asks for the list again."""

    back_wanted = Signal()
    menu_wanted = Signal(QWidget)  #: the button below which the run's menu is to be shown

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.record: RunRecord | None = None
        self._shown: History | None = None
        self.plots, self.verdict, self.layers = TrainPlots(), GapView(in_fork=True), LayerView()
        self.plots.options.leave_out_full_screen()
        self.plots.offers_fork = True
        self.about = AboutForm(desk)
        self.settings = SettingsView()
        self._lay_out()
        self.plots.told.connect(desk.told)
        desk.opened.opened.connect(self._on_opened)
        desk.opened.progressed.connect(self._on_progressed)
        desk.opened.failed.connect(self._on_failed)
        desk.runs.changed.connect(self._on_runs)
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def _lay_out(self) -> None:
        head = Box(margins=(2, 1, 2, 1), spacing=2, horizontal=True)
        self.back = QPushButton("‹ All runs")
        self.back.setToolTip("Back to the table (Esc)")
        self.back.clicked.connect(self.back_wanted)
        self.title = Words()
        self.title.setAccessibleName("Opened run")
        self.more = QPushButton("Actions")
        self.more.clicked.connect(self._on_more)
        for widget, stretch in ((self.back, 0), (self.title, 1), (self.more, 0)):
            head.add(widget, stretch)
        self.words = Words(tone=MUTED)
        self.words.setAccessibleName("What became of the run")
        below = Box(margins=(2, 0, 2, 1))
        below.add(self.words)
        self.tabs = QTabWidget()
        for page, name in (
            (self.verdict, "Ver&dict"),
            (self.about, "&Notes"),
            (self.layers, "&Layers"),
            (self.settings, "&Settings"),
        ):
            self.tabs.addTab(page, name)
        self.tabs.setUsesScrollButtons(False)  # all names have room, in large letters too
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.plots)
        self.splitter.addWidget(self.tabs)
        self.splitter.setStretchFactor(0, 5)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setChildrenCollapsible(False)
        self.reading = QLabel("Reading the run…")
        self.reading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        parts: tuple[tuple[QWidget, int], ...] = ((head, 0), (below, 0), (self.reading, 1), (self.splitter, 1))
        for part, stretch in parts:
            self.add(part, stretch)
        self.box.setSpacing(0)

    def show_run(self, record: RunRecord) -> None:
        """Show a run; its curves follow when they are read."""
        self.record, self._shown = record, None
        self.about.show_run(record)
        self._write(record)
        self.reading.setText("Reading the run…")
        self._show_parts(False)
        self._desk.opened.ask(record)
        self._show_history()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _write(self, record: RunRecord) -> None:
        self.title.say(record.shown_name)
        facts = (record.reason or record.status.capitalize(), f"{duration(record.seconds)} of training")
        where = f"{record.folder_name}, {size_text(record.size)}"
        self.words.say(" · ".join(filter(None, (*facts, key_settings(record), record.data, where, record.problem))))

    def _show_parts(self, are_read: bool) -> None:
        self.splitter.setVisible(are_read)
        self.reading.setVisible(not are_read)

    def _show_history(self) -> None:
        record = self.record
        history = self._desk.opened.history(record) if record is not None else None
        if record is None or history is None:
            return
        if history is self._shown:
            self._show_growth()
            return
        self._shown = history
        self._show_parts(True)
        self.plots.show_history(history)
        self.plots.refresh()
        self.verdict.set_history(history)
        self.layers.set_history(history)
        self.settings.show_run(record)

    def _show_growth(self) -> None:
        """The run that is shown has gone on meanwhile."""
        self.plots.refresh()
        self.verdict.refresh()
        self.layers.refresh()

    @Slot(object)
    def _on_opened(self, folder: Path) -> None:
        if self.record is not None and folder == self.record.folder:
            self._show_history()

    @Slot(object, str)
    def _on_progressed(self, folder: Path, words: str) -> None:
        if self.record is not None and folder == self.record.folder:
            self.reading.setText(words)

    @Slot(object, str)
    def _on_failed(self, folder: Path, words: str) -> None:
        if self.record is not None and folder == self.record.folder:
            self.reading.setText(words)

    @Slot()
    def _on_runs(self) -> None:
        """Follow a run that goes on, and what is said of it."""
        if self.record is None or not self.isVisible():
            return
        now = self._desk.runs.record(self.record.folder)
        if now is not None and now is not self.record:
            self.record = now
            self._write(now)
            self._desk.opened.ask(now)
            self._show_history()

    @Slot()
    def _on_more(self) -> None:
        self.menu_wanted.emit(self.more)

    @Slot()
    def _on_theme(self) -> None:
        self.plots.set_colours(DARK if theme().colours.dark else LIGHT)
        self.plots.set_scale(theme().scale)
