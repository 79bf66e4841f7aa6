"""The trials of a study in their order, against each field, and how much each field matters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import percent
from workbench.engine.search.figures import LEAST, Figures, Floats, Importance
from workbench.engine.search.trial import STATES
from workbench.views.runs.trial_plot import CENTRE, TrialPlot
from workbench.views.widgets.theme import theme

_PRUNED, _FAILED = STATES.index("pruned"), STATES.index("failed")


class BestPlot(TrialPlot):
    """Every trial in its order, and the best so far."""

    title: ClassVar[str] = "Best so far"

    def draw(self, painter: QPainter, figures: Figures) -> None:
        box, (low, high) = self.box(), self.range_of(figures)
        self.accuracy_axis(painter, box, low, high)
        count = max(2, len(figures.numbers))
        x = np.arange(len(figures.numbers)) / (count - 1)
        y, reached = ((each - low) / (high - low) for each in (figures.values, figures.reached))
        failed, pruned = figures.states == _FAILED, figures.states == _PRUNED
        colours = self.colours
        self.dots(painter, box, x[failed], np.zeros(int(failed.sum())), colours.error, 4)
        self.dots(painter, box, x[pruned], reached[pruned], colours.ghost)
        self.dots(painter, box, x, y, colours.train)
        self._line(painter, box, x, (figures.best_so_far - low) / (high - low))
        if self.chosen is not None and np.isfinite(y[self.chosen]):
            self.dots(painter, box, x[[self.chosen]], y[[self.chosen]], colours.accent, 9)
        self._below(painter, box, figures)

    def _line(self, painter: QPainter, box: QRectF, x: Floats, best: Floats) -> None:
        """A step at each trial that was better than all before it."""
        known = np.flatnonzero(np.isfinite(best))
        rises = known[np.r_[True, np.diff(best[known]) > 0]]
        points = []
        for before, at in zip((None, *rises[:-1]), rises, strict=True):
            across = box.left() + x[at] * box.width()
            if before is not None:
                points.append(QPointF(across, box.bottom() - max(0.0, best[before]) * box.height()))
            points.append(QPointF(across, box.bottom() - max(0.0, best[at]) * box.height()))
        points.append(QPointF(box.right(), points[-1].y()))
        painter.setPen(QPen(QColor(self.colours.val), 1.6 * theme().scale))
        painter.drawPolyline(QPolygonF(points))

    def _below(self, painter: QPainter, box: QRectF, figures: Figures) -> None:
        ends = f"Trials {figures.numbers[0]} to {figures.numbers[-1]} in their order"
        parts = ["line: best so far", "blue: complete"]
        parts += ["grey: ended early"] if (figures.states == _PRUNED).any() else []
        parts += ["red at the bottom: failed"] if (figures.states == _FAILED).any() else []
        self.caption(painter, box, f"{ends} ({', '.join(parts)})")


class SlicePlot(TrialPlot):
    """The accuracy against each field."""

    title: ClassVar[str] = "Slices"

    def draw(self, painter: QPainter, figures: Figures) -> None:
        box, (low, high) = self.box(), self.range_of(figures)
        gap = self.fontMetrics().height()
        wide = (box.width() - gap * (len(figures.fields) - 1)) / len(figures.fields)
        y = (figures.values - low) / (high - low)
        for at in range(len(figures.fields)):
            part = QRectF(box.left() + at * (wide + gap), box.top(), wide, box.height())
            if at == 0:
                self.accuracy_axis(painter, part, low, high)
            painter.setPen(QPen(QColor(self.colours.grid), 1))
            painter.drawRect(part)
            x = figures.places[:, at]
            self.dots(painter, part, x, y, self.colours.train)
            for row in self.marked:
                colour = self.colours.accent if row == self.chosen else self.colours.val
                self.dots(painter, part, x[[row]], y[[row]], colour, 8)
            self.below(painter, part, at)


class ImportancePlot(TrialPlot):
    """How much of the variance each field explains."""

    title: ClassVar[str] = "Importance of the fields"
    empty: ClassVar[str] = f"From {LEAST} complete trials on, the importance of each field is computed here."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.importances: tuple[Importance, ...] = ()

    def show_importances(self, found: Sequence[Importance], names: Sequence[str]) -> None:
        """Show what was computed; ``names`` are the labels of the fields in this order."""
        self.importances, self._names = tuple(found), tuple(names)
        self.setAccessibleDescription(self.words())
        self.update()

    _names: tuple[str, ...] = ()

    def say(self, words: str) -> None:
        """Show ``words`` while nothing is known."""
        self.hint = words
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return not self.importances

    def words(self) -> str:
        """What is seen, in a sentence."""
        said = (f"{name} {_share(each)}" for name, each in zip(self._names, self.importances, strict=True))
        return "; ".join(said) or self.empty

    def draw(self, painter: QPainter, figures: Figures) -> None:
        line, colours = self.fontMetrics().height(), self.colours
        wide = max(map(self.fontMetrics().horizontalAdvance, self._names)) + line
        room = self.width() - wide - 9 * line
        for row, (name, each) in enumerate(zip(self._names, self.importances, strict=True)):
            y = line + row * 2.0 * line
            painter.setPen(QColor(colours.text))
            painter.drawText(QRectF(0, y, wide - line / 2, line), Qt.AlignmentFlag.AlignRight, name)
            painter.fillRect(QRectF(wide, y, room * each.share, line), QColor(colours.train))
            painter.setPen(QPen(QColor(colours.text), 1.4 * theme().scale))
            ends = [wide + room * min(max(each.share + sign * each.spread, 0.0), 1.0) for sign in (-1, 1)]
            painter.drawLine(QPointF(ends[0], y + line / 2), QPointF(ends[1], y + line / 2))
            right = max(ends[1], wide + room * each.share) + line / 2
            painter.drawText(QRectF(right, y, 9 * line, line), Qt.AlignmentFlag.AlignLeft, _share(each))
        painter.setPen(QColor(colours.muted))
        words = "Share of the variance that each field explains (fANOVA); ± over samples of the trials"
        place = QRectF(0, self.height() - 3 * line, self.width(), 3 * line)
        painter.drawText(place, CENTRE, words)


def _share(found: Importance) -> str:
    return f"{percent(found.share, 0)} ± {percent(found.spread, 0)}"
