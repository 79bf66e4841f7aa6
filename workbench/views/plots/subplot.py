"""One plot of the stack: header, curves, y range."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.engine.core.text import short
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.plots.annotations import Annotations
from workbench.views.plots.axes import EndLabel
from workbench.views.plots.curve_image import premultiplied
from workbench.views.plots.epoch_line import EpochLine
from workbench.views.plots.epoch_table import EpochTable, XMode
from workbench.views.plots.legend import SubplotHeader
from workbench.views.plots.min_max_pyramid import Spans
from workbench.views.plots.plot_view import PlotView
from workbench.views.plots.read_out import ReadOut
from workbench.views.plots.series import EpochSeries, StepSeries, SubplotSpec
from workbench.views.plots.static_content import StaticContent
from workbench.views.plots.step_columns import StepColumns
from workbench.views.plots.subplot_lines import Ghost, ghost_lines, ghost_values, measured_lines, new_strip, value_text
from workbench.views.plots.viewport import Viewport, on_axis
from workbench.views.plots.y_range import YRange


class Subplot(QWidget):
    """Draws what it is given; it does not read the history itself."""

    zoomed = Signal(object)
    reset = Signal()
    hovered = Signal(object)
    fitted = Signal()
    tip_wanted = Signal(float, QPoint)
    switched = Signal()

    def __init__(self, spec: SubplotSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.colours, self.pen_scale = LIGHT, 1.0
        self.hidden_curves: set[str] = set()
        self.is_first = self.is_last = False
        self.y_range = YRange(spec)
        self.header = SubplotHeader(spec.title, self)
        self.view = PlotView(spec.scale, self)
        for part in (self.view, self.view.viewport()):
            part.setAccessibleName(f"{spec.title} plot")
        self.view.focused.connect(self.header.show_focus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.view, 1)
        for series in spec.series:
            entry = self.header.add(series.name, series.label)
            entry.setHidden(isinstance(series, EpochSeries) and series.occasional)
        self.header.switched.connect(self._on_switched)
        self.view.box.zoomed.connect(self.zoomed)
        self.view.box.reset.connect(self.reset)
        self.view.hovered.connect(self.hovered)
        self.view.tip_wanted.connect(self.tip_wanted)
        self.view.fitted.connect(self.fitted)
        self.steps = StepColumns(spec)
        self._x_range = (0.0, 1.0)

    # --- Style

    def apply_style(self, colours: PlotColours, scale: float, end_width: float, *, first: bool, last: bool) -> None:
        """Set colours, pen scale and the widget's font. Only the ``last`` subplot has an x axis."""
        self.colours, self.pen_scale = colours, scale
        view = self.view
        view.setBackground(colours.background)
        view.left.apply_style(colours, self.font())
        view.bottom.apply_style(colours, self.font())
        view.ends.apply_style(self.font(), end_width)
        self.is_first, self.is_last = first, last
        if not last:
            view.bottom.setHeight(self.gap_below)
        self.header.apply_style()
        for series in self.spec.series:
            faint = isinstance(series, StepSeries) and series.faint
            entry = self.header.entries[series.name]
            entry.apply_style(
                getattr(colours, series.colour), colours.muted, series.style, colours.faint if faint else 1.0
            )

    @property
    def gap_below(self) -> int:
        """Space below the plot: for half of the lowest tick's text, or for the x axis of the last subplot."""
        high = self.fontMetrics().height()
        return round(2 * high + 8) if self.is_last else round(0.4 * high)

    @Slot(str, bool)
    def _on_switched(self, key: str, shown: bool) -> None:
        self.hidden_curves.discard(key) if shown else self.hidden_curves.add(key)
        self.switched.emit()

    def shows(self, name: str) -> bool:
        """Whether the curve is shown."""
        return name not in self.hidden_curves

    # --- Ranges

    @property
    def viewport(self) -> Viewport:
        """Size and ranges of the plot area."""
        return self.view.item.viewport

    def set_log(self, log: bool) -> None:
        """Switch between linear and log, where the subplot allows it."""
        if self.spec.log_choice:
            self.y_range.set_log(log)
            self.view.left.scale_kind = "log" if log else self.spec.scale

    @property
    def columns(self) -> int:
        """The number of pixel columns of the plot area."""
        return self.view.item.curves.width

    def fit(self, x_range: tuple[float, float]) -> None:
        """Adapt to the present size and an x range, and clear the columns."""
        self._x_range = x_range
        self.view.settle()
        rect = self.view.box.rect()
        self._place(max(1, int(rect.width())), max(1, int(rect.height())), self.view.devicePixelRatioF())
        self.steps.clear(self.columns)

    def leaves(self, first: int, last: int) -> bool:
        """Whether a curve leaves the y range in the columns ``[first, last)``."""
        if not self.steps.series:
            return False
        low, high = self.steps.low[:, first:last], self.steps.high[:, first:last]
        bottom, top = self.y_range.range
        return bool(((low < bottom) | ((high > top) & (high < np.inf))).any())

    def refit_y_range(self, table: EpochTable, ghosts: list[Ghost]) -> bool:
        """Fit the y range to the data; True if it moved."""
        if self.y_range.fixed:
            return False
        values: list[np.ndarray] = [table.column(s.column) for s in self._measured(table)]
        for ghost in ghosts:
            for series in self._ghost_series(ghost):
                values += ghost_values(ghost, series.column, self.y_range.log)
        shown = [row for row, series in enumerate(self.steps.series) if self.shows(series.name)]
        if not self.y_range.follow(self.steps.low[shown], self.steps.high[shown], values):
            return False
        self._place(self.viewport.width, self.viewport.height, self.view.item.ratio)
        return True

    def _place(self, width: float, height: float, ratio: float) -> None:
        """Set both ranges. Only ``fit`` changes the size: the columns kept so far must match the image."""
        y_range = self.y_range
        self.view.set_range(self._x_range, y_range.range)
        self.view.item.fit(Viewport(width, height, *self._x_range, *y_range.range, y_range.log, y_range.edge), ratio)

    # --- Drawing

    def keep(self, first: int, last: int, raw: Spans, smooth: Spans | None) -> None:
        """Store the spans of the columns ``[first, last)``."""
        if self.steps.series:
            self.steps.keep(first, last, raw, smooth, self.y_range.log)

    def draw(self, first: int, last: int) -> None:
        """Draw the columns ``[first, last)`` into the image and repaint them."""
        if not self.steps.series:
            return
        item = self.view.item
        floor = self.y_range.range[0] if self.y_range.edge else -np.inf
        column_spans = self.steps.column_spans(first, last, self.colours, self.hidden_curves, self.pen_scale, floor)
        item.curves.draw(first, last, *self.y_range.range, column_spans, premultiplied(self.colours.error))
        self.view.show_columns(first / item.ratio, last / item.ratio)

    def paint_new_epochs(self, table: EpochTable, ghosts: list[Ghost], mode: XMode) -> None:
        """Paint the new evaluations, in a strip as narrow as possible."""
        item = self.view.item
        if not any(isinstance(series, EpochSeries) for series in self.spec.series):
            return
        self._show_occasional(table)
        lines, filled = self._lines(table, ghosts, mode)
        texts = {line.star_text for line in (*item.content.lines, *lines)}
        around = max(map(self.fontMetrics().horizontalAdvance, texts), default=0) + 10
        strip = new_strip(item.viewport, item.content.lines, lines, around)
        item.paint_static(replace(item.content, lines=lines, filled=filled), strip)
        self.view.show_columns(*strip)

    def _lines(
        self, table: EpochTable, ghosts: list[Ghost], mode: XMode
    ) -> tuple[list[EpochLine], tuple[EpochLine, EpochLine] | None]:
        shown = self._measured(table)
        lines = measured_lines(shown, table, mode, self.colours)
        behind = [
            line for ghost in ghosts for line in ghost_lines(self._ghost_series(ghost), ghost, mode, self.colours)
        ]
        filled = [lines[s.name] for s in shown if self.spec.filled and s.name in self.spec.filled]
        return behind + list(lines.values()), (filled[0], filled[1]) if len(filled) == 2 else None

    def paint_static(
        self, table: EpochTable, ghosts: list[Ghost], mode: XMode, marks: Annotations, down: list[float], empty: bool
    ) -> None:
        """Paint all static content; ``down`` are the ticks of the x axis."""
        self._show_occasional(table)
        self.view.left.set_blank(empty)
        self.view.bottom.set_blank(empty or not self.is_last)
        lines, filled = self._lines(table, ghosts, mode)
        content = StaticContent(
            lines=lines,
            filled=filled,
            across=[value for value, _ in self.view.left.ticks()],
            down=down,
            zero_line=self.spec.zero_line,
            edits=list(marks.edits),
            diverged=marks.diverged,
            diverged_words="diverged" if self.is_first else "",
            message=self.spec.empty if empty else "",
            below=self._below_words(),
            colours=self.colours,
            scale=self.pen_scale,
            font=self.font(),
        )
        self.view.item.paint_static(content)
        self.view.show_all()

    def _below_words(self) -> str:
        if not (self.y_range.below and self.y_range.edge):
            return ""
        return f"Values below {short(10.0 ** self.y_range.range[0], 2)} are drawn on the lower edge"

    def end_labels(self, found: ReadOut, table: EpochTable, ghosts: list[Ghost]) -> None:
        """Label the curves at the right with the values in ``found``."""
        labels = []
        for series in self.spec.series:
            value = found.value(series, table)
            if self.shows(series.name) and math.isfinite(value):
                labels.append(self._label(series.short, value, self.colours.text_of(series.colour)))
        for ghost, at in zip(ghosts, found.ghost_rows, strict=True):
            for series in self._ghost_series(ghost)[-1:]:
                value = math.nan if at is None else float(ghost.table.column(series.column)[at])
                if math.isfinite(value):
                    name = "previous" if ghost.style is None else ghost.title
                    colour = ghost.text_colour(self.colours)
                    label = self._label(name, value, colour, faint=ghost.style is None)
                    labels.append(
                        label if ghost.style is None else replace(label, mark=ghost.style.mark, in_legend=True)
                    )
        self.view.ends.show_labels(labels)

    def show_as_lines(self, lines: bool) -> None:
        """Paint per-step curves as vectors for a file, or as an image again."""
        self.view.item.strokes = self.steps.strokes(self.hidden_curves, self.colours) if lines else []
        self.view.item.vector = lines
        self.header.set_for_file(lines)

    def show_cross(self, x: float | None, dots: list[tuple[float, float, str]]) -> None:
        """Show the crosshair at an x pixel, with dots on the curves; None hides it."""
        item = self.view.item
        if x is None and item.cross is None:
            return
        for at in (item.cross, x):
            if at is not None:
                self.view.show_columns(at - 5, at + 5)
        for dot in (*item.dots, *dots):
            self.view.show_columns(dot[0] - 5, dot[0] + 5)
        item.cross, item.dots = x, dots

    def _measured(self, table: EpochTable) -> list[EpochSeries]:
        """The shown curves with one value per evaluation that this run has."""
        series = [s for s in self.spec.series if isinstance(s, EpochSeries) and self.shows(s.name)]
        return [s for s in series if not s.occasional or s.column in table.known]

    def _show_occasional(self, table: EpochTable) -> None:
        """Show legend entries only for curves that this run has."""
        for series in self.spec.series:
            if isinstance(series, EpochSeries) and series.occasional:
                self.header.entries[series.name].setHidden(series.column not in table.known)

    def _label(self, name: str, value: float, colour: str, faint: bool = False) -> EndLabel:
        return EndLabel(
            float(on_axis(value, self.y_range.log)), name, value_text(value, self.spec.scale), colour, faint
        )

    def _ghost_series(self, ghost: Ghost) -> list[EpochSeries]:
        shown = self.spec.series if ghost.shown else ()
        return [s for s in shown if isinstance(s, EpochSeries) and s.ghost and self.shows(s.name)]
