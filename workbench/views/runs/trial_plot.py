"""The base of pictures of trials: their box, axes, dots and colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import grouped, percent
from workbench.engine.report.svg.axis_ticks import ticks
from workbench.engine.report.svg.colours import DARK, LIGHT, PlotColours
from workbench.engine.search.figures import Figures, Floats, tick_words
from workbench.views.widgets.theme import theme

#: Maximum number of trials that are drawn with large dots.
_FEW: Final = 300
#: Number of dots above which they are drawn as one image, in a tenth of the time.
_MANY: Final = 2_000
#: Centred, with line breaks.
CENTRE: Final = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)


class TrialPlot(QWidget):
    """Base: shows ``figures``; ``chosen`` is the row of the trial that is chosen in the table, or None."""

    title: ClassVar[str]
    empty: ClassVar[str] = "Complete trials are dots here."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures: Figures | None = None
        self.labels: tuple[str, ...] = ()
        self.chosen: int | None = None
        #: Text of the empty plot.
        self.hint = self.empty
        self.setAccessibleName(self.title)

    def show_figures(self, figures: Figures | None, labels: Sequence[str], chosen: int | None) -> None:
        """Show other trials; ``labels`` name the fields."""
        self.figures, self.labels, self.chosen = figures, tuple(labels), chosen
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """What is seen, in a sentence."""
        found = self.figures
        if found is None or found.best is None:
            return self.empty
        best = found.best
        return f"{grouped(len(found.numbers))} trials; the best is trial {found.numbers[best]} with " + percent(
            float(found.values[best]), 2
        )

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(26 * line, 15 * line)

    @property
    def colours(self) -> PlotColours:
        """Those of the theme."""
        return DARK if theme().colours.dark else LIGHT

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return self.figures is None or self.figures.best is None

    @property
    def marked(self) -> list[int]:
        """The rows of the best and of the chosen trial."""
        best = self.figures.best if self.figures is not None else None
        return [row for row in dict.fromkeys((best, self.chosen)) if row is not None]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), self.colours
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.background))
        if self.is_empty:
            painter.setPen(QColor(colours.muted))
            painter.drawText(self.rect(), CENTRE, self.hint)
        elif self.figures is not None:
            self.draw(painter, self.figures)
        painter.end()

    def draw(self, painter: QPainter, figures: Figures) -> None:
        """Draw the trials."""
        raise NotImplementedError

    # --- Parts

    def box(self, left: float = 5.0, bottom: float = 2.4) -> QRectF:
        """Where the data are; ``left`` and ``bottom`` are the room for texts in lines."""
        line = self.fontMetrics().height()
        return QRectF(self.rect()).adjusted(left * line, line, -line, -bottom * line)

    def range_of(self, figures: Figures) -> tuple[float, float]:
        """The accuracies that the axis shows: the lowest fifth may lie below, so that the good ones are apart."""
        values = figures.values[np.isfinite(figures.values)]
        low, high = float(np.quantile(values, 0.2 if len(values) > 20 else 0.0)), float(values.max())
        room = max(0.08 * (high - low), 0.005)
        return low - room, min(high + room, 1.0 + room)

    def accuracy_axis(self, painter: QPainter, box: QRectF, low: float, high: float) -> None:
        """Lines and texts of an axis of accuracies at the left of ``box``."""
        line, colours = self.fontMetrics().height(), self.colours
        for value, text in ticks(low, high, max(2, int(box.height() / (2.2 * line))), "share"):
            y = box.bottom() - (value - low) / (high - low) * box.height()
            painter.setPen(QPen(QColor(colours.grid), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(colours.muted))
            place = QRectF(0, y - line / 2, box.left() - line / 3, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def caption(self, painter: QPainter, box: QRectF, words: str) -> None:
        """What is seen, below ``box``: up to two lines."""
        line = self.fontMetrics().height()
        room = QRectF(line / 2, box.bottom() + line / 3, self.width() - line, 2 * line)
        painter.setPen(QColor(self.colours.muted))
        painter.drawText(room, CENTRE, words)

    def below(self, painter: QPainter, box: QRectF, at: int) -> None:
        """The label and the ends of field ``at`` below ``box``."""
        assert self.figures is not None
        line, words = self.fontMetrics().height(), tick_words(self.figures.fields[at])
        painter.setPen(QColor(self.colours.muted))
        shown = words if len(words) <= 4 and box.width() > 12 * line else (words[0], words[-1])
        for place, text in shown:
            wide = box.width() / max(1, len(shown) - 1)
            x = box.left() + place * box.width()
            left = min(max(x - wide / 2, box.left()), box.right() - wide)
            side = Qt.AlignmentFlag.AlignHCenter
            if place <= 0.0:
                left, side = box.left(), Qt.AlignmentFlag.AlignLeft
            elif place >= 1.0:
                left, side = box.right() - wide, Qt.AlignmentFlag.AlignRight
            text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(wide))
            painter.drawText(QRectF(left, box.bottom() + 1, wide, line), side, text)
        painter.setPen(QColor(self.colours.text))
        room = QRectF(box.left(), box.bottom() + line, box.width(), line)
        label = self.fontMetrics().elidedText(self.labels[at], Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, label)

    def dots(self, painter: QPainter, box: QRectF, x: Floats, y: Floats, colour: str, size: float = 3.0) -> None:
        """Dots at ``x`` and ``y``, shares of the box; very many are pixels of a picture."""
        known = np.isfinite(x) & np.isfinite(y)
        across = np.rint(box.left() + x[known] * box.width())
        up = np.rint(box.bottom() - np.clip(y[known], 0, 1) * box.height())
        if len(across) > _MANY:
            self._spread(painter, box, across - box.left(), up - box.top(), colour)
            return
        pairs = np.unique(np.column_stack([across, up]), axis=0)
        larger = 2 if len(x) <= _FEW else 0
        pen = QPen(QColor(colour), (size + larger) * theme().scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoints(QPolygonF([QPointF(a, b) for a, b in pairs.tolist()]))

    @staticmethod
    def _spread(painter: QPainter, box: QRectF, across: Floats, down: Floats, colour: str) -> None:
        """Dots of three pixels at ``across`` and ``down``, pixels from the corner of ``box``."""
        wide, high = int(box.width()) + 5, int(box.height()) + 5
        pixels = np.zeros((high, wide), dtype=np.uint32)
        columns, rows = across.astype(int) + 2, down.astype(int) + 2
        for right, below in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            pixels[np.clip(rows + below, 0, high - 1), np.clip(columns + right, 0, wide - 1)] = QColor(colour).rgba()
        image = QImage(pixels.tobytes(), wide, high, 4 * wide, QImage.Format.Format_ARGB32)
        painter.drawImage(QPointF(box.left() - 2, box.top() - 2), image)


def blend(colours: PlotColours, share: float) -> str:
    """The colour of a value at ``share`` of its range: from the grid's grey to the blue of training curves."""
    low, high = (QColor(name) for name in (colours.grid, colours.train))
    ends = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    return QColor(*(round(a + (b - a) * share) for a, b in ends)).name()
