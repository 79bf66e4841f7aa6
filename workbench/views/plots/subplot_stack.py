"""The subplots above one x axis: follows a run, draws new data, handles the mouse.

A frame queries the pyramid for the new columns, draws them into each subplot's image and repaints that strip. Axes,
grids and measured curves are painted only when an epoch ends or a range moves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.engine.run_store.history import History
from workbench.views.plots.annotations import annotations_of, edit_tip
from workbench.views.plots.arrangement import arrange, room_for, with_room
from workbench.views.plots.epoch_table import EpochTable, XMode
from workbench.views.plots.paint_budget import Throttle, spent
from workbench.views.plots.plot_view import Zoom
from workbench.views.plots.read_out import ReadOut, read_out
from workbench.views.plots.run_curves import X_TITLES, RunCurves, XAxis
from workbench.views.plots.series import SUBPLOTS, SubplotSpec
from workbench.views.plots.subplot import Subplot
from workbench.views.plots.subplot_lines import Ghost
from workbench.views.plots.x_range import XRange

#: The labels at the ends of curves take at most this share of the width.
_MOST_ENDS: Final = 0.28


class SubplotStack(QWidget):
    """``refresh`` draws new data, ``redraw`` everything. Ranges follow the run until the user zooms."""

    zoom_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None, specs: Sequence[SubplotSpec] = SUBPLOTS) -> None:
        super().__init__(parent)
        self.frames_drawn = 0
        self.live = False
        self.mode: XMode = "step"
        self.ghosts: list[Ghost] = []
        self.history = History()
        self._curves, self._table = RunCurves(self.history), EpochTable(self.history)
        self._colours, self._scale = LIGHT, 1.0
        self._x_range = XRange()
        self._hover: float | None = None
        self._unwanted: set[str] = set()
        self._known: frozenset[str] | None = None  # the columns of which the run has a value
        self._had: set[str] = set()  # the subplots of which the run has a curve
        self._seen: tuple[int, ...] = ()
        self._drawn = 0
        self._static_due = Throttle()
        self.subplots = [Subplot(spec, self) for spec in specs]
        self.setAutoFillBackground(True)
        for subplot in self.subplots:
            self._connect(subplot)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.redraw)
        self.apply_style(LIGHT, 1.0)

    def _connect(self, subplot: Subplot) -> None:
        subplot.zoomed.connect(self._on_zoomed)
        subplot.reset.connect(self.reset_zoom)
        subplot.hovered.connect(self._on_hovered)
        subplot.fitted.connect(self.redraw_soon)
        subplot.tip_wanted.connect(self._on_tip)
        subplot.switched.connect(self.redraw_soon)

    # --- What is shown

    def show_history(self, history: History, smoothing: float) -> None:
        """Show another run, from its beginning."""
        self.history = history
        self._curves, self._table = RunCurves(history, smoothing), EpochTable(history)
        self._seen, self._drawn, self._hover = (), 0, None
        self.reset_zoom()

    def take_back(self) -> None:
        """The run has gone back some steps: read it anew, in the same range."""
        self._curves, self._table = RunCurves(self.history, self._curves.smoothing), EpochTable(self.history)
        self._seen, self._drawn, self._hover = (), 0, None
        self.redraw_soon()

    def smooth(self, weight: float) -> None:
        """Smooth the per-step curves; the raw ones stay behind."""
        self._curves.smooth(weight)
        self.redraw_soon()

    def set_mode(self, mode: XMode) -> None:
        """Set the unit of the x axis."""
        self.mode, self._hover, self._x_range = mode, None, XRange()
        self.zoom_changed.emit(self.is_zoomed)
        self.redraw_soon()

    def set_log(self, log: bool) -> None:
        """Use logarithmic axes where a subplot allows it."""
        for subplot in self.subplots:
            subplot.set_log(log)
        self.redraw_soon()

    def set_wanted(self, name: str, wanted: bool) -> None:
        """Show or hide a subplot; the last one that every run has cannot be hidden."""
        unwanted = self._unwanted - {name} if wanted else self._unwanted | {name}
        if any(not each.spec.is_occasional and each.spec.name not in unwanted for each in self.subplots):
            self._unwanted = unwanted
            self._make_room()

    def shown(self) -> list[Subplot]:
        """The subplots that are chosen and fit."""
        return [subplot for subplot in self.subplots if not subplot.isHidden()]

    def apply_style(self, colours: PlotColours, scale: float) -> None:
        """Set colours and a factor for pens and symbols; texts follow the widget's font."""
        self._colours, self._scale = colours, scale
        shown, metrics = self.shown(), self.fontMetrics()
        names = ["previous", *(ghost.title for ghost in self.ghosts if ghost.style is not None)]
        names += [series.short for subplot in shown for series in subplot.spec.series]
        widest = max(metrics.horizontalAdvance(f"{name} −0.0e-0") for name in names) + metrics.height()
        ends = min(widest, max(self.width(), 300) * _MOST_ENDS)
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, QColor(colours.background))
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colours.text))
        self.setPalette(palette)
        for subplot in shown:
            subplot.apply_style(colours, scale, ends, first=subplot is shown[0], last=subplot is shown[-1])
        arrange(self, shown)
        self.redraw_soon()

    def show_ghosts(self, ghosts: list[Ghost]) -> None:
        """Draw these other runs behind the one that is shown, with room for their names."""
        self.ghosts = ghosts
        self.apply_style(self._colours, self._scale)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_later"):
            self._make_room()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:  # moved to another screen
            self.redraw_soon()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Hide the least important subplots where there is not enough height for all."""
        readable = with_room(self._wanted(), self.height(), self.fontMetrics().height())
        for subplot in self.subplots:
            subplot.setVisible(subplot.spec.name in readable)
        self.apply_style(self._colours, self._scale)

    def _wanted(self) -> list[SubplotSpec]:
        return [each.spec for each in self.subplots if each.spec.name not in self._unwanted and self._has(each.spec)]

    def _has(self, spec: SubplotSpec) -> bool:
        """Whether the run has a curve of a subplot, where not every run does."""
        return not spec.is_occasional or any(series.column in self._table.known for series in spec.series)

    def _update_table(self) -> None:
        """Take over new evaluations; a subplot comes with the first value of its curves, and goes with its run."""
        self._table.update()
        if self._table.known != self._known:
            self._known = self._table.known
            had, self._had = self._had, {each.spec.name for each in self.subplots if self._has(each.spec)}
            if self._had != had:
                self._make_room()

    # --- Frames

    @property
    def painted(self) -> float:
        """The total time of the subplots' paint events, in seconds."""
        return sum(subplot.view.painted for subplot in self.subplots)

    @Slot()
    def refresh(self) -> None:
        """Draw the data that is new since the last call."""
        new_steps = self._curves.poll()
        seen = self._event_counts()
        if (not new_steps and seen == self._seen) or not self.isVisible():
            return
        self._update_table()
        due = self._static_due.is_due
        with_static = due and seen != self._seen
        if self._x_range.follow(self._x_axis, self._curves, self._table, self.ghosts) or not self._drawn:
            self._draw_all()
        else:
            self._draw_new(with_static)
        if due:
            self._show_values()
            self._static_due.done(self.live)
        self.frames_drawn += 1

    @Slot()
    def redraw_soon(self) -> None:
        """Draw everything in the next turn of the event loop; several calls are combined."""
        self._later.start()

    @Slot()
    def redraw(self) -> None:
        """Draw everything, now."""
        self._later.stop()
        self._curves.poll()
        self._update_table()
        self._x_range.follow(self._x_axis, self._curves, self._table, self.ghosts)
        self._draw_all()
        self._show_values()

    @property
    def _x_axis(self) -> XAxis:
        return XAxis(self.mode, self._curves)

    def _event_counts(self) -> tuple[int, ...]:
        history = self.history
        ends = history.started is not None, history.ended is not None
        return len(history.evaluations), len(history.edits), len(history.notices), *ends

    def _draw_all(self) -> None:
        for subplot in self.shown():
            subplot.fit(self._x_range.range)
        self._draw_columns(0, self.shown()[0].columns, refit=True)
        self._paint_static(self.shown())

    def _draw_new(self, with_static: bool) -> None:
        width = self.shown()[0].columns
        first, last = self._x_range.columns(self._x_axis, width, self._drawn, self._curves.count)
        only_epochs = self._seen[1:] == self._event_counts()[1:]
        moved = self._draw_columns(first, last, refit=with_static)
        if with_static and not only_epochs:
            self._paint_static(self.shown())
        else:
            self._paint_static(moved)
            if with_static:
                self._paint_new_epochs(moved)

    def _draw_columns(self, first: int, last: int, *, refit: bool) -> list[Subplot]:
        """Draw columns of all subplots. Those whose y range moved are drawn completely, and returned."""
        width, moved = self.shown()[0].columns, list[Subplot]()
        subplots = [subplot for subplot in self.shown() if subplot.columns == width]  # others are about to be laid out
        if first < last:
            edges = self._x_range.edges(self._x_axis, width, first, last)
            raw = self._curves.spans(edges)
            smooth = self._curves.smooth_spans(edges) if self._curves.smoothing > 0 else None
            for subplot in subplots:
                subplot.keep(first, last, raw, smooth)
        for subplot in subplots:
            if (refit or subplot.leaves(first, last)) and subplot.refit_y_range(self._table, self.ghosts):
                moved.append(subplot)
                subplot.draw(0, width)
            else:
                subplot.draw(first, last)
        self._drawn = self._curves.count
        return moved

    def _paint_static(self, subplots: list[Subplot]) -> None:
        if not subplots:
            return
        start, shown = spent(), self.shown()
        marks = annotations_of(self.history, self._x_axis)
        empty = not (self._curves.count or self._table.size or self.ghosts)
        bottom = shown[-1].view.bottom
        bottom.set_blank(empty)
        bottom.set_end(self._x_range.end(self._x_axis, self.history))
        down = [value for value, _ in bottom.ticks() if value != bottom.end]
        for subplot in subplots:
            subplot.paint_static(self._table, self.ghosts, self.mode, marks, down, empty)
        bottom.set_marks(list(marks.edits))
        if len(subplots) == len(shown):
            self._painted_static(start)

    def _paint_new_epochs(self, done: list[Subplot]) -> None:
        start = spent()
        for subplot in self.shown():
            if subplot not in done:
                subplot.paint_new_epochs(self._table, self.ghosts, self.mode)
        self._painted_static(start)

    def _painted_static(self, start: float) -> None:
        self._static_due.done(self.live, spent() - start)
        self._seen = self._event_counts()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Show the final values as vectors, without the crosshair, and all wanted subplots, for which the window may
        have no room: what a file or the clipboard gets."""
        size, needed = self.size(), math.ceil(room_for(self._wanted(), self.fontMetrics().height()))
        self.resize(size.width(), max(size.height(), needed))
        hover, self._hover, shown = self._hover, None, self.shown()
        self.redraw()
        for subplot in shown:
            subplot.show_as_lines(True)
        try:
            yield
        finally:
            for subplot in shown:
                subplot.show_as_lines(False)
            self._hover = hover
            self.resize(size)
            self._show_values()

    # --- The mouse

    def step_at(self, subplot: Subplot, x: int) -> int | None:
        """The finished steps of the run at a pixel of the subplot's view; beyond its ends those of the end.

        None without a step.
        """
        started = self.history.started
        first, last = started.parent_step if started is not None and started.parent else 0, self._curves.count
        if last <= first:
            return None
        at = subplot.viewport.at(x - subplot.view.plot_rect().x())
        return min(max(round(float(self._x_axis.steps(at))), first), last)

    def read_out(self, x: float | None = None) -> dict[str, float]:
        """Values by ``subplot.curve`` at an x position (of the nearest evaluation); the last ones for None."""
        return self._read_out(x).as_dict(self.subplots, self._table)

    def _read_out(self, x: float | None) -> ReadOut:
        return read_out(x, self._x_axis, self._curves, self._table, [ghost.table for ghost in self.ghosts])

    def _show_values(self) -> None:
        """Show the values at the right: those under the mouse, else the last visible ones."""
        x_axis, shown = self._x_axis, self.shown()
        x = self._hover
        if x is None and self._x_range.fixed and self._x_range.range[1] < float(x_axis.x(self._curves.count)):
            x = self._x_range.range[1]
        found = self._read_out(x)
        for subplot in shown:
            subplot.end_labels(found, self._table, self.ghosts)
            subplot.show_cross(*(found.cross(subplot, x_axis, self._table) if self._hover is not None else (None, [])))
        shown[-1].view.bottom.set_title(X_TITLES[self.mode] if self._hover is None else found.words)

    @Slot(object)
    def _on_hovered(self, pixel: float | None) -> None:
        sender = self.sender()
        known = self._curves.count + self._table.size > 0
        hover = sender.viewport.at(pixel) if isinstance(sender, Subplot) and pixel is not None and known else None
        if hover != self._hover:
            self._hover = hover
            self._show_values()

    @Slot(object)
    def _on_zoomed(self, zoom: Zoom) -> None:
        sender = self.sender()
        if zoom.x is not None:
            self._x_range.fix(*zoom.x)
        if zoom.y is not None and isinstance(sender, Subplot):
            sender.y_range.fix(*zoom.y)
        self.zoom_changed.emit(self.is_zoomed)
        self.redraw_soon()

    @property
    def is_zoomed(self) -> bool:
        """Whether the user has zoomed."""
        return self._x_range.fixed or any(subplot.y_range.fixed for subplot in self.subplots)

    @Slot()
    def reset_zoom(self) -> None:
        """Show the whole run and follow it."""
        self._x_range = XRange()
        for subplot in self.subplots:
            subplot.y_range.restart()
        self.zoom_changed.emit(False)
        self.redraw_soon()

    @Slot(float, QPoint)
    def _on_tip(self, pixel: float, place: QPoint) -> None:
        sender = self.sender()
        if isinstance(sender, Subplot):
            viewport = sender.viewport
            reach = 8 * (viewport.x1 - viewport.x0) / max(viewport.width, 1.0)
            QToolTip.showText(place, edit_tip(self.history, self._x_axis, viewport.at(pixel), reach), sender)
