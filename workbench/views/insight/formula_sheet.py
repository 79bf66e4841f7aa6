"""Paints the lines of a formula: monospaced rows that break at operators, and paragraphs of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.widgets.theme import ERROR, MUTED

_INDENT: Final = 2
#: Monospaced fonts look larger than others of the same size.
_FIXED_SIZE: Final = 0.92
_SIGNS: Final = "0imMxvĝθ√·−=²₁₂Δβε|/()[]"
_MOST_WIDTHS: Final = 500
_TONES: Final = {"text": QPalette.ColorRole.WindowText, "muted": MUTED, "error": ERROR}


@dataclass(frozen=True, slots=True)
class FormulaRow:
    """One paragraph. ``fixed`` rows are monospaced formulas; ``boxed`` ones have a frame. ``gap`` is in lines."""

    text: str
    tone: str = "text"
    fixed: bool = False
    bold: bool = False
    boxed: bool = False
    gap: float = 0.0


class _Font:
    """A font with cached metrics, because each call of Qt takes the GIL from training.

    In a monospaced font a width is computed from the length; widths of other texts are cached.
    """

    def __init__(self, font: QFont, fixed: bool) -> None:
        self.font = font
        metrics = QFontMetricsF(font)
        self.line, self.ascent = metrics.lineSpacing(), metrics.ascent()
        self._metrics = metrics
        self._widths: dict[str, float] = {}
        self._em = metrics.horizontalAdvance("0") if fixed and _is_fixed(metrics) else 0.0

    def width(self, text: str) -> float:
        """The width of ``text`` in pixels."""
        if self._em:
            return self._em * len(text)
        if text not in self._widths:
            if len(self._widths) > _MOST_WIDTHS:
                self._widths.clear()
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]


def _is_fixed(metrics: QFontMetricsF) -> bool:
    """Whether all characters of formulas have one width: a system may have no monospaced font with all of them."""
    return len({round(metrics.horizontalAdvance(sign), 3) for sign in _SIGNS}) == 1


class FormulaSheet(QWidget):
    """Paints the rows. Its height depends on the rule and the width only, not on the numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[FormulaRow, ...] = ()
        self._broken: list[list[str]] = []
        self._fonts: dict[tuple[bool, bool], _Font] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._lay_out()

    def show_rows(self, rows: tuple[FormulaRow, ...]) -> None:
        """Replace the rows."""
        self._rows = rows
        self._lay_out()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if hasattr(self, "_fonts"):
            self._fonts.clear()
            self._lay_out()

    def _margin(self) -> float:
        return self.fontMetrics().height() / 2

    def _font(self, row: FormulaRow) -> _Font:
        kind = (row.fixed, row.bold)
        if kind not in self._fonts:
            self._fonts[kind] = _Font(self._made(row), row.fixed)
        return self._fonts[kind]

    def _made(self, row: FormulaRow) -> QFont:
        font = QFont(self.font())
        if row.fixed:
            font.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
            font.setStyleHint(QFont.StyleHint.Monospace)
            if font.pointSizeF() > 0:
                font.setPointSizeF(_FIXED_SIZE * font.pointSizeF())
            else:
                font.setPixelSize(round(_FIXED_SIZE * font.pixelSize()))
        font.setBold(row.bold)
        return font

    def _lay_out(self) -> None:
        room = self.width() - 2 * self._margin()
        self._broken = [list(_broken(row, self._font(row), room)) for row in self._rows]
        height = round(
            2 * self._margin() + sum(self._height(r, b) for r, b in zip(self._rows, self._broken, strict=True))
        )
        if height != self.minimumHeight():
            self.setMinimumHeight(height)

    def _height(self, row: FormulaRow, lines: list[str]) -> float:
        line = self._font(row).line
        return line * (len(lines) + row.gap + (0.5 if row.boxed else 0.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = left = self._margin()
        for row, lines in zip(self._rows, self._broken, strict=True):
            font = self._font(row)
            colour = self.palette().color(_TONES[row.tone])
            painter.setFont(font.font)
            painter.setPen(colour)
            y = top + row.gap * font.line
            if row.boxed:
                self._paint_box(painter, y, font.line, lines, colour)
            inset = font.line / 4 if row.boxed else 0.0
            for number, text in enumerate(lines):
                painter.drawText(QPointF(left + 2 * inset, y + inset + font.ascent + number * font.line), text)
            top += self._height(row, lines)

    def _paint_box(self, painter: QPainter, top: float, line: float, lines: list[str], colour: QColor) -> None:
        width = self.width() - 2 * self._margin()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, max(1.0, line / 14)))
        painter.drawRoundedRect(QRectF(self._margin(), top, width, line * (len(lines) + 0.5)), line / 4, line / 4)
        painter.setPen(colour)


def _broken(row: FormulaRow, font: _Font, room: float) -> Iterator[str]:
    """The row's text in lines no wider than ``room``. Formulas break before + − =, if need be before · and /."""
    room -= font.line if row.boxed else 0.0
    if font.width(row.text.rstrip(" ")) <= room:
        yield row.text
        return
    line = ""
    for piece in _pieces(row, font, room):
        if line.strip() and font.width((line + piece).rstrip(" ")) > room:
            yield line
            line = " " * _INDENT if row.fixed else ""
        line += piece
    yield line


def _pieces(row: FormulaRow, font: _Font, room: float) -> Iterator[str]:
    if not row.fixed:
        yield from re.split(r"(?<= )", row.text)
        return
    widest = room - font.width(" " * _INDENT)
    for piece in _terms(row.text):
        narrow = font.width(piece.rstrip(" ")) <= widest
        yield from (piece,) if narrow else re.split(r"(?=[·/])", piece)


def _terms(text: str) -> Iterator[str]:
    """Pieces that begin with + − or =, none of them inside a bracket."""
    begun = depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and sign in "+−=" and text[at + 1 : at + 2] == " ":
            yield text[begun:at]
            begun = at
    yield text[begun:]
