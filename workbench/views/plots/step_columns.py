"""The per-step curves of one subplot as one span per pixel column, with their colours."""

from __future__ import annotations

import numpy as np

from workbench.engine.report.svg.colours import PlotColours
from workbench.views.plots.curve_image import ColumnSpans, premultiplied
from workbench.views.plots.min_max_pyramid import Spans
from workbench.views.plots.run_curves import CURVES
from workbench.views.plots.series import StepSeries, SubplotSpec
from workbench.views.plots.viewport import span_on_axis

#: Low, high, colour, opacity of a curve's columns.
Stroke = tuple[np.ndarray, np.ndarray, str, float]

_SMOOTH_OPACITY = 0.85


class StepColumns:
    """The spans for the present x range, in axis units, so that a new y range needs no new query."""

    def __init__(self, spec: SubplotSpec) -> None:
        self.series = [s for s in spec.series if isinstance(s, StepSeries)]
        self._with_measured = len(spec.series) > len(self.series)
        self._rows = [CURVES.index(s.column) for s in self.series]
        self.clear(1)

    def clear(self, width: int) -> None:
        """Clear all spans and set the number of columns."""
        shape = (len(self.series), width)
        self.low, self.high = np.full(shape, np.inf, np.float32), np.full(shape, -np.inf, np.float32)
        self._smooth_low, self._smooth_high = self.low.copy(), self.high.copy()
        self._missing = np.zeros(shape, np.bool_)
        self._smoothed = False

    def keep(self, first: int, last: int, raw: Spans, smooth: Spans | None, log: bool) -> None:
        """Store the spans of the columns ``[first, last)``."""
        columns = slice(first, last)
        self.low[:, columns], self.high[:, columns] = span_on_axis(raw.low[self._rows], raw.high[self._rows], log)
        self._missing[:, columns] = raw.skipped[self._rows] > 0
        self._smoothed = smooth is not None
        if smooth is not None:
            low, high = span_on_axis(smooth.low[self._rows], smooth.high[self._rows], log)
            self._smooth_low[:, columns], self._smooth_high[:, columns] = low, high

    def column_spans(
        self, first: int, last: int, colours: PlotColours, hidden: set[str], scale: float, floor: float = -np.inf
    ) -> list[ColumnSpans]:
        """What to draw in the columns ``[first, last)``: the raw curves, and the smoothed ones in front of them.

        Values below ``floor`` (in axis units) are drawn there.
        """
        columns, column_spans = slice(first, last), []
        for row, series, opacity, smoothed in self._shown(hidden, colours):
            colour = getattr(colours, series.colour)
            low, high = (np.maximum(ends[row, columns], floor) for ends in (self.low, self.high))
            missing = self._missing[row, columns]
            thick = round(scale - 1)
            column_spans.append(ColumnSpans(low, high, premultiplied(colour, opacity), thick, missing))
            if smoothed:
                low, high = (np.maximum(ends[row, columns], floor) for ends in (self._smooth_low, self._smooth_high))
                column_spans.append(
                    ColumnSpans(low, high, premultiplied(colour, _SMOOTH_OPACITY), max(1, round(scale)))
                )
        return column_spans

    def strokes(self, hidden: set[str], colours: PlotColours) -> list[Stroke]:
        """The same for vector graphics."""
        strokes: list[Stroke] = []
        for row, series, opacity, smoothed in self._shown(hidden, colours):
            colour = getattr(colours, series.colour)
            strokes.append((self.low[row], self.high[row], colour, opacity))
            if smoothed:
                strokes.append((self._smooth_low[row], self._smooth_high[row], colour, _SMOOTH_OPACITY))
        return strokes

    def _shown(self, hidden: set[str], colours: PlotColours) -> list[tuple[int, StepSeries, float, bool]]:
        shown = []
        for row, series in enumerate(self.series):
            if series.name in hidden:
                continue
            smoothed = self._smoothed and series.smooths
            opacity = colours.faint if self._with_measured else 0.8
            shown.append((row, series, colours.faint * 0.6 if smoothed else opacity, smoothed))
        return shown
