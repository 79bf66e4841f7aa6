"""The learning rate over the planned run; during a run also the rate that was used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.engine.core.text import counted, grouped, short
from workbench.engine.report.data_summary import DataSummary
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

#: Steps of an epoch while the data is unknown.
ASSUMED_STEPS = 100
#: The largest number of steps at which the plan is computed.
PLACES = 600
#: The axis is logarithmic if the rate is lower than its maximum by this factor for more than a tenth of the run.
LOG_BEYOND = 50.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """Rates over steps, both (n,)."""

    steps: Floats
    rates: Floats


@dataclass(frozen=True, slots=True)
class PlotArea:
    """From steps and rates to positions in the widget."""

    area: QRectF
    steps: float
    low: float
    high: float
    log: bool

    def x(self, step: float) -> float:
        return self.area.left() + self.area.width() * step / max(self.steps, 1.0)

    def y(self, rate: float) -> float:
        low, high, value = self.low, self.high, max(rate, 0.0)
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(max(rate, low))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.area.bottom() - self.area.height() * min(max(share, 0.0), 1.0)

    def step_at(self, x: float) -> float:
        """The step at an x position."""
        return (x - self.area.left()) / max(self.area.width(), 1.0) * self.steps

    def rate_at(self, y: float) -> float:
        """The rate at a y position."""
        share = (self.area.bottom() - y) / max(self.area.height(), 1.0)
        if self.log:
            return self.low * (self.high / self.low) ** share
        return self.low + share * (self.high - self.low)

    def polygon(self, curve: _Curve) -> QPolygonF:
        pairs = zip(curve.steps.tolist(), curve.rates.tolist(), strict=True)
        return QPolygonF([QPointF(self.x(step), self.y(rate)) for step, rate in pairs])


class SchedulePreview(QWidget):
    """Rate over steps with its first, highest and last value, the number of epochs, and the value under the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spec = ExperimentSpec()
        self._summary: DataSummary | None = None
        self._plan: _Curve | None = None
        self._real: _Curve | None = None
        self._pointer: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Learning rate over the run")
        self._describe()

    # --- What is shown ------------------------------------------------------------------------------------------

    @Slot(object)
    def set_spec(self, spec: ExperimentSpec) -> None:
        """Show the plan of ``spec``."""
        self._spec, self._plan = spec, None
        self._describe()
        self.update()

    @Slot(object)
    def set_data(self, summary: DataSummary | None) -> None:
        """The number of training examples gives the steps of an epoch; None: it is not known."""
        self._summary, self._plan = summary, None
        self._describe()
        self.update()

    def set_real(self, steps: Sequence[float] | npt.NDArray[Any], rates: Sequence[float] | npt.NDArray[Any]) -> None:
        """Show the rates that a run used at 0-based ascending ``steps``, both (n,); empty without a run."""
        x, y = np.asarray(steps, np.float64), np.asarray(rates, np.float64)
        usable = np.isfinite(y)
        x, y = x[usable], y[usable]
        if len(x) > PLACES:
            chosen = np.linspace(0, len(x) - 1, PLACES).round().astype(np.int64)
            x, y = x[chosen], y[chosen]
        self._real = _Curve(x, y) if len(x) else None
        self.update()

    @property
    def steps_per_epoch(self) -> int:
        """The true number if the data is known, otherwise ASSUMED_STEPS."""
        return self._summary.steps_per_epoch(self._spec.loop.batch_size) if self._summary else ASSUMED_STEPS

    @property
    def total_steps(self) -> int:
        """The steps of the planned run."""
        return self._spec.loop.epochs * self.steps_per_epoch

    @property
    def is_log(self) -> bool:
        """Whether the axis of the rate is logarithmic."""
        return self._frame().log

    def planned(self, step: int) -> float:
        """The planned rate of the 0-based ``step``."""
        spec = self._spec
        return spec.optimizer.lr * spec.schedule.factor(step, self.steps_per_epoch, spec.loop.epochs)

    def words_at(self, step: int) -> str:
        """The tooltip of a step: ``Epoch 3 of 15, step 47: 0.05``."""
        words = (
            f"Epoch {step // self.steps_per_epoch + 1} of {grouped(self._spec.loop.epochs)}, step {grouped(step + 1)}: "
        )
        words += rate_text(self.planned(step))
        if self._real is not None and self._real.steps[0] <= step <= self._real.steps[-1]:
            before = int(np.searchsorted(self._real.steps, step, side="right")) - 1
            words += f" planned, {rate_text(float(self._real.rates[before]))} used"
        return words

    def _describe(self) -> None:
        first, last = self.planned(0), self.planned(self.total_steps - 1)
        text = f"The rate starts at {rate_text(first)} and ends at {rate_text(last)} after {self._length_text()}."
        self.setAccessibleDescription(text)

    def _length_text(self) -> str:
        epochs = self._spec.loop.epochs
        words = counted(epochs, "epoch")
        return f"{words} of {grouped(self.steps_per_epoch)} steps" if self._summary else words

    # --- Geometry -----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 26))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), rhythm(self, 26))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def _curve(self) -> _Curve:
        """The plan at PLACES steps, computed once for each spec."""
        if self._plan is None:
            total = self.total_steps
            steps = np.unique(np.linspace(0, total - 1, min(PLACES, total)).round().astype(np.int64))
            rates = np.array([self.planned(step) for step in steps.tolist()])
            self._plan = _Curve(np.append(steps, total).astype(np.float64), np.append(rates, rates[-1]))
        return self._plan

    def _frame(self) -> PlotArea:
        line, gap = QFontMetricsF(self.font()).height(), rhythm(self, 1)
        area = QRectF(self.rect()).adjusted(gap, line + gap, -gap, -line - gap)
        plan = self._curve()
        rates = plan.rates if self._real is None else np.concatenate([plan.rates, self._real.rates])
        reach = float(plan.steps[-1] if self._real is None else max(plan.steps[-1], self._real.steps[-1]))
        low, high, log = _span(rates)
        return PlotArea(area, reach, low, high, log)

    # --- Drawing ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self._frame()
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        self._draw_axis(painter, frame)
        thin = max(1.0, rhythm(self, 0.3))
        has_run = self._real is not None
        self._draw_line(painter, frame, self._curve(), MUTED if has_run else QPalette.ColorRole.Text, thin)
        if self._real is not None:
            self._draw_line(painter, frame, self._real, ACCENT, 1.6 * thin)
        self._draw_values(painter, frame)
        if self._pointer is not None:
            self._draw_pointer(painter, frame, self._step_at(self._pointer, frame))
        painter.end()

    def _draw_axis(self, painter: QPainter, frame: PlotArea) -> None:
        area = frame.area
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(self.palette().color(MUTED))
        below = QRectF(area.left(), area.bottom(), area.width(), self.height() - area.bottom())
        length, metrics = self._length_text(), QFontMetricsF(self.font())
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, length)
        if metrics.horizontalAdvance(f"start   {length}") < below.width():
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "start")
        if frame.log:
            above = QRectF(area.left(), 0, area.width(), area.top())
            painter.drawText(above, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "log scale")

    def _draw_line(
        self, painter: QPainter, frame: PlotArea, curve: _Curve, role: QPalette.ColorRole, width: float
    ) -> None:
        painter.setPen(QPen(self.palette().color(role), width, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(frame.polygon(curve))

    def _draw_values(self, painter: QPainter, frame: PlotArea) -> None:
        """Label the first, the last and the highest rate; in a run those that were used."""
        plan = self._real or self._curve()
        peak = int(np.argmax(plan.rates))
        places = [0, len(plan.rates) - 1]
        if plan.rates[peak] > 1.05 * max(plan.rates[0], plan.rates[-1]):
            places.append(peak)
        if plan.rates[0] == plan.rates[-1] and len(places) == 2:
            del places[1]
        taken = frame.area.left()
        for place in sorted(places):
            at = QPointF(frame.x(plan.steps[place]), frame.y(plan.rates[place]))
            taken = self._draw_value(painter, frame, at, place, taken)

    def _draw_value(self, painter: QPainter, frame: PlotArea, at: QPointF, place: int, taken: float) -> float:
        """Label a rate above the line, or below it where there is no space above, right of ``taken`` if it fits.

        Returns the right end of the last label.
        """
        shown = self._real or self._curve()
        text, metrics = rate_text(float(shown.rates[place])), QFontMetricsF(self.font())
        width, gap = metrics.horizontalAdvance(text), rhythm(self, 0.5)
        end = frame.area.right() - width
        left = max(min(at.x() - (0 if place == 0 else width / 2), end), taken)
        if left > end + 1.0 or left > at.x() + 0.5 * width:  # it would seem to belong to another point
            return taken
        highest, lowest = self._heights(frame, left - gap, left + width + gap)
        top = highest - metrics.height() - gap
        box = QRectF(left, top if top >= 0 else lowest + gap, width, metrics.height())
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        return left + width + 2 * gap

    def _heights(self, frame: PlotArea, left: float, right: float) -> tuple[float, float]:
        """The smallest and the largest y of both lines between two x."""
        steps = [(x - frame.area.left()) * frame.steps / max(frame.area.width(), 1.0) for x in (left, right)]
        ys: list[float] = []
        for curve in (self._curve(), self._real):
            if curve is not None:
                first, last = np.searchsorted(curve.steps, steps)
                ys += [frame.y(rate) for rate in curve.rates[max(0, first - 1) : last + 1].tolist()]
        return (min(ys), max(ys)) if ys else (frame.area.bottom(), frame.area.bottom())

    def _draw_pointer(self, painter: QPainter, frame: PlotArea, step: int) -> None:
        x, radius = frame.x(step), rhythm(self, 0.8)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(QPointF(x, frame.area.top()), QPointF(x, frame.area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Text))
        painter.drawEllipse(QPointF(x, frame.y(self.planned(step))), radius, radius)

    # --- The mouse ----------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position().x()
        step = self._step_at(self._pointer, self._frame())
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip(self.words_at(step)), self)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer = None
        self.update()

    def _step_at(self, x: float, frame: PlotArea) -> int:
        share = (x - frame.area.left()) / max(frame.area.width(), 1.0)
        return min(max(int(share * frame.steps), 0), self.total_steps - 1)


def _span(rates: Floats) -> tuple[float, float, bool]:
    """The lowest and highest rate of the axis, and whether it is logarithmic.

    The lowest tenth of the rates is ignored: cosine ends at zero and a warm-up starts there, but both stay linear.
    """
    high = float(rates.max())
    positive = rates[rates > 0]
    if high <= 0:
        return 0.0, 1.0, False
    usual = float(np.quantile(rates, 0.1))
    if high > LOG_BEYOND * usual:
        return max(float(positive.min()), high * 1e-9), high, True
    return 0.0, high, False


def rate_text(rate: float) -> str:
    """A rate with three digits: ``0.05``, ``1.25e-6``."""
    return short(rate, 3)
