"""An ensemble's validation accuracy: its members as dots, their mean, the average prediction, and the cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from workbench.engine.core.events import EnsembleMeasured
from workbench.engine.core.text import grouped, percent
from workbench.views.plots.colours import DARK, LIGHT
from workbench.views.widgets.basics import Words
from workbench.views.widgets.theme import MUTED

_MEMBERS: Final = "All other curves, ★ and the gap are means over the members."
_SNAPSHOTS: Final = "All other curves and ★ are those of the run itself."


class MemberDots(QWidget):
    """All accuracies on one axis: circles for members, a tick for their mean, a diamond for the average prediction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measured: EnsembleMeasured | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Validation accuracy of the members and of their average")

    def show_measured(self, measured: EnsembleMeasured) -> None:
        """Replace what is shown."""
        self._measured = measured
        self.setAccessibleDescription(", ".join(percent(each) for each in measured.members))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, round(2.6 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        measured = self._measured
        if measured is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = DARK if self.palette().window().color().lightness() < 128 else LIGHT
        line, room = self.fontMetrics().height(), self.width() - 12.0
        low, high = _range((*measured.members, measured.averaged.accuracy))

        def x(accuracy: float) -> float:
            return 6.0 + room * (accuracy - low) / (high - low)

        middle = 0.6 * line
        muted = self.palette().color(MUTED)
        painter.setPen(QPen(muted, 1))
        painter.drawLine(QPointF(6, middle), QPointF(6 + room, middle))
        mean = x(measured.mean_member)
        painter.drawLine(QPointF(mean, middle - 0.4 * line), QPointF(mean, middle + 0.4 * line))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.ensemble))
        at = x(measured.averaged.accuracy)
        painter.drawPolygon(
            [QPointF(at + dx * 0.34 * line, middle + dy * 0.34 * line) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))]
        )
        painter.setPen(QPen(QColor(colours.val), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, row in _stacked([x(accuracy) for accuracy in measured.members], 0.3 * line):
            painter.drawEllipse(QPointF(place, middle + row * 0.22 * line), 0.22 * line, 0.22 * line)
        painter.setPen(muted)
        below = QRectF(0, 1.3 * line, self.width(), 1.2 * line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, percent(low))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, percent(high))


class EnsembleView(QWidget):
    """Shown only where a run has an ensemble."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.head, self.dots, self.legend, self.cost = (
            Words(parent=self),
            MemberDots(self),
            Words(parent=self, tone=MUTED),
            Words(parent=self, tone=MUTED),
        )
        for widget in (self.head, self.dots, self.legend, self.cost):
            column.addWidget(widget)
        self.hide()

    def show_measured(self, measured: EnsembleMeasured | None, of_members: bool = False) -> None:
        """Show the latest measurement of the run; None hides the view.

        ``of_members``: independent models, whose mean the curves show; otherwise snapshots of one run.
        """
        self.setHidden(measured is None)
        if measured is None:
            return
        one, note = ("member", _MEMBERS) if of_members else ("snapshot", _SNAPSHOTS)
        self.legend.say(f"○ {one}s   | their mean   ◆ average prediction. {note}")
        count, whole = len(measured.members), measured.averaged.accuracy
        self.head.say(
            f"Ensemble of {count}: {percent(whole)}, mean {one} {percent(measured.mean_member)}, "
            f"best {one} {percent(max(measured.members))}"
        )
        self.dots.show_measured(measured)
        self.dots.setToolTip(
            "\n".join(f"{one.capitalize()} {n}: {percent(a)}" for n, a in enumerate(measured.members, 1))
        )
        self.cost.say(_cost(measured))


def _cost(measured: EnsembleMeasured) -> str:
    seconds, members = measured.seconds, len(measured.members)
    parameters = f"Cost: {grouped(measured.parameters)} parameters per prediction"
    if len(seconds) == members > 1:
        return (
            f"{parameters}; training {grouped(sum(seconds), 1)} s, {grouped(sum(seconds) / members, 1)} s per member."
        )
    return f"{parameters}; training {grouped(sum(seconds), 1)} s in total."


def _range(values: tuple[float, ...]) -> tuple[float, float]:
    """A range in whole per cent around the values, at least two wide, within 0 to 100 %."""
    low, high = int(100 * min(values)), min(100, int(100 * max(values)) + 1)
    if high - low < 2:
        low = high - 2
    return max(0, low) / 100, high / 100


def _stacked(places: Sequence[float], near: float) -> list[tuple[float, int]]:
    """Each position with a row (0, −1, 1, −2, …), so that dots do not cover each other."""
    found: list[tuple[float, int]] = []
    for place in places:
        same = sum(abs(place - other) < near for other, _ in found)
        found.append((place, (-1) ** same * ((same + 1) // 2)))
    return found
