"""Ticked runs beside each other: their curves in one plot, what differs in words and as a table, and a scatter plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QSplitter, QTabWidget, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.text import counted
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.shelf.bands import scatter
from workbench.engine.shelf.compare import Comparison
from workbench.engine.shelf.export import csv_of_comparison, markdown_of_comparison
from workbench.engine.shelf.noise import same_but_seed
from workbench.engine.shelf.record import RunRecord
from workbench.views.plots.epoch_table import EpochTable
from workbench.views.plots.export import PICTURES, NamedRun, save_runs_csv
from workbench.views.plots.mean_table import MeanTable
from workbench.views.plots.run_styles import run_style
from workbench.views.plots.series import COMPARED
from workbench.views.plots.subplot_lines import Ghost
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.columns import short_names
from workbench.views.runs.difference_view import DifferenceView
from workbench.views.runs.runs_model import RunsModel
from workbench.views.runs.scatter_plot import ScatterPlot
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.theme import rhythm, theme

#: The least height of the plots in quarters of a line: those that have no room leave it to the others.
_LEAST_PLOTS: Final = 24
_EXPORTS = (
    ("Copy the differences as &Markdown", "copy.md"),
    ("Save the differences as M&arkdown…", ".md"),
    ("Save the differences as &CSV…", ".csv"),
    ("Save the curves as a CSV &table…", "curves.csv"),
    ("Save the curves as &PNG…", ".png"),
    ("Save the curves as &SVG…", ".svg"),
    ("Save the curves as P&DF…", ".pdf"),
    ("Save the scatter plot as P&NG…", "scatter.png"),
    ("Save the scatter plot as S&VG…", "scatter.svg"),
    ("Save the scatter plot as PD&F…", "scatter.pdf"),
)


def compared_plots(parent: QWidget) -> TrainPlots:
    """The empty plots of a comparison, not yet shown: to make them takes more time than the rest of the pane."""
    plots = TrainPlots(parent, COMPARED)
    plots.hide()
    plots.setAccessibleName("Curves of the ticked runs")
    for subplot in plots.stack.subplots[:2]:
        subplot.header.entries["train"].click()  # two curves a run are for a closer look
    return plots


class ComparePane(Box):
    """Follows the ticks of ``model``; draws on ``plots``, see ``compared_plots``.

    ``beside_changed`` gives the runs to draw on the Train page too.
    """

    beside_changed = Signal(object)

    def __init__(self, desk: RunDesk, model: RunsModel, plots: TrainPlots, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        self._desk, self._model = desk, model
        self._seen: tuple[RunRecord, ...] = ()
        self._compared: tuple[Path, ...] = ()
        #: What differs; None where fewer than two runs are ticked or can be compared, and while it is found out.
        self.comparison: Comparison | None = None
        self.folder = Path()
        self.plots = plots
        plots.write_table = self._write_curves
        self.differences, self.scatter = DifferenceView(), ScatterPlot(model.style)
        self._lay_out()
        model.ticks_changed.connect(self.refresh)
        desk.opened.opened.connect(self._on_opened)
        desk.comparing.answered.connect(self._on_compared)
        desk.comparing.failed.connect(self._on_not_compared)
        desk.opened.failed.connect(self._on_failed)
        desk.runs.changed.connect(self._on_runs)
        self.plots.told.connect(desk.told)
        self.seeds.toggled.connect(self.refresh)
        self.beside.toggled.connect(self._on_beside)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self.refresh()

    def _lay_out(self) -> None:
        head = Box(margins=(2, 0, 2, 0), spacing=3, horizontal=True)
        self.title = Words()
        self.title.setAccessibleName("Comparison")
        self.seeds = Check("Seeds as a band")
        self.seeds.setChecked(True)
        self.seeds.setToolTip(
            "Runs that differ in their seed alone are one mean, with one standard deviation about it."
        )
        self.beside = Check("On the Train page too")
        self.beside.setToolTip("Draw the ticked runs beside the one that trains.")
        self.export = QPushButton()
        self.export.setText("E&xport")
        self.clear = QPushButton()
        self.clear.setText("Clear ticks")
        self.clear.clicked.connect(self._on_clear)
        menu = QMenu(self.export)
        for text, what in _EXPORTS:
            menu.addAction(text).setData(what)
        menu.triggered.connect(self._on_export)
        self.export.setMenu(menu)
        for widget, stretch in ((self.title, 1), (self.seeds, 0), (self.beside, 0), (self.export, 0), (self.clear, 0)):
            head.add(widget, stretch)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.differences, "&Differences")
        self.tabs.addTab(self.scatter, "&Gap and best")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.plots)
        self.plots.show()
        self.splitter.addWidget(self.tabs)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.setChildrenCollapsible(False)
        self.add(head)
        self.add(self.splitter, 1)
        self._fit()

    # --- What is shown

    @property
    def records(self) -> list[RunRecord]:
        """The ticked runs that are still there, in the order in which they were ticked."""
        known = {record.folder: record for record in self._desk.runs.records}
        return [known[folder] for folder in self._model.ticked if folder in known]

    @Slot()
    def refresh(self) -> None:
        """Show what is ticked now."""
        self._seen, records = self._desk.runs.records, self.records
        self.setVisible(bool(records))
        self._compare(records)
        for record in records:
            self._desk.opened.ask(record)
        self.scatter.show_dots(scatter(r for r in self._seen if records and not r.about.hidden))
        self._draw()

    def _compare(self, records: Sequence[RunRecord]) -> None:
        """What was found of the same runs stays until it is known anew: one that is training changes all the time."""
        ticked = tuple(record.folder for record in records)
        if len(records) < 2:
            self._desk.comparing.forget()
            self._show(ticked, None)
            return
        if ticked != self._compared:
            self._compared, self.comparison = ticked, None
            self.title.say(f"Comparing {counted(len(records), 'run')}…")
            self.export.setEnabled(False)
        if not self.differences.is_filled:
            self.differences.show_comparison(None, "Comparing…")
        self._desk.compare(records)

    def _show(self, ticked: tuple[Path, ...], found: Comparison | None, trouble: str = "") -> None:
        self._compared, self.comparison = ticked, found
        self.title.say(f"{counted(len(ticked), 'run')} compared" if ticked else "")
        self.export.setEnabled(True)
        self.differences.show_comparison(found, trouble)

    @Slot(object)
    def _on_compared(self, found: Comparison) -> None:
        self._show(self._compared, found)

    @Slot(str)
    def _on_not_compared(self, trouble: str) -> None:
        self._show(self._compared, None, trouble)

    def _draw(self) -> None:
        self.plots.set_beside(self._ghosts(self.records))
        # The run that the Train page shows is not drawn a second time beside itself.
        others = [record for record in self.records if record.folder != self._desk.on_train_page]
        self.beside_changed.emit(self._ghosts(others) if self.beside.isChecked() else [])

    def _ghosts(self, records: Sequence[RunRecord]) -> list[Ghost]:
        tables: dict[Path, EpochTable] = {}
        for record in records:
            history = self._desk.opened.latest(record)
            if history is not None:
                tables[record.folder] = table = EpochTable(history)
                table.update()
        groups = self._groups(records)
        firsts = {group[0].folder: group[0] for group in (*self._groups(self.records), *groups)}
        names = short_names(list(firsts.values()))
        shown = [group for group in groups if any(record.folder in tables for record in group)]
        return [_ghost(group, tables, self._model.ticked, names) for group in shown]

    def _groups(self, records: Sequence[RunRecord]) -> list[list[RunRecord]]:
        """Runs that are drawn as one: those that differ in their seed alone, if that is wanted."""
        groups: dict[str, list[RunRecord]] = {}
        for record in records:
            key = same_but_seed(record) if self.seeds.isChecked() else str(record.folder)
            groups.setdefault(key, []).append(record)
        return list(groups.values())

    @Slot(object)
    def _on_opened(self, folder: Path) -> None:
        if folder in self._model.ticked:
            self._draw()

    @Slot(object, str)
    def _on_failed(self, folder: Path, words: str) -> None:
        if folder in self._model.ticked:
            self._desk.told.emit(words, "warning")

    @Slot()
    def _on_runs(self) -> None:
        """A ticked run that goes on, or has gone."""
        if self._seen is not self._desk.runs.records:
            self.refresh()

    @Slot(bool)
    def _on_beside(self, _on: bool) -> None:
        self._draw()

    @Slot()
    def _on_clear(self) -> None:
        self._model.tick(list(self._model.ticked), False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "differences"):
            self._fit()

    def _fit(self) -> None:
        self.plots.setMinimumHeight(rhythm(self, _LEAST_PLOTS))
        self.differences.fit()

    @Slot()
    def _on_theme(self) -> None:
        self.plots.set_colours(DARK if theme().colours.dark else LIGHT)
        self.plots.set_scale(theme().scale)
        self.scatter.update()

    # --- Files

    @Slot(QAction)
    def _on_export(self, action: QAction) -> None:
        what = str(action.data())
        if what == "copy.md":
            QGuiApplication.clipboard().setText(self._text(".md"))
            self._desk.told.emit("The differences are copied as Markdown.", "info")
            return
        suffix = Path(what).suffix or what
        name, _ = QFileDialog.getSaveFileName(self, "Export", str(self.folder / f"comparison{suffix}"), f"*{suffix}")
        if name:
            path = Path(name) if name.lower().endswith(suffix) else Path(name + suffix)
            self.folder = path.parent
            self.save(path, what.partition(".")[0])

    def save(self, path: Path, part: str = "") -> None:
        """Write the ``scatter`` plot, the ``curves``, or else what the format of the suffix is for: a picture of the
        curves or the differences; says where it was written, or why not."""
        are_curves = part == "curves" or path.suffix.lower() in PICTURES
        what = "Scatter plot" if part == "scatter" else "Curves" if are_curves else "Differences"
        try:
            if part == "scatter":
                PICTURES[path.suffix.lower()](self.scatter, path)
            elif are_curves:
                self.plots.export(path)
            else:
                path.write_text(self._text(path.suffix.lower()), encoding="utf-8")
        except OSError as error:
            self._desk.told.emit(f"{path.name} could not be saved: {error.strerror or error}.", "error")
        else:
            self._desk.told.emit(f"{what} saved in {path}.", "info")

    def _write_curves(self, path: Path) -> None:
        """A table of every ticked run, as far as they are read; seeds are not gathered. Raises OSError."""
        read = ((record, self._desk.opened.latest(record)) for record in self.records)
        runs = [NamedRun(r.shown_name, r.folder_name, history) for r, history in read if history is not None]
        save_runs_csv(runs, path)

    def _text(self, suffix: str) -> str:
        if self.comparison is None:
            return "It takes two runs to compare.\n"
        as_text = csv_of_comparison if suffix == ".csv" else markdown_of_comparison
        return as_text(self.comparison, short_names(self.comparison.records))


def _ghost(
    group: Sequence[RunRecord],
    tables: Mapping[Path, EpochTable],
    ticked: Mapping[Path, int],
    names: Mapping[Path, str],
) -> Ghost:
    """One curve for the runs of ``group``, in the style of the first one."""
    there = [record for record in group if record.folder in tables]
    style = run_style(ticked[group[0].folder])
    if len(there) == 1:
        return Ghost(names[group[0].folder], tables[there[0].folder], style=style)
    mean = MeanTable([tables[record.folder] for record in there])
    seeds = len({record.seed for record in there})
    words = counted(seeds, "seed") if seeds == len(there) else counted(len(there), "run")
    return Ghost(f"{names[group[0].folder]}, {words}", mean, style=style)
