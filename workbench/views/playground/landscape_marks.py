"""What is drawn over the map: minima, balls, tombstones, the arrows of the chosen ball with their legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPalette, QPen, QPolygonF

from workbench.engine.catalog.surfaces import Surface
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.core.text import grouped, short
from workbench.engine.playground.trail import Trail
from workbench.views.playground.arrows import WORDS, ArrowKind, Arrows, arrows_of
from workbench.views.playground.frame import Frame, fitted
from workbench.views.playground.racer_style import RacerStyle
from workbench.views.widgets.theme import MUTED

_ARROW_COLOURS: Final[dict[ArrowKind, tuple[str, str]]] = {
    "gradient": ("#b3201a", "#ff9c92"),
    "velocity": ("#5546c4", "#b0a5ff"),
    "momentum": ("#5546c4", "#b0a5ff"),
    "lookahead": ("#b3201a", "#ff9c92"),
    "step": ("#14161a", "#ffffff"),
}
#: Steps that would have to be magnified more are nothing to be seen.
_MOST_MAGNIFIED: Final = 1000.0
#: With more minima than this only the lowest ones are marked.
_MOST_MINIMA: Final = 60


class Marks:
    """Paints in pixels of ``frame``; ``prepare`` comes first in each paint event."""

    def __init__(self) -> None:
        self.chosen = 0
        self.ends: Sequence[Any] | None = None
        self._frame = fitted(Surface.view, 1, 1)
        self._palette = QPalette()
        self._font = QFont()
        self._unit = 4.0
        self._dark = False
        self._balls: list[tuple[int, QPointF]] = []

    def prepare(self, frame: Frame, palette: QPalette, font: QFont, dark: bool) -> None:
        """Take over the frame, the colours and the letters."""
        self._frame, self._palette, self._dark = frame, palette, dark
        if font != self._font or self._unit == 4.0:
            self._font, self._unit = QFont(font), QFontMetricsF(font).height() / 4
        self._balls = []

    def ball_at(self, pixel: QPointF) -> int | None:
        """The racer whose ball is under ``pixel``."""
        near = [(QLineF(pixel, place).length(), racer) for racer, place in self._balls]
        closest = min(near, default=(math.inf, 0))
        return closest[1] if closest[0] <= 2.5 * self._unit else None

    def paint_ground(self, painter: QPainter, surface: Surface) -> None:
        """The bowl's axes, and a cross at each minimum."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self._palette.color(QPalette.ColorRole.Text)
        if isinstance(surface, Bowl):
            self._paint_axes(painter, surface, ink)
        painter.setPen(QPen(ink, max(1.5, self._unit / 2.5)))
        size = 1.4 * self._unit
        for x, y in surface.minima()[:_MOST_MINIMA]:
            at = self._frame.pixel(x, y)
            painter.drawLine(QLineF(at.x() - size, at.y(), at.x() + size, at.y()))
            painter.drawLine(QLineF(at.x(), at.y() - size, at.x(), at.y() + size))

    def _paint_axes(self, painter: QPainter, bowl: Bowl, ink: QColor) -> None:
        angle = math.radians(bowl.tilt)
        flat = 0.9 * bowl.view.right
        steep = flat / math.sqrt(bowl.condition)
        faint = QColor(ink)
        faint.setAlphaF(0.55)
        painter.setPen(QPen(faint, 1.2, Qt.PenStyle.DashLine))
        cos, sin = math.cos(angle), math.sin(angle)
        painter.drawLine(QLineF(self._frame.pixel(-flat * cos, -flat * sin), self._frame.pixel(flat * cos, flat * sin)))
        ends = self._frame.pixel(steep * sin, -steep * cos), self._frame.pixel(-steep * sin, steep * cos)
        painter.drawLine(QLineF(*ends))
        painter.save()
        painter.translate(self._frame.pixel(0, 0))
        painter.rotate(-bowl.tilt)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(0, 0), flat / self._frame.unit, steep / self._frame.unit)
        painter.restore()

    def paint_words(self, painter: QPainter, words: str) -> None:
        """A sentence in the middle instead of paths."""
        room = QRectF(0, 0, self._frame.width, self._frame.height).adjusted(
            *(6 * self._unit * s for s in (1, 1, -1, -1))
        )
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        box = QFontMetricsF(self._font).boundingRect(room, int(flags), words)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(box.adjusted(*(2 * self._unit * s for s in (-1, -1, 1, 1))), 4, 4)
        painter.setPen(self._palette.color(QPalette.ColorRole.Text))
        painter.drawText(room, int(flags), words)

    def paint_balls(
        self, painter: QPainter, trails: tuple[Trail, ...], at: int, styles: tuple[RacerStyle, ...]
    ) -> None:
        """Every ball after ``at`` updates, the chosen one last with its arrows."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.ends is not None and len(self.ends) == len(trails):
            self._paint_ends(painter, styles)
        order = [number for number in range(len(trails)) if number != self.chosen]
        if self.chosen < len(trails):
            self._paint_arrows(painter, trails[self.chosen], at)
            order.append(self.chosen)
        for number in order:
            trail, colour = trails[number], QColor(styles[number].colour)
            x, y = trail.points[at, 0]
            place = self._frame.pixel(float(x), float(y))
            lost = int(trail.lost[0])
            if 0 <= lost <= at:
                self._paint_tombstone(painter, place, colour, lost)
            else:
                self._paint_ball(painter, place, colour, number == self.chosen)
            self._balls.append((number, place))

    def _paint_ball(self, painter: QPainter, place: QPointF, colour: QColor, is_chosen: bool) -> None:
        size = (1.75 if is_chosen else 1.25) * self._unit
        painter.setBrush(colour)
        painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Base), self._unit / 2.2))
        painter.drawEllipse(place, size, size)
        if is_chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Text), self._unit / 3.5))
            painter.drawEllipse(place, size + self._unit / 3, size + self._unit / 3)

    def _paint_tombstone(self, painter: QPainter, place: QPointF, colour: QColor, lost: int) -> None:
        """A gravestone at the edge of the picture where the ball has left it, with the update."""
        wide, high = 2.2 * self._unit, 3.2 * self._unit
        metrics = QFontMetricsF(self._font)
        words = grouped(lost)
        room = max(wide, metrics.horizontalAdvance(words) / 2) + self._unit
        x = min(max(place.x(), room), self._frame.width - room)
        y = min(max(place.y(), high + self._unit), self._frame.height - metrics.height() - 1.5 * self._unit)
        stone = QRectF(x - wide, y - high, 2 * wide, 2 * high - 1.2 * self._unit)
        painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Base), self._unit / 2.2))
        painter.setBrush(colour)
        shape = QPolygonF([stone.bottomLeft(), QPointF(stone.left(), stone.top() + wide)])
        for step in range(0, 181, 15):
            turn = math.radians(180 - step)
            shape.append(QPointF(x + wide * math.cos(turn), stone.top() + wide - wide * math.sin(turn)))
        shape.append(stone.bottomRight())
        painter.drawPolygon(shape)
        middle = stone.top() + wide
        painter.drawLine(QLineF(x, middle - 0.8 * self._unit, x, middle + 2.0 * self._unit))
        painter.drawLine(QLineF(x - 0.9 * self._unit, middle, x + 0.9 * self._unit, middle))
        self._paint_label(painter, QPointF(x, stone.bottom() + metrics.height() / 2 + 0.5 * self._unit), words)

    def _paint_label(self, painter: QPainter, middle: QPointF, words: str) -> None:
        metrics = QFontMetricsF(self._font)
        wide = metrics.horizontalAdvance(words) + 1.5 * self._unit
        box = QRectF(middle.x() - wide / 2, middle.y() - metrics.height() / 2, wide, metrics.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._veil())
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(self._palette.color(QPalette.ColorRole.Text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _veil(self) -> QColor:
        veil = QColor(self._palette.color(QPalette.ColorRole.Base))
        veil.setAlphaF(0.82)
        return veil

    def _paint_ends(self, painter: QPainter, styles: tuple[RacerStyle, ...]) -> None:
        assert self.ends is not None
        painter.setPen(QPen(self._palette.color(QPalette.ColorRole.Base), 1))
        size = 0.75 * self._unit
        for style, ends in zip(styles, self.ends, strict=True):
            painter.setBrush(QColor(style.colour))
            for x, y in self._frame.pixels(np.asarray(ends)):
                if -size <= x <= self._frame.width + size and -size <= y <= self._frame.height + size:
                    painter.drawEllipse(QPointF(x, y), size, size)

    # --- Arrows -------------------------------------------------------------------------------------------------

    def _paint_arrows(self, painter: QPainter, trail: Trail, at: int) -> None:
        found = arrows_of(trail, at)
        if found is None:
            return
        factor = found.factor(self._frame.unit)
        if factor > _MOST_MAGNIFIED:
            return
        shown = found.magnified(factor)
        faint = QColor(self._palette.color(QPalette.ColorRole.Text))
        faint.setAlphaF(0.6)
        painter.setPen(QPen(faint, 1.2, Qt.PenStyle.DashLine))
        for begin, end in self._frame.pixels(shown.sides):
            painter.drawLine(QLineF(*begin, *end))
        for arrow in shown.arrows:
            begin, end = self._frame.pixels(np.stack([arrow.begin, arrow.end]))
            self._paint_arrow(painter, QPointF(*begin), QPointF(*end), self._arrow_colour(arrow.kind))
        self._paint_legend(painter, found, factor)

    def _arrow_colour(self, kind: ArrowKind) -> QColor:
        return QColor(_ARROW_COLOURS[kind][self._dark])

    def _paint_arrow(self, painter: QPainter, begin: QPointF, end: QPointF, colour: QColor) -> None:
        line = QLineF(begin, end)
        if not 1.0 < line.length() < 1e5:
            return
        head = min(2.2 * self._unit, line.length())
        turn = math.atan2(line.dy(), line.dx())
        tip = [end] + [
            QPointF(end.x() - head * math.cos(turn + side), end.y() - head * math.sin(turn + side))
            for side in (-0.42, 0.42)
        ]
        shaft = QLineF(begin, QPointF(end.x() - 0.8 * head * math.cos(turn), end.y() - 0.8 * head * math.sin(turn)))
        ground = self._palette.color(QPalette.ColorRole.Base)
        painter.setPen(QPen(ground, 0.7 * self._unit + 2))
        painter.drawLine(shaft)
        painter.setPen(QPen(colour, 0.7 * self._unit))
        painter.drawLine(shaft)
        painter.setPen(QPen(ground, 1))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF(tip))

    def _paint_legend(self, painter: QPainter, arrows: Arrows, factor: float) -> None:
        """Bottom left: what each arrow is, and how it is scaled."""
        font = QFont(self._font)
        if self._frame.height < 100 * self._unit and font.pointSizeF() > 0:
            font.setPointSizeF(0.75 * font.pointSizeF())
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        lines: list[tuple[str, QColor | None]] = [(WORDS[a.kind], self._arrow_colour(a.kind)) for a in arrows.arrows]
        if arrows.is_looking_ahead:
            lines.append(("Ball: the look-ahead point", None))
        if factor != 1.0:
            lines.append((f"Arrows × {short(factor, 3)}", None))
        wide = max(metrics.horizontalAdvance(words) for words, _ in lines) + 9 * self._unit
        line = metrics.height() * 1.1
        box = QRectF(2 * self._unit, 0, wide, line * len(lines) + 2 * self._unit)
        box.moveBottom(self._frame.height - 2 * self._unit)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._veil())
        painter.drawRoundedRect(box, 4, 4)
        for number, (words, colour) in enumerate(lines):
            y = box.top() + self._unit + (number + 0.5) * line
            if colour is not None:
                ends = QPointF(box.left() + 1.5 * self._unit, y), QPointF(box.left() + 6.5 * self._unit, y)
                self._paint_arrow(painter, *ends, colour)
            left = box.left() + (7.5 if colour is not None else 1.5) * self._unit
            painter.setPen(self._palette.color(QPalette.ColorRole.Text if colour is not None else MUTED))
            area = QRectF(left, y - line / 2, wide, line)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
