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

_INDENT: Final = 4
#: A space that keeps the place of a digit.
ROOM: Final = "\u00a0"
_EQUALS: Final = "="
_SUM: Final = "+−="
_PRODUCT: Final = "·/"
#: Formulas have no more brackets within each other.
_DEEPEST: Final = 4
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
    """The row's text in lines no wider than ``room``; a formula is broken before its outermost signs."""
    room -= font.line if row.boxed else 0.0
    if row.fixed and "=" in row.text:
        yield from map(_with_spaces_behind_terms, _Lines(row.text, font, room).made())
    elif font.width(row.text.rstrip(" ")) <= room:
        yield row.text
    else:
        yield from _filled(row.text, font, room)


def _filled(text: str, font: _Font, room: float) -> Iterator[str]:
    """A sentence, broken at spaces."""
    line = ""
    for word in re.split(r"(?<= )", text):
        if line.strip() and font.width((line + word).rstrip(" ")) > room:
            yield line
            line = ""
        line += word
    yield line


class _Lines:
    """A formula in lines that go on below its equals sign, or further to the left if they are fewer there."""

    def __init__(self, text: str, font: _Font, room: float) -> None:
        self._text, self._font, self._room = text, font, room
        self._indent, self._line = "", ""
        self._done: list[str] = []

    def made(self) -> list[str]:
        """The lines."""
        if self._fits(self._text):
            return [self._text]
        ways = [self._made_with(" " * self._text.find("=")), self._made_with(" " * _INDENT)]
        return min(ways, key=lambda lines: (not all(map(self._fits, lines)), len(lines)))

    def _made_with(self, indent: str) -> list[str]:
        self._indent, self._line, self._done = indent, "", []
        result, *terms = _cut(self._text, 0, _SUM)
        self._fill([result + (terms[0] if terms else ""), *terms[1:]], whole=False)
        return [*self._done, self._line]

    def _fits(self, line: str) -> bool:
        return self._font.width(line.rstrip(" ")) <= self._room

    def _fill(self, parts: list[str], whole: bool) -> None:
        """Append ``parts``. One without room on the line begins a new one; ``whole``: only if it has room there."""
        for part in parts:
            begins = bool(self._line.strip()) and (self._fits(self._indent + part) or not whole)
            if not self._fits(self._line + part) and begins:
                self._done.append(self._line)
                self._line = self._indent
            smaller = [] if self._fits(self._line + part) else _smaller(part)
            if smaller:
                self._fill(smaller, whole=True)
            else:
                self._line += part


def _smaller(text: str) -> list[str]:
    """``text`` cut before its outermost signs, of these first at sums; empty if there is none."""
    cuts = (_cut(text, depth, signs) for depth in range(_DEEPEST) for signs in (_EQUALS, _SUM, _PRODUCT))
    return next((parts for parts in cuts if len(parts) > 1), [])


def _cut(text: str, deepest: int, signs: str) -> list[str]:
    """``text`` in pieces that begin with one of ``signs`` (or a condition) inside at most ``deepest`` brackets."""
    begun = depth = 0
    parts = []
    for at, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        is_binary = sign in _PRODUCT or text[at + 1 : at + 2] == " "
        is_condition = signs is _SUM and text[at - 1 : at] == " " and text.startswith(("if ", "else "), at)
        if at > begun and depth <= deepest and ((sign in signs and is_binary) or is_condition):
            parts.append(text[begun:at])
            begun = at
    return [*parts, text[begun:]]


def _with_spaces_behind_terms(line: str) -> str:
    """The spaces that keep numbers of changing length in place, each behind its term instead of within it."""
    return "".join(map(_with_spaces_last, _cut(line, 0, _SUM)))


def _with_spaces_last(term: str) -> str:
    begin = len(term) - len(term.lstrip(ROOM + " "))
    inner = term[begin:]
    bare = inner.replace(ROOM, "")
    body = bare.rstrip(" ")
    return term[:begin] + body + ROOM * inner.count(ROOM) + bare[len(body) :]
