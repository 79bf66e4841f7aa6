"""The live plots of one run with their options, the runs before it as ghosts, and ways to take them along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.engine.core.text import grouped
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.engine.run_store.history import History
from workbench.views.plots.epoch_table import EpochTable
from workbench.views.plots.export import PICTURES, picture, save_csv
from workbench.views.plots.legend import LegendEntry
from workbench.views.plots.options import OptionsBar
from workbench.views.plots.paint_budget import PaintBudget, spent
from workbench.views.plots.plot_menu import ask, ask_path, plot_menu
from workbench.views.plots.series import SUBPLOTS, SubplotSpec
from workbench.views.plots.subplot import Subplot
from workbench.views.plots.subplot_lines import Ghost
from workbench.views.plots.subplot_stack import SubplotStack
from workbench.views.widgets.help_place import set_help

_MOST_GHOSTS = 3
_LONGEST_TITLE = 24
_MOST_LISTED = 4


class TrainPlots(QWidget):
    """Loss, accuracy, gap, learning rate and gradient norm of a History, above one x axis."""

    full_screen_requested = Signal()
    decay_requested = Signal()
    fork_requested = Signal(int)  #: the steps after which the shown run is to be branched off
    told = Signal(str, str)  #: a sentence about a file that was saved, and "info" or "error"

    def __init__(self, parent: QWidget | None = None, specs: Sequence[SubplotSpec] = SUBPLOTS) -> None:
        super().__init__(parent)
        set_help(self, "plots")
        self.setAccessibleName("Training curves")
        self.paint_budget = PaintBudget()
        #: Menu text for lowering the rate; empty while no run can take it.
        self.decay_words = ""
        #: Whether the menu offers to branch off the shown run where it was clicked.
        self.offers_fork = False
        #: Writes what is shown as a table into a file; raises OSError.
        self.write_table: Callable[[Path], None] = self._write_own
        #: Where figures were saved last.
        self.folder = Path()
        self._painted = 0.0
        self._weight, self._members = 0.0, 0
        self._colours, self._scale = LIGHT, 1.0
        self.options = OptionsBar(self, specs)
        self.stack = SubplotStack(self, specs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.options)
        column.addWidget(self.stack, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_frame)
        self._connect()
        self.options.fit_font()

    def _connect(self) -> None:
        options, stack = self.options, self.stack
        options.log_changed.connect(stack.set_log)
        options.x_changed.connect(stack.set_mode)
        options.smoothing_changed.connect(self._on_smoothing)
        options.reset_requested.connect(stack.reset_zoom)
        options.subplot_switched.connect(stack.set_wanted)
        options.full_screen_requested.connect(self.full_screen_requested)
        stack.zoom_changed.connect(options.reset.setEnabled)
        for subplot in stack.subplots:
            subplot.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            subplot.view.customContextMenuRequested.connect(self._on_menu)

    # --- What is shown

    @property
    def history(self) -> History:
        """The run that is shown."""
        return self.stack.history

    def subplot(self, name: str) -> Subplot:
        """One of the plots by its name. Raises StopIteration if there is none."""
        return next(subplot for subplot in self.stack.subplots if subplot.spec.name == name)

    def show_history(self, history: History) -> None:
        """Show a run from its beginning; follow it with ``refresh`` or ``start_live``."""
        self.stack.show_history(history, self.options.weight)

    def take_back(self) -> None:
        """The run has gone back some steps: what came after them is drawn no more."""
        self.stack.take_back()

    def set_ghost(self, history: History, title: str) -> None:
        """Draw a previous run in grey behind the present one, and drop earlier ones."""
        self.stack.show_ghosts(self._beside)
        self.add_ghost(history, title)

    def add_ghost(self, history: History, title: str) -> None:
        """Add a previous run, at most three."""
        table = EpochTable(history)
        table.update()
        previous = [ghost for ghost in self.stack.ghosts if ghost.style is None]
        self.stack.show_ghosts([*[*previous, Ghost(title, table)][-_MOST_GHOSTS:], *self._beside])
        self._list_ghosts()

    def set_beside(self, runs: Sequence[Ghost]) -> None:
        """Draw any number of other runs, each in its style, beside the one that is shown."""
        previous = [ghost for ghost in self.stack.ghosts if ghost.style is None]
        self.stack.show_ghosts([*previous, *runs])
        self._list_ghosts()

    @property
    def _beside(self) -> list[Ghost]:
        return [ghost for ghost in self.stack.ghosts if ghost.style is not None]

    def clear_ghost(self) -> None:
        """Remove all previous runs; those that are compared stay."""
        self.stack.show_ghosts(self._beside)
        self._list_ghosts()

    @property
    def ghost_titles(self) -> list[str]:
        """The titles of the previous runs."""
        return [ghost.title for ghost in self.stack.ghosts if ghost.style is None]

    def read_out(self, x: float | None = None) -> dict[str, float]:
        """Values by ``subplot.curve`` at an x position; the last ones for None."""
        return self.stack.read_out(x)

    def _list_ghosts(self) -> None:
        header = self.stack.subplots[0].header
        for key in [key for key in header.entries if key.startswith("ghost")]:
            header.remove(key)
        for number, ghost in self._listed():
            title = ghost.title if len(ghost.title) <= _LONGEST_TITLE else ghost.title[: _LONGEST_TITLE - 1] + "…"
            before = f"previous: {title}" if title else "previous run"
            entry = header.add(f"ghost{number}", title if ghost.style is not None else before)
            self._style_entry(entry, ghost)
            entry.switched.connect(self._on_ghost_switched)
        header.apply_style()
        self.stack.redraw_soon()

    # --- Style

    def set_colours(self, colours: PlotColours) -> None:
        """Set the colours."""
        self._colours = colours
        self._apply_style()

    def set_scale(self, scale: float) -> None:
        """Set a factor for pens and symbols; texts follow the widget's font."""
        self._scale = scale
        self._apply_style()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(40 * line, 38 * line)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.options.minimumSizeHint().width(), 14 * self.fontMetrics().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_timer"):
            self._apply_style()

    def _apply_style(self) -> None:
        self.options.fit_font()
        self.stack.apply_style(self._colours, self._scale)
        for number, ghost in self._listed():
            self._style_entry(self.stack.subplots[0].header.entries[f"ghost{number}"], ghost)

    def _listed(self) -> list[tuple[int, Ghost]]:
        """Those with an entry in the legend, by their number: more than a few have their names at their ends only."""
        many = len(self._beside) > _MOST_LISTED
        return [(n, ghost) for n, ghost in enumerate(self.stack.ghosts) if ghost.style is None or not many]

    def _style_entry(self, entry: LegendEntry, ghost: Ghost) -> None:
        entry.apply_style(ghost.colour(self._colours), self._colours.muted, "solid", 1.0)

    # --- Frames

    @property
    def frames_drawn(self) -> int:
        """The number of frames that showed new data."""
        return self.stack.frames_drawn

    @Slot()
    def refresh(self) -> None:
        """Draw the data that is new since the last call."""
        self._update_members()
        self.stack.refresh()

    def start_live(self) -> None:
        """Follow the run, at the rate that the paint budget allows."""
        self.stack.live = True
        self._painted = self.stack.painted
        self._timer.start(0)

    def stop_live(self) -> None:
        """Draw the final state and stop following."""
        self.stack.live = False
        self._timer.stop()
        self.stack.redraw()

    @Slot()
    def _on_frame(self) -> None:
        start = spent()
        self._update_members()
        self.stack.refresh()
        painted = self.stack.painted  # mostly by the frame before: paint events come after this method returns
        cost = spent() - start + painted - self._painted
        self._painted = painted
        self._timer.start(round(1000 * self.paint_budget.next_delay(cost)))

    # --- Choices and files

    @Slot(float)
    def _on_smoothing(self, weight: float) -> None:
        self._weight = weight
        self._write_notes()
        self.stack.smooth(weight)

    def _update_members(self) -> None:
        """Update the notes when it is known whether the curves are one model's or the mean of several."""
        members = self.stack.history.averaged_members
        if members != self._members:
            self._members = members
            self._write_notes()

    def _write_notes(self) -> None:
        whose = f"mean of {self._members} {self.stack.history.averaged_noun}s" if self._members else ""
        for subplot in self.stack.subplots:
            smooths = self._weight > 0 and any(series.smooths for series in subplot.steps.series)
            how = f"smoothed over {self.options.words}, raw behind" if smooths else ""
            subplot.header.set_note(", ".join(filter(None, (whose, how))))

    @Slot(str, bool)
    def _on_ghost_switched(self, key: str, shown: bool) -> None:
        self.stack.ghosts[int(key.removeprefix("ghost"))].shown = shown
        self.stack.redraw_soon()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        sender = self.sender()
        step = self._fork_step(sender, place)
        menu = plot_menu(
            self,
            zoomed=self.stack.is_zoomed,
            has_ghost=bool(self.ghost_titles),
            decay=self.decay_words,
            fork="" if step is None else f"For&k here, after step {grouped(step)}…",
        )
        chosen = ask(menu, sender.mapToGlobal(place) if isinstance(sender, QWidget) else place)
        if chosen == "decay":
            self.decay_requested.emit()
        elif chosen == "fork" and step is not None:
            self.fork_requested.emit(step)
        elif chosen == "copy":
            self.copy()
        elif chosen == "reset":
            self.stack.reset_zoom()
        elif chosen == "clear_ghost":
            self.clear_ghost()
        elif chosen and (path := ask_path(self, chosen, self.proposed_path)) is not None:
            self.folder = path.parent
            self._try_export(path)

    def _fork_step(self, view: object, place: QPoint) -> int | None:
        """The steps after which the run can be branched off at a point of a plot; None where that is not offered."""
        started = self.history.started
        if not self.offers_fork or started is None or not started.folder:
            return None
        subplot = next((each for each in self.stack.subplots if each.view is view), None)
        return None if subplot is None else self.stack.step_at(subplot, place.x())

    @property
    def proposed_path(self) -> Path:
        """Where a figure is saved if the user changes nothing, without a suffix: named after the run's folder."""
        started = self.history.started
        return self.folder / (Path(started.folder).name if started and started.folder else "curves")

    def export(self, path: Path) -> None:
        """Save the plots in the format of the suffix (png, svg, pdf, csv). Raises OSError or ValueError."""
        suffix = path.suffix.lower()
        if suffix == ".csv":
            self.write_table(path)
        elif suffix in PICTURES:
            with self.stack.at_rest():
                PICTURES[suffix](self.stack, path)
        else:
            raise ValueError(f"{path.name}: plots are saved as png, svg, pdf or csv")

    def _write_own(self, path: Path) -> None:
        save_csv(self.history, path)

    def copy(self) -> None:
        """Copy the plots as an image to the clipboard."""
        with self.stack.at_rest():
            QGuiApplication.clipboard().setPixmap(QPixmap.fromImage(picture(self.stack)))

    def _try_export(self, path: Path) -> None:
        try:
            self.export(path)
        except OSError as error:
            self.told.emit(f"The plots could not be saved: {error.strerror or error}.", "error")
        else:
            self.told.emit(f"Plots saved in {path}.", "info")
