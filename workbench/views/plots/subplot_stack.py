"""The lanes above one x axis: follows a run, draws what is new, answers the mouse.

A frame asks the pyramid for the columns that are new, writes them into each lane's picture and has that strip shown.
Axes, grids and measured curves are painted when an epoch ends or a range moves, and those are kept rare.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPalette, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from workbench.engine.run_store.history import History
from workbench.views.plots.annotations import edit_tip, marks_of
from workbench.views.plots.arrangement import arrange, with_room
from workbench.views.plots.colours import LIGHT, PlotColours
from workbench.views.plots.epoch_table import EpochTable, XMode
from workbench.views.plots.horizontal import Horizontal
from workbench.views.plots.paint_budget import Throttle, spent
from workbench.views.plots.plot_view import Zoom
from workbench.views.plots.read_out import ReadOut, read_out
from workbench.views.plots.run_curves import X_TITLES, Ruler, RunCurves
from workbench.views.plots.series import LANES
from workbench.views.plots.subplot import Lane
from workbench.views.plots.subplot_lines import Ghost


class LaneStack(QWidget):
    """``refresh`` draws what is new, ``redraw`` everything. Ranges follow the run until the user zooms."""

    zoom_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.frames_drawn = 0
        self.live = False
        self.mode: XMode = "step"
        self.ghosts: list[Ghost] = []
        self.history = History()
        self._curves, self._table = RunCurves(self.history), EpochTable(self.history)
        self._colours, self._scale = LIGHT, 1.0
        self._x = Horizontal()
        self._hover: float | None = None
        self._unwanted: set[str] = set()
        self._seen: tuple[int, ...] = ()
        self._drawn = 0
        self._still = Throttle()
        self.lanes = [Lane(spec, self) for spec in LANES]
        self.setAutoFillBackground(True)
        for lane in self.lanes:
            self._connect(lane)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.redraw)
        self.dress(LIGHT, 1.0)

    def _connect(self, lane: Lane) -> None:
        lane.zoomed.connect(self._on_zoomed)
        lane.reset.connect(self.reset_zoom)
        lane.hovered.connect(self._on_hovered)
        lane.fitted.connect(self.redraw_soon)
        lane.tip_wanted.connect(self._on_tip)
        lane.switched.connect(self.redraw_soon)

    # --- What is shown

    def show_history(self, history: History, smoothing: float) -> None:
        """Another run, from its beginning."""
        self.history = history
        self._curves, self._table = RunCurves(history, smoothing), EpochTable(history)
        self._seen, self._drawn, self._hover = (), 0, None
        self.reset_zoom()

    def smooth(self, weight: float) -> None:
        """Smooth the per-step curves; the raw ones stay behind."""
        self._curves.smooth(weight)
        self.redraw_soon()

    def set_mode(self, mode: XMode) -> None:
        """What the x axis counts."""
        self.mode, self._hover, self._x = mode, None, Horizontal()
        self.zoom_changed.emit(self.is_zoomed)
        self.redraw_soon()

    def set_log(self, log: bool) -> None:
        """Logarithmic axes where a lane has the choice."""
        for lane in self.lanes:
            lane.set_log(log)
        self.redraw_soon()

    def set_wanted(self, name: str, wanted: bool) -> None:
        """Choose a lane or do without it; one stays in any case."""
        unwanted = self._unwanted - {name} if wanted else self._unwanted | {name}
        if len(unwanted) < len(self.lanes):
            self._unwanted = unwanted
            self._make_room()

    def shown(self) -> list[Lane]:
        """The lanes that are chosen and have room."""
        return [lane for lane in self.lanes if not lane.isHidden()]

    def dress(self, colours: PlotColours, scale: float) -> None:
        """Colours, and a factor for pens and symbols; words follow the widget's font."""
        self._colours, self._scale = colours, scale
        shown, metrics = self.shown(), self.fontMetrics()
        widest = metrics.horizontalAdvance("before 00.0 %") + 14
        ends = min(widest, max(self.width(), 300) * 0.26)
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, QColor(colours.background))
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colours.text))
        self.setPalette(palette)
        for lane in shown:
            lane.dress(colours, scale, ends, first=lane is shown[0], last=lane is shown[-1])
        arrange(self, shown)
        self.redraw_soon()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_later"):
            self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Leave out the least important lanes where all of them would be too low to be read."""
        wanted = [lane.spec for lane in self.lanes if lane.spec.name not in self._unwanted]
        readable = with_room(wanted, self.height(), self.fontMetrics().height())
        for lane in self.lanes:
            lane.setVisible(lane.spec.name in readable)
        self.dress(self._colours, self._scale)

    # --- Frames

    @property
    def painted(self) -> float:
        """The time that all paint events of the lanes took."""
        return sum(lane.view.painted for lane in self.lanes)

    @Slot()
    def refresh(self) -> None:
        """Draw what is new since the last call."""
        new_steps = self._curves.poll()
        seen = self._happened()
        if (not new_steps and seen == self._seen) or not self.isVisible():
            return
        self._table.update()
        due = self._still.is_due
        still = due and seen != self._seen
        if self._x.follow(self._ruler, self._curves, self._table, self.ghosts) or not self._drawn:
            self._draw_all()
        else:
            self._draw_new(still)
        if due:
            self._show_words()
            self._still.done(self.live)
        self.frames_drawn += 1

    @Slot()
    def redraw_soon(self) -> None:
        """Draw everything at the next turn of the event loop; many calls make one drawing."""
        self._later.start()

    @Slot()
    def redraw(self) -> None:
        """Draw everything, now."""
        self._later.stop()
        self._curves.poll()
        self._table.update()
        self._x.follow(self._ruler, self._curves, self._table, self.ghosts)
        self._draw_all()
        self._show_words()

    @property
    def _ruler(self) -> Ruler:
        return Ruler(self.mode, self._curves)

    def _happened(self) -> tuple[int, ...]:
        history = self.history
        ends = history.started is not None, history.ended is not None
        return len(history.epochs), len(history.edits), len(history.notices), *ends

    def _draw_all(self) -> None:
        for lane in self.shown():
            lane.fit(self._x.range)
        self._draw_columns(0, self.shown()[0].columns, refit=True)
        self._paint_still(self.shown())

    def _draw_new(self, still: bool) -> None:
        width = self.shown()[0].columns
        first, last = self._x.columns(self._ruler, width, self._drawn, self._curves.count)
        only_epochs = self._seen[1:] == self._happened()[1:]
        moved = self._draw_columns(first, last, refit=still)
        if still and not only_epochs:
            self._paint_still(self.shown())
        else:
            self._paint_still(moved)
            if still:
                self._paint_new_epochs(moved)

    def _draw_columns(self, first: int, last: int, *, refit: bool) -> list[Lane]:
        """Draw columns of all lanes. Those whose vertical range had to move are drawn whole, and returned."""
        width, moved = self.shown()[0].columns, list[Lane]()
        lanes = [lane for lane in self.shown() if lane.columns == width]  # others are about to be laid out
        if first < last:
            edges = self._x.edges(self._ruler, width, first, last)
            raw = self._curves.spans(edges)
            smooth = self._curves.smooth_spans(edges) if self._curves.smoothing > 0 else None
            for lane in lanes:
                lane.keep(first, last, raw, smooth)
        for lane in lanes:
            if (refit or lane.leaves(first, last)) and lane.refit_vertical(self._table, self.ghosts):
                moved.append(lane)
                lane.draw(0, width)
            else:
                lane.draw(first, last)
        self._drawn = self._curves.count
        return moved

    def _paint_still(self, lanes: list[Lane]) -> None:
        if not lanes:
            return
        start, shown = spent(), self.shown()
        marks = marks_of(self.history, self._ruler)
        empty = not (self._curves.count or self._table.size or self.ghosts)
        shown[-1].view.bottom.set_blank(empty)
        down = [value for value, _ in shown[-1].view.bottom.ticks()]
        for lane in lanes:
            lane.paint_still(self._table, self.ghosts, self.mode, marks, down, empty)
        shown[-1].view.bottom.set_marks(list(marks.edits))
        if len(lanes) == len(shown):
            self._painted_still(start)

    def _paint_new_epochs(self, done: list[Lane]) -> None:
        start = spent()
        for lane in self.shown():
            if lane not in done:
                lane.paint_new_epochs(self._table, self.ghosts, self.mode)
        self._painted_still(start)

    def _painted_still(self, start: float) -> None:
        self._still.done(self.live, spent() - start)
        self._seen = self._happened()

    # --- The mouse

    def read_out(self, x: float | None = None) -> dict[str, float]:
        """``lane.curve`` to value at an x position (measured ones at the nearest evaluation); None: the last ones."""
        return self._read_out(x).as_dict(self.lanes, self._table)

    def _read_out(self, x: float | None) -> ReadOut:
        return read_out(x, self._ruler, self._curves, self._table, [ghost.table for ghost in self.ghosts])

    def _show_words(self) -> None:
        """The words at the right: the values under the mouse, else the last ones in sight."""
        ruler, shown = self._ruler, self.shown()
        x = self._hover
        if x is None and self._x.fixed and self._x.range[1] < float(ruler.x(self._curves.count)):
            x = self._x.range[1]
        found = self._read_out(x)
        for lane in shown:
            lane.end_labels(found, self._table, self.ghosts)
            lane.show_cross(*(found.cross(lane, ruler, self._table) if self._hover is not None else (None, [])))
        shown[-1].view.bottom.set_title(X_TITLES[self.mode] if self._hover is None else found.words)

    @Slot(object)
    def _on_hovered(self, pixel: float | None) -> None:
        sender = self.sender()
        known = self._curves.count + self._table.size > 0
        hover = sender.frame.at(pixel) if isinstance(sender, Lane) and pixel is not None and known else None
        if hover != self._hover:
            self._hover = hover
            self._show_words()

    @Slot(object)
    def _on_zoomed(self, zoom: Zoom) -> None:
        sender = self.sender()
        if zoom.x is not None:
            self._x.fix(*zoom.x)
        if zoom.y is not None and isinstance(sender, Lane):
            sender.vertical.fix(*zoom.y)
        self.zoom_changed.emit(self.is_zoomed)
        self.redraw_soon()

    @property
    def is_zoomed(self) -> bool:
        """Whether the user has chosen a part of the curves."""
        return self._x.fixed or any(lane.vertical.fixed for lane in self.lanes)

    @Slot()
    def reset_zoom(self) -> None:
        """Back to the whole run, following it."""
        self._x = Horizontal()
        for lane in self.lanes:
            lane.vertical.restart()
        self.zoom_changed.emit(False)
        self.redraw_soon()

    @Slot(float, QPoint)
    def _on_tip(self, pixel: float, place: QPoint) -> None:
        sender = self.sender()
        if isinstance(sender, Lane):
            frame = sender.frame
            reach = 8 * (frame.x1 - frame.x0) / max(frame.width, 1.0)
            QToolTip.showText(place, edit_tip(self.history, self._ruler, frame.at(pixel), reach), sender)
