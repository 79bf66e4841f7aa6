"""Validation accuracy of several models: members or folds as dots, their mean, the average prediction, the cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from workbench.engine.core.events import EnsembleMeasured, FoldsMeasured
from workbench.engine.core.text import counted, grouped, percent
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.report.words_on_test import spread_words
from workbench.views.widgets.basics import Words
from workbench.views.widgets.theme import MUTED

_MEMBERS: Final = "All other curves, ★ and the gap are means over the members."
_FOLDS: Final = "Each is measured on the fold it has not seen. All curves, ★ and the gap are means over the folds."
_SNAPSHOTS: Final = "All other curves and ★ are those of the run itself."


class MemberDots(QWidget):
    """All accuracies on one axis: circles for members, a tick for their mean, a diamond for the average prediction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._each: tuple[float, ...] = ()
        self._averaged: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Validation accuracy of each model and of their average")

    def show_accuracies(self, each: tuple[float, ...], averaged: float | None) -> None:
        """Replace what is shown: the accuracies (0–1) of the models, and of the average prediction if there is one."""
        self._each, self._averaged = each, averaged
        self.setAccessibleDescription(", ".join(map(percent, each)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, round(2.6 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._each:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = DARK if self.palette().window().color().lightness() < 128 else LIGHT
        line, room = self.fontMetrics().height(), self.width() - 12.0
        low, high = _range(self._each if self._averaged is None else (*self._each, self._averaged))

        def x(accuracy: float) -> float:
            return 6.0 + room * (accuracy - low) / (high - low)

        middle = 0.6 * line
        muted = self.palette().color(MUTED)
        painter.setPen(QPen(muted, 1))
        painter.drawLine(QPointF(6, middle), QPointF(6 + room, middle))
        mean = x(fmean(self._each))
        painter.drawLine(QPointF(mean, middle - 0.4 * line), QPointF(mean, middle + 0.4 * line))
        if self._averaged is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.ensemble))
            painter.drawPolygon(_diamond(QPointF(x(self._averaged), middle), 0.34 * line))
        painter.setPen(QPen(QColor(colours.val), 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for place, row in _stacked([x(accuracy) for accuracy in self._each], 0.3 * line):
            painter.drawEllipse(QPointF(place, middle + row * 0.22 * line), 0.22 * line, 0.22 * line)
        painter.setPen(muted)
        below = QRectF(0, 1.3 * line, self.width(), 1.2 * line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, percent(low))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, percent(high))


class EnsembleView(QWidget):
    """Shown only where a run has an ensemble, or folds."""

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
        self.dots.show_accuracies(measured.members, whole)
        self.dots.setToolTip(_each_words(one, range(1, count + 1), measured.members))
        self.cost.say(_cost(measured))
        self.cost.show()

    def show_folds(self, measured: FoldsMeasured) -> None:
        """Show what each fold's model reaches on its own fold."""
        self.show()
        self.cost.hide()
        each = measured.accuracies
        self.legend.say(f"○ folds   | their mean. {_FOLDS}")
        spread = f"mean {spread_words(each)} (standard deviation)" if len(each) > 1 else percent(each[0])
        range_words = f"lowest {percent(min(each))}, highest {percent(max(each))}"
        self.head.say(f"{counted(len(each), 'fold')}: {spread}, {range_words}")
        self.dots.show_accuracies(each, None)
        self.dots.setToolTip(_each_words("fold", measured.folds, each))


def _each_words(one: str, numbers: Iterable[int], accuracies: Sequence[float]) -> str:
    rows = zip(numbers, accuracies, strict=True)
    return "\n".join(f"{one.capitalize()} {number}: {percent(accuracy)}" for number, accuracy in rows)


def _diamond(centre: QPointF, size: float) -> list[QPointF]:
    return [QPointF(centre.x() + dx * size, centre.y() + dy * size) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))]


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
