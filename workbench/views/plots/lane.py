"""One plot of the stack: its curves, its vertical range, its head."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.engine.pyramid import Spans
from workbench.views.plots.axes import EndLabel
from workbench.views.plots.colours import LIGHT, PlotColours
from workbench.views.plots.epoch_table import EpochTable, XMode
from workbench.views.plots.frame import Frame, on_axis, span_on_axis
from workbench.views.plots.header import LaneHeader
from workbench.views.plots.lane_lines import Ghost, best_text, ghost_lines, measured_lines, value_text
from workbench.views.plots.painting import Layer
from workbench.views.plots.plot_view import PlotView, Zoom
from workbench.views.plots.raster import Ink, premultiplied
from workbench.views.plots.run_curves import CURVES
from workbench.views.plots.series import EpochSeries, LaneSpec, StepSeries
from workbench.views.plots.vertical import Vertical


@dataclass(frozen=True, slots=True)
class Marks:
    """What happened, on the x axis of now."""

    edits: tuple[float, ...] = ()
    diverged: float | None = None


class Lane(QWidget):
    """Told what to draw; never looks at a history by itself."""

    zoomed = Signal(object)
    reset = Signal()
    hovered = Signal(object)
    fitted = Signal()
    tip_wanted = Signal(float, QPoint)
    switched = Signal()

    def __init__(self, spec: LaneSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.colours, self.pen_scale = LIGHT, 1.0
        self.hidden_curves: set[str] = set()
        self.vertical = Vertical(spec)
        self.header = LaneHeader(spec.title, self)
        self.view = PlotView(spec.scale, self)
        self.view.setAccessibleName(f"{spec.title} plot")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.view, 1)
        for series in spec.series:
            self.header.add(series.name, series.label)
        self.header.switched.connect(self._on_switched)
        self.view.box.zoomed.connect(self.zoomed)
        self.view.box.reset.connect(self.reset)
        self.view.hovered.connect(self.hovered)
        self.view.tip_wanted.connect(self.tip_wanted)
        self.view.fitted.connect(self.fitted)
        self._low = self._high = np.empty((0, 0), np.float32)
        self._x_range = (0.0, 1.0)

    # --- Looks

    def dress(self, colours: PlotColours, scale: float, *, last: bool, end_width: float) -> None:
        """Colours, pen scale and the widget's font; only the ``last`` lane has an x axis."""
        self.colours, self.pen_scale = colours, scale
        view = self.view
        view.setBackground(colours.background)
        view.left.dress(colours, self.font())
        view.bottom.dress(colours, self.font())
        view.ends.dress(self.font(), end_width)
        if not last:
            view.bottom.setHeight(3)
        view.bottom.setVisible(last)
        view.plotItem.showAxis("bottom", last)
        self.header.dress()
        for series in self.spec.series:
            faint = isinstance(series, StepSeries) and series.faint
            entry = self.header.entries[series.name]
            entry.dress(getattr(colours, series.colour), colours.muted, series.style, colours.faint if faint else 1.0)

    @Slot(str, bool)
    def _on_switched(self, key: str, shown: bool) -> None:
        self.hidden_curves.discard(key) if shown else self.hidden_curves.add(key)
        self.switched.emit()

    def shows(self, name: str) -> bool:
        """Whether the curve is switched on."""
        return name not in self.hidden_curves

    # --- Ranges

    @property
    def frame_(self) -> Frame:
        """The lane's rectangle and range."""
        return self.view.item.frame

    def set_log(self, log: bool) -> None:
        """Switch a lane that has the choice."""
        if self.spec.log_choice:
            self.vertical.set_log(log)
            self.view.left.scale_kind = "log" if log else self.spec.scale

    def columns(self) -> int:
        """How many pixel columns the lane has."""
        return self.view.item.raster.width

    def fit(self, x_range: tuple[float, float]) -> None:
        """Take the size of now and an x range; the columns are empty afterwards."""
        self._x_range = x_range
        self._place()
        width = self.view.item.raster.width
        rows = len([s for s in self.spec.series if isinstance(s, StepSeries)])
        self._low, self._high = np.full((rows, width), np.inf, np.float32), np.full((rows, width), -np.inf, np.float32)

    def _place(self) -> None:
        rect, range_ = self.view.box.rect(), self.vertical.range
        self.view.set_range(self._x_range, range_)
        frame = Frame(max(1.0, rect.width()), max(1.0, rect.height()), *self._x_range, *range_, self.vertical.log)
        self.view.item.fit(frame, self.view.devicePixelRatioF())

    def refit_vertical(self, table: EpochTable, ghosts: list[Ghost]) -> bool:
        """Move the vertical range if the data asks for it; says whether it moved."""
        if self.vertical.fixed:
            return False
        values = [table.column(s.column) for s in self.spec.series if isinstance(s, EpochSeries) and self.shows(s.name)]
        values += [ghost.table.column(s.column) for ghost in ghosts for s in self._ghost_series(ghost)]
        shown = [i for i, s in enumerate(self._step_series()) if self.shows(s.name)]
        if not self.vertical.follow(self._low[shown], self._high[shown], values):
            return False
        self._place()
        return True

    # --- Drawing

    def take(self, first: int, last: int, raw: Spans, smooth: Spans | None) -> None:
        """New spans of the columns ``[first, last)``: keep them for the range and write them into the picture."""
        inks: list[Ink] = []
        for row, series in enumerate(self._step_series()):
            curve = CURVES.index(series.column)
            low, high = span_on_axis(raw.low[curve], raw.high[curve], self.vertical.log)
            self._low[row, first:last], self._high[row, first:last] = low, high
            if not self.shows(series.name):
                continue
            smoothed = smooth is not None and series.smooths
            opacity = self._opacity(series, smoothed)
            colour = getattr(self.colours, series.colour)
            thick = round((self.pen_scale - 1) * self.view.item.ratio) if not series.faint else 0
            inks.append(Ink(low, high, premultiplied(colour, opacity), thick, raw.skipped[curve] > 0))
            if smooth is not None and smoothed:
                low, high = span_on_axis(smooth.low[curve], smooth.high[curve], self.vertical.log)
                inks.append(Ink(low, high, premultiplied(colour, 0.8), max(1, round(self.pen_scale))))
        if inks:
            range_ = self.vertical.range
            self.view.item.raster.draw(first, last, *range_, inks, premultiplied(self.colours.error))

    def strokes(self, smooth: Spans | None) -> None:
        """Hand the item what the picture shows, for a drawing of lines."""
        strokes = []
        for row, series in enumerate(self._step_series()):
            if not self.shows(series.name):
                continue
            colour, smoothed = getattr(self.colours, series.colour), smooth is not None and series.smooths
            strokes.append((self._low[row], self._high[row], colour, self._opacity(series, smoothed)))
            if smooth is not None and smoothed:
                curve = CURVES.index(series.column)
                strokes.append((*span_on_axis(smooth.low[curve], smooth.high[curve], self.vertical.log), colour, 0.8))
        self.view.item.strokes = strokes

    def paint_still(self, table: EpochTable, ghosts: list[Ghost], mode: XMode, marks: Marks, empty: bool) -> None:
        """Paint what changes at epoch ends only."""
        shown = [s for s in self.spec.series if isinstance(s, EpochSeries) and self.shows(s.name)]
        lines = measured_lines(shown, table, mode, self.colours)
        behind = [line for ghost in ghosts for line in ghost_lines(self._ghost_series(ghost), ghost, mode, self.colours)]
        filled = [lines[s.name] for s in shown if self.spec.filled and s.name in self.spec.filled]
        layer = Layer(
            lines=behind + list(lines.values()),
            filled=(filled[0], filled[1]) if len(filled) == 2 else None,
            across=[value for value, _ in self.view.left.ticks()],
            down=[value for value, _ in self.view.bottom.ticks()] if self.view.bottom.isVisible() else [],
            zero_line=self.spec.zero_line,
            edits=list(marks.edits),
            diverged=marks.diverged,
            message=self.spec.empty if empty else "",
            colours=self.colours,
            scale=self.pen_scale,
            font=self.font(),
        )
        self.view.item.paint_layer(layer)
        self.view.show_all()

    def end_labels(self, table: EpochTable, row: int | None, step: np.ndarray | None, ghosts: list[Ghost],
                   ghost_rows: list[int | None]) -> None:
        """Label the curves at the right with the values of one evaluation and one step."""
        labels = []
        for series in self.spec.series:
            if not self.shows(series.name):
                continue
            value = self._value(series, table, row, step)
            if math.isfinite(value):
                labels.append(self._label(series.label, value, self.colours.text_of(series.colour)))
        for ghost, at in zip(ghosts, ghost_rows, strict=True):
            for series in self._ghost_series(ghost)[-1:]:
                value = math.nan if at is None else float(ghost.table.column(series.column)[at])
                if math.isfinite(value):
                    labels.append(self._label("before", value, self.colours.ghost_text, faint=True))
        self.view.ends.show_labels([label for label in labels if math.isfinite(label.y)])

    def show_cross(self, x: float | None, dots: list[tuple[float, float, str]]) -> None:
        """The crosshair at a pixel, with dots on the curves; None takes it away."""
        item = self.view.item
        if x is None and item.cross is None:
            return
        for at in (item.cross, x):
            if at is not None:
                self.view.show_columns(at - 5, at + 5)
        for dot in (*item.dots, *dots):
            self.view.show_columns(dot[0] - 5, dot[0] + 5)
        item.cross, item.dots = x, dots

    def _value(self, series: StepSeries | EpochSeries, table: EpochTable, row: int | None,
               step: np.ndarray | None) -> float:
        if isinstance(series, StepSeries):
            return math.nan if step is None else float(step[CURVES.index(series.column)])
        return math.nan if row is None else float(table.column(series.column)[row])

    def _label(self, name: str, value: float, colour: str, faint: bool = False) -> EndLabel:
        return EndLabel(float(on_axis(value, self.vertical.log)), name, value_text(value, self.spec.scale), colour, faint)

    def _step_series(self) -> list[StepSeries]:
        return [s for s in self.spec.series if isinstance(s, StepSeries)]

    def _ghost_series(self, ghost: Ghost) -> list[EpochSeries]:
        shown = self.spec.series if ghost.shown else ()
        return [s for s in shown if isinstance(s, EpochSeries) and s.ghost and self.shows(s.name)]

    def _opacity(self, series: StepSeries, smoothed: bool) -> float:
        if smoothed:
            return self.colours.faint * 0.55
        return self.colours.faint if series.faint and len(self.spec.series) > 1 else 0.8
